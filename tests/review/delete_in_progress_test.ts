import assert from "node:assert/strict";
import { aBackup } from "../recovery/builders.ts";
import { archiveOf, codes, filesOf, segments, SIZE, statusOf, NOW, MINUTE } from "./support.ts";

// 'wal-g delete' takes the sentinel first (it lists basebackups_005/ before the folders in it): a listing in between
// finds the parts without it. The next backup-list no longer has the backup.
Deno.test("a backup that is being deleted while the files are listed is no upload that died", () => {
  const kept = aBackup({ timeline: 1, number: 5, size: SIZE, finishTime: NOW - 60 * MINUTE, compressedSize: 1000 });
  const deleted = "base_000000010000000000000002";
  const files = filesOf([
    [`${deleted}/tar_partitions/part_001.tar.lz4`, 5_000_000, NOW - 9000 * MINUTE],
    [`${kept.name}_backup_stop_sentinel.json`, 400],
    [`${kept.name}/tar_partitions/part_001.tar.lz4`, 1000],
    [`${kept.name}/tar_partitions/pg_control.tar.lz4`, 400],
    [`${kept.name}/tar_partitions/backup_label.tar.lz4`, 400],
  ]);
  const status = statusOf({ backups: [kept], archive: archiveOf(segments(1, 5, 9)), files });
  assert.deepEqual(codes(status), [], status.problems[0]?.sentence);
});
