import assert from "node:assert/strict";
import fc from "fast-check";
import { createTimeScale } from "../../src/web/page/timeline/time_axis.ts";
import { drawTimeline } from "../../src/web/page/timeline/drawing.ts";
import { layWal, walPoints, type WalStrips } from "../../src/web/page/timeline/wal.ts";
import { recover } from "../../src/recovery/recover.ts";
import { type Backup, endTime } from "../../src/walg/backup_list.ts";
import { aBackup, aVerify, type Stretch } from "../recovery/builders.ts";
import { found, SIZE } from "../status/cluster.ts";
import { runCapture, statusAt } from "../status/scenario.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-11-20T00:00:00Z");

/** A backup in a segment that ended so many hours after the start; it took a second. */
function backupAt(number: number, hours: number, timeline = 1): Backup {
  return aBackup({ timeline, number, size: SIZE, finishTime: START + hours * HOUR });
}

/** What is drawn of them when the history was verified so many hours after the start. */
function drawn(backups: readonly Backup[], history: readonly Stretch[], verified: number, current = 1) {
  const verify = aVerify(history, SIZE);
  const recovery = recover({ backups, verify: { ...verify, timeline: { ...verify.timeline, current } } });
  const newestFirst = recovery.backups.toSorted((a, b) => endTime(b.backup) - endTime(a.backup));
  const facts = { recovery, newestFirst, askedTime: START + verified * HOUR };
  const scale = createTimeScale([...newestFirst.map(({ backup }) => endTime(backup)).reverse(), facts.askedTime]);
  return { points: walPoints(facts), wal: layWal(facts, scale), scale };
}

const archived = (first: number, count: number): Stretch[] => [{ timeline: 1, first, statuses: found(count) }];

function knownEnd({ strips, reach }: WalStrips): number {
  const last = strips.findLast(({ kind }) => kind === "present");
  assert.ok(last !== undefined && reach !== undefined);
  assert.equal(last.right, reach.at);
  return last.known;
}

Deno.test("a backup newer than the verified history bounds its end: what is before it in the WAL was written before it", () => {
  const { wal, scale } = drawn([backupAt(4, 0), backupAt(8, 10)], archived(4, 4), 80);
  const began = scale.at(START + 10 * HOUR - 1000);
  assert.ok(wal.reach !== undefined && wal.reach.at <= began, `${wal.reach?.at} is not after ${began}`);
  assert.equal(knownEnd(wal), scale.at(START));
  assert.deepEqual([wal.reach.earliest, wal.reach.latest], [START, START + 10 * HOUR - 1000]);
});

Deno.test("where nothing bounds the end, it is known only as far as the last backup", () => {
  const { wal, scale } = drawn([backupAt(4, 0), backupAt(6, 10)], archived(4, 20), 80);
  assert.equal(knownEnd(wal), scale.at(START + 10 * HOUR));
  assert.deepEqual(wal.reach, {
    at: scale.at(START + 80 * HOUR),
    known: scale.at(START + 10 * HOUR),
    earliest: START + 10 * HOUR,
    latest: START + 80 * HOUR,
  });
});

Deno.test("a reach between two backups is known only as far as the one before it", () => {
  const history = [{ timeline: 1, first: 4, statuses: [...found(2), ...Array<string>(20).fill("MISSING_UPLOADING")] }];
  const { wal, scale } = drawn([backupAt(4, 0), backupAt(20, 10)], history, 12);
  assert.equal(wal.reach?.known, scale.at(START));
  assert.equal(wal.reach?.latest, START + 10 * HOUR - 1000);
  assert.equal(knownEnd(wal), scale.at(START));
});

Deno.test("only a backup of the cluster's own timelines, from before the verification, bounds the end", () => {
  const latest = (backup: Backup, current?: number) =>
    drawn([backupAt(4, 0), backup], archived(4, 4), 80, current).wal.reach?.latest;
  assert.equal(latest(backupAt(9, 10)), START + 10 * HOUR - 1000);
  assert.equal(latest(backupAt(9, 10, 2), 2), START + 10 * HOUR - 1000);
  // Another server that was promoted may have left this history before its end.
  assert.equal(latest(backupAt(9, 10, 2), 1), START + 80 * HOUR);
  assert.equal(latest(backupAt(9, 90)), START + 80 * HOUR);
});

Deno.test("a backup of impossible or contradictory times is no point, and spoils no other", () => {
  const good = Array.from({ length: 8 }, (_, index) => backupAt(4 + 2 * index, index));
  const history = [{ timeline: 1, first: 4, statuses: [...found(5), "MISSING_LOST", ...found(11)] }];
  const want = drawn(good, history, 9).points;
  assert.equal(want.length, 16);
  const hours = fc.oneof(fc.constantFrom(5e4, -5e4), fc.integer({ min: -20, max: 30 }));
  fc.assert(fc.property(fc.nat(7), hours, fc.boolean(), (at, wrong, startOnly) => {
    // Where only one other is contradicted, either may be the wrong one.
    const contradicted = good.filter((_, index) => index > at ? index <= wrong : index < at && index >= wrong);
    fc.pre(contradicted.length !== 1);
    const bad = good.map((backup, index): Backup => {
      if (index !== at) return backup;
      const time = START + wrong * HOUR;
      return startOnly ? { ...backup, startTime: time } : { ...backup, startTime: time - 1000, finishTime: time };
    });
    const { points, wal } = drawn(bad, history, 9);
    const others = want.filter((_, index) => index >> 1 !== at);
    for (const point of others) {
      assert.ok(points.some(({ position, time }) => position === point.position && time === point.time));
    }
    points.slice(1).forEach(({ position, time }, index) => {
      const before = points[index];
      assert.ok(before !== undefined && position > before.position && time >= before.time);
    });
    assert.equal(wal.strips.filter(({ kind }) => kind === "hole").length, 1);
  }));
});

Deno.test("backups without any time leave the WAL unknown, from the margin on", () => {
  const timeless = { ...backupAt(4, 0), startTime: -62_135_596_800_000, finishTime: -62_135_596_800_000 };
  const { wal } = drawn([timeless], archived(4, 4), 80);
  assert.deepEqual(wal.strips.map(({ left, known, kind }) => [left, known, kind]), [[0, 0, "present"]]);
});

Deno.test("two-timelines: the window ends where the newest backup began, and never at the time of verification", async () => {
  const state = await runCapture("wal-g-3.0.9/two-timelines");
  const text = drawTimeline(statusAt(state))?.svg.text.replaceAll("\u00a0", " ") ?? "";
  const attribute = (name: string, which: string): number =>
    Number(new RegExp(`class="${name}"[^>]* ${which}="([\\d.]+)%"`).exec(text)?.[1]);
  const unknownMark = Number(/class="mark unsure" x="([\d.]+)%"/.exec(text)?.[1]);
  const solidEnd = attribute("window", "x") + attribute("window", "width");
  assert.ok(solidEnd < attribute("edge-stripes", "x2") && attribute("edge-stripes", "x2") < unknownMark, text);
  assert.ok(attribute("wal-stripes", "x2") < unknownMark);
  assert.match(
    text,
    /up to WAL segment 000000020000000000000012, which was written between 2026-11-23 03:12:\d\d UTC and 2026-11-23 03:12:\d\d UTC\./,
  );
});
