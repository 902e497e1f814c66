import assert from "node:assert/strict";
import { aBackup, walName } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

// An upload to a disk is empty for its first milliseconds, too; the alert's waiting time outlasts that.
Deno.test("an empty segment is in the way however young it is, with others behind it and without", () => {
  const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });
  const listed = NOW - 3 * MINUTE;
  const empty = { name: `${walName(1, 7, SIZE)}.lz4`, size: 0, time: listed - 20 };
  for (const behind of [[], segments(1, 8, 9, listed - 30_000)]) {
    const archive = archiveOf([...segments(1, 2, 6, listed - 30_000), empty, ...behind], { time: listed });
    assert.ok(codes(statusOf({ backups: [backup], archive })).includes("critical segment_in_the_way"));
  }
});
