import assert from "node:assert/strict";
import { aBackup, walName } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

// A storage on disk (and over SFTP) shows an upload from its first moment on: os.Create, then io.Copy.
Deno.test("the newest segment, seen the moment its upload began, is not an object in the way", () => {
  const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });
  const listed = NOW - 3 * MINUTE;
  const archive = archiveOf([
    ...segments(1, 2, 9, listed - 30_000),
    { name: `${walName(1, 10, SIZE)}.lz4`, size: 0, time: listed - 20 },
  ], { time: listed });
  const status = statusOf({ backups: [backup], archive });
  assert.deepEqual(codes(status), [], status.problems[0]?.sentence);
});

Deno.test("an empty segment with others behind it is in the way, however young it is", () => {
  const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });
  const listed = NOW - 3 * MINUTE;
  const archive = archiveOf([
    ...segments(1, 2, 6, listed - 30_000),
    { name: `${walName(1, 7, SIZE)}.lz4`, size: 0, time: listed - 20 },
    ...segments(1, 8, 9, listed - 30_000),
  ], { time: listed });
  assert.ok(codes(statusOf({ backups: [backup], archive })).includes("critical segment_in_the_way"));
});
