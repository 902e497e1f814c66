import assert from "node:assert/strict";
import { costTable } from "../../tools/fleet.ts";
import { countSeries, recordExpositions } from "../../tools/fleet/expositions.ts";
import { costOf, type Moment } from "../../tools/fleet/figures.ts";
import { seriesOfExporter } from "../../tools/fleet/formula.ts";
import { renderAt, serveHosts, splitMoving } from "../../tools/fleet/hosts.ts";
import { ROOT } from "../support/paths.ts";
import { parseExposition } from "../support/exposition_parser.ts";

const EXPOSITION = [
  "# HELP walg_storage_up Whether the storage answers.",
  "# TYPE walg_storage_up gauge",
  "walg_storage_up 1",
  "# HELP walg_recovery_window_seconds The window.",
  "# TYPE walg_recovery_window_seconds gauge",
  "walg_recovery_window_seconds 1000.5",
  "",
].join("\n");

Deno.test("a simulated host shows the recorded series, the moving ones moved on", () => {
  const text = renderAt(splitMoving(EXPOSITION), 90);
  assert.match(text, /^walg_storage_up 1$/m);
  assert.match(text, /^walg_recovery_window_seconds 1090.5$/m);
  assert.equal(text.split("\n").length, EXPOSITION.split("\n").length);
});

Deno.test("one process serves many hosts, each its own recording, and no more than asked for", async () => {
  await using served = serveHosts([EXPOSITION, EXPOSITION.replace("up 1", "up 0")], 3);
  const up = async (host: number): Promise<number | undefined> => {
    const response = await fetch(`http://${served.address}/${host}/metrics`);
    const text = await response.text();
    return response.ok ? parseSample(text) : undefined;
  };
  assert.deepEqual([await up(0), await up(1), await up(2), await up(3)], [1, 0, 1, undefined]);
});

Deno.test("the cost is what came between the first and the last moment", () => {
  const moment: Moment = {
    series: 100,
    samples: 1000,
    cpuSeconds: 2,
    residentBytes: 50e6,
    heapBytes: 10e6,
    ruleSeconds: { a: 0.25, b: 0.5 },
    troubles: 0,
  };
  const later: Moment = {
    ...moment,
    series: 110,
    samples: 4000,
    cpuSeconds: 5,
    residentBytes: 60e6,
    heapBytes: 20e6,
    ruleSeconds: { a: 1, b: 0.25 },
    troubles: 1,
  };
  const cost = costOf(7, [moment, later], 30);
  assert.deepEqual(cost, {
    hosts: 7,
    series: 110,
    samplesPerSecond: 100,
    cpu: 0.1,
    residentBytes: 60e6,
    heapBytes: 15e6,
    ruleSeconds: [0.75, 1.25],
    slowestGroup: { name: "a", seconds: 1 },
    troubles: 1,
  });
  assert.match(
    costTable([{ ...cost, seriesPerHost: 14 }]),
    /^\| 7 \| 14 \| 110 \| 100 \| 60 MB \| 15 MB \| 10\.0 % \|/m,
  );
  assert.throws(() => costOf(1, [], 1), /no moment/);
});

Deno.test("the formula counts what a real exporter shows, and docs/fleet.md gives the same", async () => {
  for (const { backups, maxSeries } of [{ backups: 30, maxSeries: 0 }, { backups: 60, maxSeries: 10 }]) {
    const [exposition = ""] = await recordExpositions({ backups, maxSeries }, 1);
    const timelines = new Set([...exposition.matchAll(/timeline_id="(\d+)"/g)].map(([, id]) => id)).size;
    const shape = { shown: maxSeries || backups, timelines, storages: 1, limited: maxSeries > 0 };
    assert.equal(countSeries(exposition), seriesOfExporter(shape));
  }
  const [fixed, timeline, backup] = [{ timelines: 0, shown: 0 }, { timelines: 1, shown: 0 }, { timelines: 0, shown: 1 }]
    .map((shape) => seriesOfExporter({ storages: 1, limited: false, ...shape }));
  assert.ok(fixed !== undefined && timeline !== undefined && backup !== undefined);
  const text = await Deno.readTextFile(`${ROOT}/docs/fleet.md`);
  assert.ok(text.includes(`${fixed} + ${timeline - fixed} · timelines + (${backup - fixed - 1} + storages) · backups`));
});

function parseSample(text: string): number | undefined {
  return parseExposition(text).get("walg_storage_up")?.series[0]?.value;
}
