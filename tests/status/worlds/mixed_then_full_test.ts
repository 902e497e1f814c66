import assert from "node:assert/strict";
import { aBackup } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

const first = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 150 * MINUTE });
const left = aBackup({ timeline: 1, number: 6, size: SIZE, finishTime: NOW - 120 * MINUTE });
const mixed = aBackup({ timeline: 2, number: 11, size: SIZE, finishTime: NOW - 60 * MINUTE, parent: left.name });
const full = aBackup({ timeline: 2, number: 14, size: SIZE, finishTime: NOW - 30 * MINUTE });
const objects = [
  ...segments(1, 2, 9, NOW - 100 * MINUTE),
  { name: "00000002.history.lz4" },
  ...segments(2, 4, 20, NOW - 5 * MINUTE),
];

Deno.test("once the full backup that was asked for is there, an old mixed delta is not critical any more", () => {
  const archive = archiveOf(objects, { parents: [[2, 1, 0x4000090n]] });
  const status = statusOf({ backups: [first, left, mixed, full], archive });
  assert.equal(status.recovery?.backups[3]?.restorable, true);
  assert.ok(!codes(status).includes("critical mixed_delta"), `${codes(status)}: ${status.problems[0]?.fix}`);
});

Deno.test("an old mixed delta does not hide that the newest backup is of a branch that was left", () => {
  const archive = archiveOf([
    ...objects,
    { name: "00000003.history.lz4" },
    ...segments(3, 12, 16, NOW - 4 * MINUTE),
  ], { parents: [[2, 1, 0x4000090n], [3, 2, 0xC000090n]] });
  const status = statusOf({ backups: [first, left, mixed, full], archive });
  assert.equal(status.recovery?.newestOnBranch?.backup.name, full.name);
  assert.ok(status.problems.some(({ code }) => code === "newest_on_branch"), codes(status).join());
});
