import assert from "node:assert/strict";
import fc from "fast-check";
import { drawTimeline, markBackups } from "../../src/web/page/timeline/drawing.ts";
import { createTimeScale, LEFT, RIGHT, type Tick, ticksOf } from "../../src/web/page/timeline/time_axis.ts";
import { layWal, type Strip } from "../../src/web/page/timeline/wal.ts";
import type { BackupRecovery } from "../../src/recovery/recovery.ts";
import { recover } from "../../src/recovery/recover.ts";
import { PAGE_SCENARIOS } from "../e2e/page_scenarios.ts";
import { statusAt } from "../status/scenario.ts";
import { aBackup, aVerify, MiB } from "../recovery/builders.ts";

const SIZE = 16 * MiB;
const START = Date.parse("2026-11-20T00:00:00Z");
const [SECOND, HOUR, DAY] = [1000, 3_600_000, 86_400_000];

const events = fc.array(fc.nat(4 * 365 * 86_400), { minLength: 1, maxLength: 60 })
  .map((seconds) => seconds.map((second) => START + second * SECOND).toSorted((a, b) => a - b));

Deno.test("time scale: order is kept, everything is on the drawing, the ends at its ends", () => {
  fc.assert(
    fc.property(events, (times) => {
      const scale = createTimeScale(times);
      const places = times.map(scale.at);
      places.forEach((place, index) => assert.ok(place >= (places[index - 1] ?? LEFT) - 1e-9 && place <= RIGHT + 1e-9));
      assert.equal(places[0], LEFT);
      if (times.at(-1) !== times[0]) assert.ok(Math.abs((places.at(-1) ?? 0) - RIGHT) < 1e-6);
    }),
    { examples: [[[0, 0, 1, 34].map((second) => START + second * SECOND)], [[START, START, START + SECOND]]] },
  );
});

Deno.test("time scale: backups seconds apart are told apart although they are hours old", () => {
  const times = [0, 5, 10, 15].map((second) => START + second * SECOND);
  const scale = createTimeScale([...times, START + 3 * HOUR]);
  const places = times.map(scale.at);
  places.slice(1).forEach((place, index) => assert.ok(place - (places[index] ?? 0) > 20));
  assert.equal(scale.pieces.filter(({ broken }) => broken).length, 1);
});

Deno.test("time scale: an even rhythm is not cut", () => {
  for (const step of [SECOND, HOUR, 30 * DAY]) {
    const scale = createTimeScale(Array.from({ length: 8 }, (_, index) => START + index * step));
    assert.equal(scale.pieces.length, 1);
  }
  assert.equal(createTimeScale([START, START + DAY, START + DAY + 2 * HOUR]).pieces.length, 1);
});

Deno.test("time axis: labels never stand on each other, and there is one at least", () => {
  fc.assert(fc.property(events, (times) => {
    const ticks = ticksOf(createTimeScale(times));
    assert.ok(ticks.length >= 1 && ticks.length <= 12);
    apart(ticks, 7.6);
    apart(ticks.filter(({ narrow }) => narrow), 30);
    assert.notEqual(ticks[0]?.label, "");
    assert.ok(ticks[0]?.narrow);
  }));
});

/** That labels of a width do not overlap: at the sides they stand on the inner side of their ticks. */
function apart(ticks: ReturnType<typeof ticksOf>, width: number): void {
  const left = ({ at, anchor }: Tick): number =>
    anchor === "start" ? at : anchor === "end" ? at - width : at - width / 2;
  ticks.slice(1).forEach((tick, index) => {
    const before = ticks[index];
    assert.ok(before !== undefined && left(tick) >= left(before) + width - 1e-9, JSON.stringify([before, tick]));
  });
}

Deno.test("time axis: labels fit the span, in UTC", () => {
  const labels = (count: number, step: number): readonly string[] =>
    ticksOf(createTimeScale(Array.from({ length: count }, (_, index) => START + index * step))).map(({ label }) =>
      label
    );
  assert.deepEqual(labels(7, 10 * SECOND).slice(0, 3), ["00:00:00", "00:00:10", "00:00:20"]);
  assert.deepEqual(labels(9, HOUR).slice(0, 3), ["00:00", "01:00", "02:00"]);
  assert.deepEqual(labels(7, DAY), ["Nov 20", "Nov 21", "Nov 22", "Nov 23", "Nov 24", "Nov 25", "Nov 26"]);
});

/** Backups in the given segments, an hour apart, and the WAL that `statuses` tells. */
function lay(statuses: readonly string[], numbers: readonly number[], until = numbers.length): readonly Strip[] {
  const backups = numbers.map((number, index) =>
    aBackup({ timeline: 1, number, size: SIZE, finishTime: START + index * HOUR + SECOND })
  );
  const recovery = recover({ backups, verify: aVerify([{ timeline: 1, first: 1, statuses }], SIZE) });
  const verified = START + until * HOUR;
  const scale = createTimeScale([...numbers.map((_, index) => START + index * HOUR + SECOND), verified]);
  return layWal({ recovery, newestFirst: recovery.backups.toReversed(), askedTime: verified }, scale).strips;
}

Deno.test("WAL strips: holes are holes, the tail waits, and it all joins", () => {
  const [F, U] = ["FOUND", "MISSING_UPLOADING"];
  const strips = lay([F, F, U, F, F, "MISSING_LOST", F, U, U], [1, 5, 7]);
  assert.deepEqual(strips.map(({ kind, segments, first }) => [kind, segments, first.slice(-1)]), [
    ["present", 0, "1"],
    ["hole", 1, "3"],
    ["present", 0, "4"],
    ["hole", 1, "6"],
    ["present", 0, "7"],
    ["waiting", 2, "8"],
  ]);
  strips.slice(1).forEach(({ left }, index) => assert.equal(left, strips[index]?.right));
});

Deno.test("WAL strips: between two backups the WAL is spread evenly", () => {
  const [found, hole] = lay(["FOUND", "FOUND", "MISSING_LOST", "FOUND", "FOUND", "FOUND"], [1, 5]);
  assert.ok(found && hole);
  const middle = (hole.left + hole.right) / 2;
  const scale = createTimeScale([START + SECOND, START + HOUR + SECOND, START + 2 * HOUR]);
  // Segment 3 is the third of the four that were written in the first hour.
  assert.ok(Math.abs(middle - scale.at(START + 0.625 * HOUR)) < 0.3, `${middle}`);
});

Deno.test("WAL strips: what came after a backup stands after it", () => {
  const strips = lay(["FOUND", "FOUND", "FOUND", "MISSING_LOST", "MISSING_UPLOADING"], [1, 2]);
  const waiting = strips.find(({ kind }) => kind === "waiting");
  const finish = createTimeScale([START + SECOND, START + HOUR + SECOND, START + 2 * HOUR]).at(START + HOUR + SECOND);
  assert.ok(waiting !== undefined && waiting.left > finish, `${waiting?.left} after ${finish}`);
  assert.equal(waiting.segments, 2);
});

Deno.test("WAL strips: 100,000 ranges are a drawing of at most some hundred", () => {
  const statuses = Array.from({ length: 100_000 }, (_, index) => index % 2 === 0 ? "FOUND" : "MISSING_LOST");
  const strips = lay([...statuses, "FOUND"], [1, 50_000, 100_001]);
  assert.ok(strips.length < 600, `${strips.length} strips`);
  assert.equal(strips.reduce((sum, { segments }) => sum + segments, 0), 50_000);
});

Deno.test("backup marks: each backup stands in exactly one mark; arcs join different ones", () => {
  fc.assert(fc.property(events, fc.nat(), (times, seed) => {
    const backups = times.map((finishTime, index) => {
      const parent = index > 0 && (seed + index) % 3 !== 0 ? `base_${index - 1}` : "";
      return { ...aBackup({ timeline: 1, number: index + 1, size: SIZE, finishTime }), name: `base_${index}`, parent };
    });
    const entries = backups.map((backup): BackupRecovery => ({
      backup,
      restorable: true,
      reason: "",
      code: "restorable",
    }))
      .reverse();
    const { marks, arcs, arcsLeftOut } = markBackups(entries, createTimeScale(times));
    assert.deepEqual(marks.flatMap((mark) => mark.backups), entries);
    assert.equal(arcsLeftOut, 0);
    for (const { from, to } of arcs) assert.ok(from.at <= to.at && from.row === -1 && to.row === -1);
  }));
});

/** What each sign of the drawing has as its key in the legend, by what only that sign has in it. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  full: /class="mark[^>]*><title>[^<]*<\/title>\s*<rect/,
  delta: /class="mark[^>]*><title>[^<]*<\/title>\s*<circle|class="arc"/,
  bad: /class="mark bad/,
  unsure: /class="mark unsure/,
  mixed: /class="arc mixed/,
  wal: /<rect class="wal"/,
  striped: /class="(?:wal|edge|window)-stripes"/,
  hole: /<g class="hole"/,
  unlisted: /<g class="unsure"/,
  waiting: /<g class="waiting"/,
  branch: /class="lane"/,
  switch: /class="switch"/,
  count: /<text y="-10">/,
  window: /class="window"/,
  reach: /class="reach/,
};

Deno.test("legend: each sign that is drawn is in it, and no other", async (t) => {
  const seen = new Set<string>();
  for (const [name, { state, now }] of Object.entries(PAGE_SCENARIOS)) {
    if (name === "generated-10000") continue;
    await t.step(name, async () => {
      const drawing = drawTimeline(statusAt(await state(), now));
      if (drawing === undefined) return;
      const keys = drawing.legend.map(([key]) => key);
      for (const [key, sign] of Object.entries(SIGNS)) {
        const isDrawn = sign.test(drawing.svg.text);
        if (isDrawn) seen.add(key);
        // Stripes that are too narrow to be seen have no key.
        if (key === "striped") assert.ok(isDrawn || !keys.includes(key), key);
        else assert.equal(keys.includes(key), isDrawn, `${key} in the legend, ${isDrawn ? "" : "not "}drawn`);
      }
      assert.deepEqual(keys.filter((key) => SIGNS[key] === undefined), []);
    });
  }
  assert.deepEqual(Object.keys(SIGNS).filter((key) => !seen.has(key)), [], "each sign is in some scenario");
});
