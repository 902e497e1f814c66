import assert from "node:assert/strict";
import { aBackup, aVerify } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

// A busy cluster: 40 segments in the four minutes between the listing of the archive and wal-verify, all archived.
const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });
const archive = archiveOf(segments(1, 2, 9), { time: NOW - 4.5 * MINUTE });
const verify = aVerify([{ timeline: 1, first: 2, statuses: Array(48).fill("FOUND") }], SIZE);

Deno.test("what wal-verify found after the archive was listed is not 'not archived'", () => {
  const status = statusOf({ backups: [backup], archive, verify, verifyTime: NOW - MINUTE / 2 });
  assert.deepEqual(codes(status), []);
  assert.ok((status.recovery?.atRiskSegments ?? 0) <= 16, `${status.recovery?.atRiskSegments} at risk`);
});

Deno.test("while the listing of the archive fails for hours, what wal-verify finds is not called 'not archived'", () => {
  const old = archiveOf(segments(1, 2, 9, NOW - 185 * MINUTE), { time: NOW - 180 * MINUTE });
  const status = statusOf({ backups: [backup], archive: old, verify, verifyTime: NOW - MINUTE / 2 });
  assert.deepEqual(codes(status), ["critical answer_too_old"]);
});
