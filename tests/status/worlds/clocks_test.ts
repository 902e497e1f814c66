import assert from "node:assert/strict";
import { aBackup } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, recovered, segments, SIZE, statusOf } from "./support.ts";

const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });

Deno.test("a storage whose clock is ahead: no moment is later than the listing that told it", () => {
  const archive = archiveOf(segments(1, 2, 9, NOW + 60 * MINUTE));
  const recovery = recovered({ backups: [backup], archive });
  assert.ok((recovery.until?.moment ?? 0) <= archive.time, new Date(recovery.until?.moment ?? 0).toISOString());
});

Deno.test("a storage whose clock is ahead: a hole that listings show for an hour is told", () => {
  const archive = archiveOf([...segments(1, 2, 5, NOW + 50 * MINUTE), ...segments(1, 7, 9, NOW + 60 * MINUTE)], {
    time: NOW - 10 * MINUTE,
  });
  assert.ok(codes(statusOf({ backups: [backup], archive })).some((code) => code.endsWith("wal_lost")));
});
