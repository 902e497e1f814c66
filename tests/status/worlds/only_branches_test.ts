import assert from "node:assert/strict";
import { aBackup, aVerify } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

// Recovery to 0/4000090 from a full backup that 'delete retain' has removed since; what is listed was all taken on
// timeline 1 after that. No backup at all leads to what the cluster holds now.
const left = aBackup({ timeline: 1, number: 6, size: SIZE, finishTime: NOW - 120 * MINUTE });
const archive = archiveOf([
  ...segments(1, 4, 9, NOW - 100 * MINUTE),
  { name: "00000002.history.lz4" },
  ...segments(2, 4, 12, NOW - 5 * MINUTE),
], { parents: [[2, 1, 0x4000090n]] });
const verify = aVerify([{ timeline: 2, first: 4, statuses: Array(9).fill("FOUND") }], SIZE);

Deno.test("no backup restores to the current timeline: critical, nothing of it can be recovered", () => {
  const status = statusOf({ backups: [left], archive, verify });
  assert.equal(status.recovery?.until, undefined);
  assert.equal(status.summary.level, "critical", `${codes(status).join()}: ${status.summary.sentence}`);
});
