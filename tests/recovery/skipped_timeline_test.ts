import assert from "node:assert/strict";
import { recover } from "../../src/recovery/recover.ts";
import { createArchiveBuilder } from "../../src/walg/wal_archive.ts";
import { stateOf } from "../status/cluster.ts";
import { statusAt } from "../status/scenario.ts";
import { aBackup, aVerify, MiB, type Stretch, walName } from "./builders.ts";

const SIZE = 16 * MiB;
const found = (count: number): string[] => Array<string>(count).fill("FOUND");

/** As reported of WAL-G: promotions at 55, 56, 57, 58 and 59; it passes over timeline 5 and asks for 58 on timeline 6. */
const REPORTED: readonly Stretch[] = [
  { timeline: 1, first: 0x40, statuses: found(0x15) },
  { timeline: 2, first: 0x55, statuses: found(1) },
  { timeline: 3, first: 0x56, statuses: found(1) },
  { timeline: 4, first: 0x57, statuses: found(1) },
  { timeline: 6, first: 0x58, statuses: ["MISSING_LOST", ...found(9)] },
];
const BACKUPS = [
  aBackup({ timeline: 1, number: 0x41, size: SIZE, finishTime: Date.parse("2026-11-20T00:00:00Z") }),
  aBackup({ timeline: 6, number: 0x5A, size: SIZE, finishTime: Date.parse("2026-11-23T00:00:00Z") }),
];
const ASKED = walName(6, 0x58, SIZE);

Deno.test("a timeline that wal-verify passes over: what it asks for may never have existed, so it is not called lost", () => {
  const status = statusAt(stateOf(BACKUPS, REPORTED));
  assert.deepEqual(status.problems.map(({ code, level }) => [code, level]), [["timeline_skipped", "warning"]]);
  const [{ sentence = "", fix = "" } = {}] = status.problems;
  assert.match(sentence, new RegExp(`^wal-verify passes over timeline 5 and asks for WAL segment ${ASKED}, which`));
  assert.doesNotMatch(fix, /wal-push/);
  assert.match(fix, new RegExp(`Look for ${walName(5, 0x58, SIZE)} in 'wal-g st ls wal_005/'`));
  assert.equal(status.recovery?.lostSegments, 0);
  assert.deepEqual(status.recovery?.backups.map(({ restorable }) => restorable), [true, true]);
  assert.equal(status.recovery?.until?.segment, walName(6, 0x61, SIZE));
});

Deno.test("a segment that is missing where no timeline is passed over is lost, as ever", () => {
  const lost = (history: readonly Stretch[], backups = BACKUPS): readonly string[] =>
    statusAt(stateOf(backups, history)).problems.map(({ code }) => code);
  const next = { timeline: 5, first: 0x58, statuses: ["MISSING_LOST", ...found(9)] };
  const onNext = BACKUPS.map((backup) =>
    backup.walFile.startsWith("00000006")
      ? aBackup({ timeline: 5, number: 0x5A, size: SIZE, finishTime: backup.finishTime })
      : backup
  );
  assert.deepEqual(lost([...REPORTED.slice(0, -1), next], onNext), ["wal_lost"]);
  const within = { timeline: 6, first: 0x58, statuses: ["FOUND", "MISSING_LOST", ...found(8)] };
  assert.deepEqual(lost([...REPORTED.slice(0, -1), within]), ["wal_lost"]);
});

Deno.test("a timeline that wal-verify passes over: by the archive it is known that nothing is missing", () => {
  const wal = createArchiveBuilder();
  const time = Date.parse("2026-11-22T01:00:00Z");
  const add = (timeline: number, number: number): void =>
    wal.add({ storage: 0, isFolder: false, name: `${walName(timeline, number, SIZE)}.lz4`, size: 1000, time });
  for (let number = 0x40; number < 0x55; number++) add(1, number);
  for (const [timeline, number] of [[2, 0x55], [3, 0x56], [4, 0x57], [5, 0x58]] as const) add(timeline, number);
  for (let number = 0x59; number <= 0x61; number++) add(6, number);
  const shown = [2, 3, 4, 5, 6].map((timeline) => ({
    timeline,
    parent: timeline - 1,
    switchLsn: BigInt(0x53 + timeline) * BigInt(SIZE),
    start: "",
    end: "",
    segments: 0,
    missing: [],
  }));
  const archive = wal.build({ time, storages: ["default"], unlisted: [], shown, read: [] });
  const recovery = recover({ backups: BACKUPS, archive, verify: aVerify(REPORTED, SIZE), verifyTime: time });
  assert.equal(recovery.lostSegments, 0);

  assert.deepEqual(recovery.skippedTimelines, []);
  assert.equal(recovery.windowStartTime, Date.parse("2026-11-20T00:00:00Z"), "from the first backup on, without a gap");
});
