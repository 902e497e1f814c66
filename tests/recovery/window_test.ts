import assert from "node:assert/strict";
import { ZERO_TIME } from "../../src/base/time.ts";
import { recover } from "../../src/recovery/recover.ts";
import { recoveryWindowSeconds } from "../../src/recovery/window.ts";
import { aBackup, aVerify, MiB } from "./builders.ts";

const size = 16 * MiB;
const full = aBackup({ timeline: 1, number: 5, size, finishTime: 1_700_000_000_999 });
const orphan = aBackup({ timeline: 1, number: 6, size, parent: "", parentWalFile: "000000010000000000000001" });
const allFound = aVerify([{ timeline: 1, first: 5, statuses: ["FOUND", "FOUND"] }], size);
const nothing = aVerify([], size);

Deno.test("archiving stuck for 60 segments: the window stays, 60 at risk, none lost", () => {
  const statuses = [...Array<string>(3).fill("FOUND"), ...Array<string>(44).fill("MISSING_LOST")];
  statuses.push(...Array<string>(16).fill("MISSING_UPLOADING"));
  const recovery = recover({ backups: [full], verify: aVerify([{ timeline: 1, first: 5, statuses }], size) });
  assert.equal(recovery.untilSegment, "000000010000000000000007");
  assert.equal(recovery.windowStartTime, full.finishTime);
  assert.equal(recovery.atRiskSegments, 60);
  assert.equal(recovery.lostSegments, 0);
});

Deno.test("the window is as long as its start is old, and never negative", () => {
  const recovery = recover({ backups: [full], verify: allFound });
  assert.equal(recoveryWindowSeconds(recovery, full.finishTime + 1500), 1.5);
  assert.equal(recoveryWindowSeconds(recovery, full.finishTime - 1500), 0);
});

Deno.test("no window is shown where nothing is known", () => {
  assert.equal(recoveryWindowSeconds(recover({ backups: [full], verify: nothing }), 0), undefined);
  const { atRiskSegments, untilLsn, lostSegments } = recover({ backups: [full], verify: nothing });
  assert.deepEqual([atRiskSegments, untilLsn, lostSegments], [undefined, undefined, 0]);
});

Deno.test("a window of 0 is shown where no backup is restorable", () => {
  assert.equal(recoveryWindowSeconds(recover({ backups: [], verify: nothing }), 1), 0);
  assert.equal(recoveryWindowSeconds(recover({ backups: [orphan], verify: allFound }), 1), 0);
  assert.equal(recoveryWindowSeconds(recover({ backups: [orphan, full], verify: nothing }), 1), 0);
});

Deno.test("a backup of unknown finish counts from when its sentinel was written; of neither, it starts no window", () => {
  const unfinished = { ...full, finishTime: ZERO_TIME, modifiedTime: 1_700_000_001_000 };
  assert.equal(recover({ backups: [unfinished], verify: allFound }).windowStartTime, unfinished.modifiedTime);
  const timeless = recover({ backups: [{ ...unfinished, modifiedTime: ZERO_TIME }], verify: allFound });
  assert.equal(timeless.untilSegment, "000000010000000000000006");
  assert.equal(timeless.windowStartTime, undefined);
  assert.equal(recoveryWindowSeconds(timeless, 1_700_000_000_000), undefined);
});

Deno.test("what the history cannot hold is left out: ranges that go back, and names of no segment", () => {
  const stretch = (timeline: number, first: number, status: string): ReturnType<typeof aVerify> => {
    return aVerify([{ timeline, first, statuses: [status] }], size);
  };
  const ranges = [
    ...aVerify([{ timeline: 2, first: 5, statuses: ["FOUND", "FOUND"] }], size).integrity.ranges,
    ...stretch(2, 6, "MISSING_LOST").integrity.ranges,
    ...stretch(1, 7, "MISSING_LOST").integrity.ranges,
    { timeline: 2, start: "", end: "00000002", segments: 9, status: "FOUND" },
    ...stretch(2, 7, "FOUND").integrity.ranges,
  ];
  const backup = aBackup({ timeline: 2, number: 5, size });
  const recovery = recover({ backups: [backup], verify: { ...allFound, integrity: { status: "OK", ranges } } });
  assert.equal(recovery.untilSegment, "000000020000000000000007");
  assert.deepEqual([recovery.history.segments, recovery.lostSegments], [3, 0]);
});
