import assert from "node:assert/strict";
import { aBackup } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

const old = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 120 * MINUTE });
const newer = aBackup({ timeline: 1, number: 10, size: SIZE, finishTime: NOW - 60 * MINUTE });
const withOldHole = [...segments(1, 2, 5, NOW - 100 * MINUTE), ...segments(1, 7, 20, NOW - 5 * MINUTE)];

Deno.test("an old hole with a backup behind it is a warning (as it should be)", () => {
  assert.deepEqual(codes(statusOf({ backups: [old, newer], archive: archiveOf(withOldHole) })), ["warning wal_lost"]);
});

Deno.test("a segment that is being overtaken now does not make an old, bridged hole critical", () => {
  // 21 is still being uploaded while 22 was archived 10 seconds ago.
  const archive = archiveOf([...withOldHole, ...segments(1, 22, 22, NOW - 10_000)], { time: NOW - 5_000 });
  const status = statusOf({ backups: [old, newer], archive });
  assert.deepEqual(codes(status), ["warning wal_lost"], status.problems[0]?.sentence);
});
