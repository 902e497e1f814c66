import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { atOnce, type Clock } from "../../src/base/clock.ts";
import { counter, gauge } from "../../src/base/family.ts";
import { createExposition, type Exposition } from "../../src/metrics/exposition.ts";
import { renderFragments } from "../../src/metrics/fragment.ts";
import { type ClusterPart, createMerger, type Merger, renderTexts } from "../../src/metrics/merged.ts";
import { parseExposition } from "../support/exposition_parser.ts";

interface Merged {
  readonly exposition: Exposition;
  readonly merger: Merger;
  /** Monotonic and wall-clock time, milliseconds. */
  time: number;
}

/** A merger that shows what it makes in an exposition. */
async function merging(): Promise<Merged> {
  const moment = { time: 1000 };
  const clock: Clock = {
    now: () => moment.time,
    monotonic: () => moment.time,
    sleep: (ms, signal) => {
      const due = moment.time + ms;
      return new Promise((resolve) => {
        const timer: ReturnType<typeof setInterval> = setInterval(() => {
          if (moment.time < due && !signal?.aborted) return;
          clearInterval(timer);
          resolve();
        }, 1);
      });
    },
  };
  const exposition = createExposition({ clock, moreSeries: () => [] });
  const { text, openmetrics } = await renderFragments([gauge("walg_of_all", "help", [{ value: 7 }])], atOnce);
  const more = [{ fragments: { text, openmetrics }, live: undefined, expires: undefined }];
  const merger = createMerger({ clock, pace: () => atOnce, more, onParts: exposition.show, onFault: assert.ifError });
  return Object.assign(moment, { exposition, merger });
}

/** What is drawn of a cluster: the values of a family's series, of a counter, and of a live series. */
interface Drawn {
  readonly series: readonly number[];
  readonly errors: number;
  readonly live: number | undefined;
}

async function partsOf(cluster: string, { series, errors, live }: Drawn, expires?: number): Promise<ClusterPart[]> {
  const samples = series.map((value, n) => ({ labels: { backup_name: `base_${n}` }, value }));
  const families = [
    gauge("walg_size", "help", samples, ["backup_name"]),
    counter("walg_x_total", "help", [{ value: errors }]),
  ];
  const made = live === undefined ? undefined : () => [gauge("walg_window", "help", [{ value: live }])];
  return [{ ...await renderTexts(cluster, families, atOnce), live: made, expires }];
}

/** Everything that an exposition shows: series by name and labels. */
function read(exposition: Exposition, format: "text" | "openmetrics", gzip: boolean): Map<string, number> {
  const body = exposition.body(format, gzip);
  const families = parseExposition(new TextDecoder().decode(gzip ? gunzipSync(body) : body), format);
  const all = new Map<string, number>();
  for (const { series } of families.values()) {
    for (const { name, labels, value } of series) {
      all.set(`${name} ${labels["cluster"]} ${labels["backup_name"]}`, value);
    }
  }
  return all;
}

function expected(clusters: ReadonlyMap<string, Drawn>): Map<string, number> {
  const all = new Map([["walg_of_all undefined undefined", 7]]);
  for (const [cluster, { series, errors, live }] of clusters) {
    for (const [n, value] of series.entries()) all.set(`walg_size ${cluster} base_${n}`, value);
    all.set(`walg_x_total ${cluster} undefined`, errors);
    if (live !== undefined) all.set(`walg_window ${cluster} undefined`, live);
  }
  return all;
}

const sorted = (series: ReadonlyMap<string, number>): unknown => [...series].toSorted(([a], [b]) => a < b ? -1 : 1);

const FORMATS = [["text", false], ["text", true], ["openmetrics", false], ["openmetrics", true]] as const;

Deno.test("no series of one cluster ever shows another's value, however they come, change and go", async () => {
  const name = fc.integer({ min: 0, max: 40 }).map((n) => `c${n}`);
  const drawn = fc.record({
    series: fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 5 }),
    errors: fc.nat(1000),
    live: fc.option(fc.nat(1000), { nil: undefined }),
  });
  const step = fc.record({ name, drawn: fc.option(drawn, { nil: undefined }), waits: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { merger, exposition } = await merging();
      const clusters = new Map<string, Drawn>();
      for (const { name, drawn, waits } of steps) {
        if (drawn === undefined) {
          merger.remove(name);
          clusters.delete(name);
        } else {
          merger.set(name, await partsOf(name, drawn));
          clusters.set(name, drawn);
        }
        if (!waits) continue;
        await merger.settled();
        for (const [format, gzip] of FORMATS) {
          assert.deepEqual(sorted(read(exposition, format, gzip)), sorted(expected(clusters)));
        }
      }
      await merger.settled();
      for (const [format, gzip] of FORMATS) {
        assert.deepEqual(sorted(read(exposition, format, gzip)), sorted(expected(clusters)));
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("each family has one HELP and one TYPE, and all clusters' series follow it", async () => {
  const { merger, exposition } = await merging();
  for (let n = 0; n < 50; n++) {
    merger.set(`c${n}`, await partsOf(`c${n}`, { series: n % 3 === 0 ? [] : [n], errors: n, live: n }));
  }
  await merger.settled();
  const lines = new TextDecoder().decode(exposition.body("openmetrics", false)).split("\n");
  const heads = lines.flatMap((line, index) => line.startsWith("# TYPE") ? [[index, line] as const] : []);
  assert.deepEqual(heads.map(([, line]) => line), [
    "# TYPE walg_size gauge",
    "# TYPE walg_x counter",
    "# TYPE walg_of_all gauge",
    "# TYPE walg_window gauge",
  ]);
  assert.deepEqual(heads.map(([index], n) => (heads[n + 1]?.[0] ?? lines.length - 1) - index), [35, 52, 3, 52]);
});

Deno.test("a list of a cluster that is large by itself is shown whole, and again after another one changed", async () => {
  const { merger, exposition } = await merging();
  const clusters = new Map<string, Drawn>();
  const many = Array.from({ length: 9000 }, (_, n) => n);
  for (const [name, series] of [["a", [1]], ["large", many], ["z", [2]]] as const) {
    clusters.set(name, { series, errors: 0, live: undefined });
  }
  for (const [name, drawn] of clusters) merger.set(name, await partsOf(name, drawn));
  await merger.settled();
  clusters.set("a", { series: [3, 4], errors: 1, live: 5 });
  merger.set("a", await partsOf("a", { series: [3, 4], errors: 1, live: 5 }));
  await merger.settled();
  for (const [format, gzip] of FORMATS) {
    assert.deepEqual(read(exposition, format, gzip), expectedIn(exposition, clusters));
  }
});

function expectedIn(exposition: Exposition, clusters: ReadonlyMap<string, Drawn>): Map<string, number> {
  const all = expected(clusters);
  return new Map([...read(exposition, "text", false).keys()].map((key) => [key, all.get(key) ?? NaN]));
}

Deno.test("only what changed is made anew: the pieces of other groups and families stay the very same", async () => {
  const shown: Uint8Array[][] = [];
  const other = createMerger({
    clock: { now: () => 0, monotonic: () => 0, sleep: () => new Promise(() => {}) },
    pace: () => atOnce,
    more: [],
    onParts: (parts) => shown.push(parts.map(({ fragments }) => fragments.text.deflated)),
    onFault: assert.ifError,
  });
  for (let n = 0; n < 40; n++) other.set(`c${n}`, await partsOf(`c${n}`, { series: [n], errors: n, live: n }));
  await other.settled();
  other.set("c20", await partsOf("c20", { series: [20], errors: 21, live: 20 }));
  await other.settled();
  const [before = [], after = []] = shown.slice(-2);
  // Two headers, three groups of each family, and the live part: one chunk of the counter is new.
  assert.equal(after.length, 9);
  assert.equal(after.filter((piece, index) => piece !== before[index]).length, 1);
});

Deno.test("what has expired is gone, the live series at once, and comes back with a new answer", async () => {
  const merged = await merging();
  const { merger, exposition } = merged;
  const drawn = { series: [1], errors: 0, live: 3 };
  merger.set("old", await partsOf("old", drawn, 1500));
  merger.set("young", await partsOf("young", drawn, 9000));
  await merger.settled();
  assert.deepEqual(
    sorted(read(exposition, "text", true)),
    sorted(expected(new Map([["old", drawn], ["young", drawn]]))),
  );
  merged.time = 1600;
  assert.equal(read(exposition, "text", true).has("walg_window old undefined"), false);
  const young = sorted(expected(new Map([["young", drawn]])));
  for (let tries = 0; tries < 500 && read(exposition, "text", true).has("walg_size old base_0"); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.deepEqual(sorted(read(exposition, "text", true)), young);
  merger.set("old", await partsOf("old", drawn, 5000));
  await merger.settled();
  assert.equal(read(exposition, "text", true).has("walg_size old base_0"), true);
  merged.time = 100_000;
  await new Promise((resolve) => setTimeout(resolve, 20));
});
