import assert from "node:assert/strict";
import type { Log } from "../../src/base/log.ts";
import { atOnce } from "../../src/base/clock.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import { backupList } from "../../src/operations/backup_list.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { startLoop } from "../../src/operations/scheduler.ts";
import { createStore, freshState, type Outcome, outcomeOf } from "../../src/operations/state.ts";
import { storageCheck } from "../../src/operations/storage_check.ts";
import { changed } from "../support/state.ts";
import { collectState, exposing, standinConfig } from "../support/in_process.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { WalgError } from "../../src/walg/failure.ts";
import { createManualClock, type ManualClock } from "./manual_clock.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-11-23T05:00:00Z");
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Watched {
  readonly clock: ManualClock;
  /** When each run started: monotonic milliseconds. */
  readonly starts: number[];
  readonly outcome: () => Outcome<string>;
  fail(fails: boolean): void;
  stop(): Promise<void>;
}

/** A loop of an operation that takes no time or hangs, on a clock moved by hand; a minute's interval. */
function watch(
  { operation = backupList, random = 0, fails = false, hangs = false, clock = createManualClock(START) }: {
    operation?: Operation<unknown>;
    random?: number;
    fails?: boolean;
    hangs?: boolean;
    clock?: ManualClock;
  } = {},
): Watched {
  const starts: number[] = [];
  const stop = new AbortController();
  const timeless: Operation<string> = {
    ...operation,
    collect() {
      starts.push(clock.monotonic());
      if (hangs) return new Promise<string>((resolve) => stop.signal.addEventListener("abort", () => resolve("late")));
      if (fails) return Promise.reject(new WalgError({ type: "network", message: "no route" }));
      return Promise.resolve("answer");
    },
    check: { ...operation.check, fine: () => "" },
    doctor: { ...operation.doctor, fine: () => "" },
    families: () => [],
    live: () => undefined,
  };
  const store = createStore(freshState([timeless]), () => {});
  const loop = startLoop(timeless, {
    config: standinConfig({ [`${operation.name}.scrape-interval`]: "1m" }),
    clock,
    log: SILENT,
    random: () => random,
    store,
    pace: () => atOnce,
    onOutOfDescriptors: () => {},
    signal: stop.signal,
  });
  return {
    clock,
    starts,
    outcome: () => outcomeOf(store.state, timeless),
    fail: (value) => fails = value,
    async stop() {
      stop.abort();
      await clock.advance(0);
      await loop.ended;
    },
  };
}

Deno.test("the first run is at once, those after it on the cadence", async () => {
  const loop = watch();
  await loop.clock.advance(5 * 60_000);
  assert.deepEqual(loop.starts, [0, 1, 2, 3, 4, 5].map((n) => n * 60_000));
  await loop.stop();
});

for (const [what, jump] of [["back", -DAY], ["forward", DAY]] as const) {
  Deno.test(`a wall clock that jumps ${what} by a day moves no run`, async () => {
    const loop = watch();
    await loop.clock.advance(90_000);
    loop.clock.jump(jump);
    await loop.clock.advance(210_000);
    assert.deepEqual(loop.starts, [0, 1, 2, 3, 4, 5].map((n) => n * 60_000));
    await loop.stop();
  });

  Deno.test(`a wall clock that jumps ${what} by a day makes no window negative and ages no answer`, async () => {
    const clock = createManualClock(START);
    // The stand-in is a real process, so it needs real time: only what is shown is on this clock.
    const collected = await collectState("wal-g-3.0.9/two-timelines");
    const config = standinConfig({ "snapshot.max-age": "1h" });
    const state = collected.operations.reduce(
      (before, operation) =>
        changed(before, operation, (outcome) => {
          assert.ok(outcome.snapshot);
          return { ...outcome, snapshot: { ...outcome.snapshot, monotonic: 0 } };
        }),
      collected,
    );
    const exposition = await exposing(state, config, clock);
    const shown = (): Map<string, number> =>
      new Map(
        [...parseExposition(new TextDecoder().decode(exposition.body("text", false))).values()]
          .flatMap(({ name, series }) =>
            series.map(({ labels, value }) => [`${name}${JSON.stringify(labels)}`, value])
          ),
      );
    const before = shown();
    clock.jump(jump * 400);
    const after = shown();
    assert.deepEqual([...after.keys()], [...before.keys()]);
    for (const [name, value] of after) {
      if (name.includes("_window_seconds")) assert.ok(value >= 0, `${name} ${value}`);
      // Backups are dated by the clock of day: by that of now, they are old, or of the future.
      else if (name.startsWith("walg_problem")) assert.ok([0, 1, 2].includes(value), name);
      else assert.equal(value, before.get(name), name);
    }
    await clock.advance(3_600_001);
    assert.ok(![...shown().keys()].some((name) => name.startsWith("walg_backup_info")), "too old by monotonic time");
  });
}

Deno.test("a machine that slept runs once when it wakes, not once for each run it missed", async () => {
  const loop = watch();
  await loop.clock.advance(30_000);
  await loop.clock.suspend(10 * 60_000);
  await loop.clock.advance(60_000);
  assert.deepEqual(loop.starts.map((start) => start / 60_000), [0, 10.5, 11]);
  await loop.stop();
});

Deno.test("hosts that start together spread: each keeps its own phase of at most a tenth of the interval", async () => {
  const phases: number[] = [];
  for (const random of [0, 0.25, 0.5, 0.999]) {
    const loop = watch({ random });
    await loop.clock.advance(4 * 60_000);
    const [first, ...later] = loop.starts;
    assert.equal(first, 0);
    const phase = (later[0] ?? 0) % 60_000;
    assert.deepEqual(later.map((start) => start % 60_000), later.map(() => phase), "the phase lasts");
    assert.ok(phase >= 0 && phase <= 6000, `${phase}`);
    phases.push(phase);
    await loop.stop();
  }
  assert.deepEqual(phases.map(Math.round), [0, 1500, 3000, 5994]);
});

Deno.test("failures stretch the interval to 1, 1, 2, 4, 4 and one success brings it back", async () => {
  const loop = watch({ fails: true });
  await loop.clock.advance(16 * 60_000);
  assert.deepEqual(loop.starts.map((start) => start / 60_000), [0, 1, 3, 7, 11, 15]);
  loop.fail(false);
  await loop.clock.advance(6 * 60_000);
  assert.deepEqual(loop.starts.slice(6).map((start) => start / 60_000), [19, 20, 21, 22]);
  await loop.stop();
});

Deno.test("the storage check never backs off", async () => {
  const loop = watch({ operation: storageCheck, fails: true });
  await loop.clock.advance(10 * 60_000);
  assert.equal(loop.starts.length, 11);
  assert.equal(loop.outcome().failuresInARow, 11);
  await loop.stop();
});

Deno.test("one operation that fails and one that hangs leave the third on its cadence", async () => {
  const clock = createManualClock(START);
  const loops = [
    watch({ clock, fails: true }),
    watch({ clock, operation: walVerify, hangs: true }),
    watch({ clock, operation: storageCheck }),
  ];
  await clock.advance(20 * 60_000);
  const minutes = loops.map(({ starts }) => starts.map((start) => start / 60_000));
  assert.deepEqual(minutes, [[0, 1, 3, 7, 11, 15, 19], [0], Array.from({ length: 21 }, (_, minute) => minute)]);
  for (const loop of loops) await loop.stop();
});
