import { parseArgs } from "node:util";
import { type RulesFile, shippedRules } from "../tests/deploy/rules_file.ts";
import { startPrometheus } from "../tests/e2e/prometheus_server.ts";
import { pause } from "../tests/support/exporter.ts";
import { countSeries, recordExpositions } from "./fleet/expositions.ts";
import { type Cost, costOf, type Moment, readMoment } from "./fleet/figures.ts";
import { writeHistory } from "./fleet/history.ts";
import { serveHosts } from "./fleet/hosts.ts";

const VARIANTS = 5;
const POLL_SECONDS = 10;

/** What is measured: how many hosts, of which shape, scraped how often and for how long (seconds). */
export interface FleetOptions {
  readonly hosts: number;
  readonly backups: number;
  readonly maxSeries: number;
  readonly interval: number;
  /** Left out at the start: the first scrapes, the first evaluation of each rule. */
  readonly warmUp: number;
  readonly seconds: number;
  /** Days of the past that are there from the start, since some rules look back a week. */
  readonly historyDays: number;
}

/** What the hosts cost one Prometheus with the shipped rules. */
export async function measureFleet(options: FleetOptions): Promise<Cost & { readonly seriesPerHost: number }> {
  const { hosts, interval, warmUp, seconds, historyDays } = options;
  const expositions = await recordExpositions(options, Math.min(hosts, VARIANTS));
  const now = Date.now() / 1000;
  await using served = serveHosts(expositions, hosts);
  await using prometheus = await startPrometheus({
    rules: [JSON.stringify(everyIntervalRules())],
    interval: `${interval}s`,
    targets: Array.from({ length: hosts }, (_, host) => ({
      address: served.address,
      path: `/${host}/metrics`,
      labels: { instance: `host-${host}` },
    })),
    fill: (dataFolder) => writeHistory(dataFolder, { hosts, days: historyDays, now }),
  });
  await pause(warmUp * 1000);
  const moments: Moment[] = [await readMoment(prometheus.url)];
  const started = performance.now();
  while (performance.now() - started < seconds * 1000) {
    await pause(POLL_SECONDS * 1000);
    moments.push(await readMoment(prometheus.url));
  }
  const scraped = await prometheus.query("sum(up)");
  if (Number(scraped[0]?.value[1]) !== hosts) throw new Error(`not all ${hosts} hosts were scraped`);
  const perHost = expositions.reduce((sum, text) => sum + countSeries(text), 0) / expositions.length;
  return { ...costOf(hosts, moments, (performance.now() - started) / 1000), seriesPerHost: perHost };
}

/** The shipped rules with all groups evaluated at each interval, so that the seldom ones are measured, too. */
function everyIntervalRules(): RulesFile {
  return { groups: shippedRules().groups.map(({ name, rules }) => ({ name, rules })) };
}

/** The costs as a table in Markdown. */
export function costTable(costs: readonly (Cost & { readonly seriesPerHost: number })[]): string {
  const mega = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  const rows = costs.map((cost) =>
    [
      cost.hosts,
      Math.round(cost.seriesPerHost),
      cost.series,
      Math.round(cost.samplesPerSecond),
      mega(cost.residentBytes),
      mega(cost.heapBytes),
      `${(cost.cpu * 100).toFixed(1)} %`,
      cost.ruleSeconds.map((seconds) => `${(seconds * 1000).toFixed(0)} ms`).join(" to "),
      `${cost.slowestGroup.name} ${(cost.slowestGroup.seconds * 1000).toFixed(0)} ms`,
      cost.troubles,
    ].join(" | ")
  );
  const head =
    "hosts | series per exporter | series in all | samples/s | resident, peak | heap, mean | CPU of one core | " +
    "all rules once | slowest group | failed or missed evaluations";
  return [head, head.replaceAll(/[^|]+/g, " --- "), ...rows].map((row) => `| ${row.trim()} |\n`).join("");
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      hosts: { type: "string", default: "1,200" },
      backups: { type: "string", default: "30" },
      "max-series": { type: "string", default: "0" },
      interval: { type: "string", default: "30" },
      "warm-up": { type: "string", default: "180" },
      seconds: { type: "string", default: "240" },
      "history-days": { type: "string", default: "8" },
    },
  });
  const costs = [];
  for (const hosts of values.hosts.split(",").map(Number)) {
    costs.push(
      await measureFleet({
        hosts,
        backups: Number(values.backups),
        maxSeries: Number(values["max-series"]),
        interval: Number(values.interval),
        warmUp: Number(values["warm-up"]),
        seconds: Number(values.seconds),
        historyDays: Number(values["history-days"]),
      }),
    );
  }
  await Deno.stdout.write(new TextEncoder().encode(costTable(costs)));
}
