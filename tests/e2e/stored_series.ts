import { parseExposition, seriesKey } from "../support/exposition_parser.ts";
import { pause } from "../support/exporter.ts";
import type { PrometheusServer } from "./prometheus_server.ts";

/** What Prometheus adds to each scrape by itself. */
const ITS_OWN = /^(up|scrape_.*)$/;

/** The series that Prometheus shows now for an instance, by their key, without the labels it adds and its own series. */
export async function storedSeries(prometheus: PrometheusServer, instance: string): Promise<Map<string, number>> {
  const samples = await prometheus.query(`{instance="${instance}"}`);
  return new Map(
    samples.flatMap(({ metric, value: [, value] }) => {
      const { __name__: name = "", instance: _, job: __, ...labels } = metric;
      return ITS_OWN.test(name) ? [] : [[seriesKey({ name, labels }), Number(value)] as const];
    }),
  );
}

/** The series of an exposition by their key; to Prometheus an empty label is none. */
export function servedSeries(text: string): Map<string, number> {
  const series = [...parseExposition(text).values()].flatMap((family) => family.series);
  return new Map(series.map(({ name, labels, value }) => {
    const filled = Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== ""));
    return [seriesKey({ name, labels: filled }), value];
  }));
}

/** The value of a query that has one sample; undefined where it has none. */
export async function valueOf(prometheus: PrometheusServer, expr: string): Promise<number | undefined> {
  const samples = await prometheus.query(expr);
  if (samples.length > 1) throw new Error(`${samples.length} samples: ${expr}`);
  return samples[0] === undefined ? undefined : Number(samples[0].value[1]);
}

/** Waits until a query has this value (undefined: no sample). */
export async function comesTo(prometheus: PrometheusServer, expr: string, wanted: number | undefined): Promise<void> {
  let value: number | undefined;
  for (let tries = 0; tries < 100; tries++) {
    value = await valueOf(prometheus, expr);
    if (value === wanted) return;
    await pause(200);
  }
  throw new Error(`not ${wanted} within 20 s but ${value}: ${expr}`);
}

/** Prometheus' own counters of samples that it did not store as they came. */
export async function rejectedSamples(prometheus: PrometheusServer): Promise<Map<string, number>> {
  const text = await (await fetch(`${prometheus.url}/metrics`)).text();
  const counters = text.matchAll(
    /^(prometheus_target_scrapes_(?:sample_\w+|exceeded_\w+)_total|prometheus_tsdb_\w*out_of_(?:order|bound)\w*_total)(?:\{[^}]*\})? (\S+)$/gm,
  );
  return new Map([...counters].map(([, name = "", value]) => [name, Number(value)]));
}
