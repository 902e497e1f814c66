import assert from "node:assert/strict";
import { recover } from "../../src/recovery/recover.ts";
import { aBackup, aVerify, type BackupSpec, MiB, type Stretch } from "./builders.ts";

const size = 16 * MiB;
const F = "FOUND";
const HISTORY: Stretch[] = [
  { timeline: 2, first: 5, statuses: [F, F, F] },
  { timeline: 4, first: 8, statuses: [F, "MISSING_DELAYED", F, F, "MISSING_LOST", "MISSING_UPLOADING"] },
];

function verdict(spec: Partial<BackupSpec>, history: readonly Stretch[] = HISTORY): unknown {
  const backup = aBackup({ timeline: 2, number: 5, size, ...spec });
  const [first] = recover({ backups: [backup], verify: aVerify(history, size) }).backups;
  return [first?.restorable, first?.reason];
}

const uncovered = (cause: string): unknown => [undefined, `not covered by wal-verify: ${cause}`];

Deno.test("why a backup is not restorable", () => {
  assert.deepEqual(
    verdict({ parent: "", parentWalFile: "000000020000000000000001", suffix: "_0123ABCD" }),
    [false, "ancestor missing: base_000000020000000000000001"],
  );
  assert.deepEqual(
    verdict({ timeline: 4, number: 9 }),
    [false, "segment 000000040000000000000009 missing (MISSING_DELAYED, but later segments are archived)"],
  );
  assert.deepEqual(
    verdict({ timeline: 4, number: 12 }),
    [false, "segment 00000004000000000000000C not archived yet (MISSING_LOST)"],
  );
  assert.deepEqual(
    verdict({ timeline: 4, number: 13 }),
    [false, "segment 00000004000000000000000D not archived yet (MISSING_UPLOADING)"],
  );
  assert.deepEqual(
    verdict({ timeline: 4, number: 9 }, [{ timeline: 4, first: 8, statuses: [F, "MISSING_LOST", F] }]),
    [false, "segment 000000040000000000000009 lost"],
  );
});

Deno.test("why it is not known whether a backup is restorable", () => {
  assert.deepEqual(verdict({}, []), uncovered("it scanned no segments"));
  assert.deepEqual(
    verdict({ number: 4 }),
    uncovered("segment 000000020000000000000004 is older than the verified range"),
  );
  assert.deepEqual(
    verdict({ timeline: 1, number: 3 }),
    uncovered("segment 000000010000000000000003 is older than the verified range"),
  );
  assert.deepEqual(verdict({ timeline: 3, number: 8 }), uncovered("timeline 3 is not in the current history"));
  assert.deepEqual(verdict({ timeline: 1, number: 6 }), uncovered("timeline 1 is not in the current history"));
  assert.deepEqual(verdict({ number: 9 }), uncovered("timeline 2 was left before segment 000000020000000000000009"));
  assert.deepEqual(
    verdict({ timeline: 4, number: 14 }),
    uncovered("segment 00000004000000000000000E was still current"),
  );
  assert.deepEqual(
    verdict({ timeline: 4, number: 15 }),
    uncovered("segment 00000004000000000000000F is newer than the verified range"),
  );
  assert.deepEqual(
    verdict({ number: 6 }, [{ timeline: 2, first: 5, statuses: [F] }, { timeline: 2, first: 7, statuses: [F] }]),
    uncovered("segment 000000020000000000000006 is not in its ranges"),
  );
  const misnamed = { ...aBackup({ timeline: 1, number: 5, size }), walFile: "0000000100000000" };
  assert.deepEqual(
    recover({ backups: [misnamed], verify: aVerify(HISTORY, size) }).backups[0]?.reason,
    "not known where it began: '0000000100000000' is not a WAL file of 16 MiB segments",
  );
});

Deno.test("the reason names the ancestor that is missing, however far up", () => {
  const oldest = aBackup({ timeline: 2, number: 6, size, parent: "", parentWalFile: "000000020000000000000005" });
  const middle = aBackup({ timeline: 2, number: 7, size, parent: oldest.name });
  const newest = aBackup({ timeline: 4, number: 8, size, parent: middle.name });
  const reasons = recover({ backups: [newest, middle, oldest], verify: aVerify(HISTORY, size) }).backups.map((
    { reason },
  ) => reason);
  assert.deepEqual(reasons, Array(3).fill("ancestor missing: base_000000020000000000000005"));
});

Deno.test("deltas that are each other's parents are not restorable", () => {
  const [a, b] = [
    "base_000000020000000000000005_D_000000020000000000000006",
    "base_000000020000000000000006_D_000000020000000000000005",
  ];
  const backups = [
    aBackup({ timeline: 2, number: 5, size, parent: b }),
    aBackup({ timeline: 2, number: 6, size, parent: a }),
  ];
  assert.deepEqual(backups.map(({ name }) => name), [a, b]);
  const answers = recover({ backups: backups, verify: aVerify(HISTORY, size) }).backups.map((
    { restorable, reason },
  ) => [restorable, reason]);
  assert.deepEqual(answers, Array(2).fill([false, `ancestors form a loop: ${a}`]));
});

Deno.test("a backup that ended in the segment of a switch is not known by ranges: they do not tell the byte", () => {
  const left = "timeline 2 was left in segment 000000020000000000000008, it does not say at which byte";
  assert.deepEqual(verdict({ number: 8 }), uncovered(left));
  assert.deepEqual(verdict({ number: 7, finishLsn: BigInt(8 * size + 256) }), uncovered(left));
  const statuses = [F, F, F, "MISSING_LOST", F, F];
  const history = [{ timeline: 2, first: 5, statuses }];
  assert.deepEqual(verdict({ timeline: 1 }, history), uncovered("timeline 1 is not in the current history"));
  // It may lead there all the same, so that what is lost after it counts.
  const oldest = { backups: [aBackup({ timeline: 1, number: 5, size })], verify: aVerify(history, size) };
  assert.equal(recover(oldest).lostSegments, 1);
});

Deno.test("without an answer that tells of WAL nothing is known of it", () => {
  const full = aBackup({ timeline: 1, number: 5, size });
  const [first] = recover({ backups: [full] }).backups;
  assert.deepEqual([first?.restorable, first?.code], [undefined, "no_answer"]);
});
