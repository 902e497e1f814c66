import assert from "node:assert/strict";
import { aBackup } from "../../recovery/builders.ts";
import { archiveOf, codes, filesOf, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

// 'wal-g backup-push' without a folder streams BASE_BACKUP: backup_label is inside the parts, and only pg_control gets
// a tar of its own (internal/databases/postgres/streaming_base_backup.go: Tee is "global/pg_control" alone).
Deno.test("a backup that was streamed (backup-push without a folder) has no backup_label.tar and is complete", () => {
  const backup = aBackup({
    timeline: 1,
    number: 2,
    size: SIZE,
    finishTime: NOW - 60 * MINUTE,
    compressedSize: 6_000_000,
  });
  const files = filesOf([
    [`${backup.name}_backup_stop_sentinel.json`, 400],
    [`${backup.name}/metadata.json`, 400],
    [`${backup.name}/files_metadata.json`, 400],
    [`${backup.name}/tar_partitions/part_001.tar.lz4`, 5_999_600],
    [`${backup.name}/tar_partitions/pg_control.tar.lz4`, 400],
  ]);
  const status = statusOf({ backups: [backup], archive: archiveOf(segments(1, 2, 9)), files });
  assert.deepEqual(codes(status), []);
  assert.equal(status.recovery?.backups[0]?.restorable, true, status.recovery?.backups[0]?.reason);
});

Deno.test("a label that is gone is missed, also where backups have more bytes than WAL-G counted", () => {
  const of = (number: number): ReturnType<typeof aBackup> =>
    aBackup({ timeline: 1, number, size: SIZE, finishTime: NOW - 60 * MINUTE, compressedSize: 6_000_000 });
  const [whole, lacking] = [of(2), of(5)];
  const files = filesOf([whole, lacking].flatMap((backup): [string, number][] => [
    [`${backup.name}_backup_stop_sentinel.json`, 400],
    [`${backup.name}/tar_partitions/part_001.tar.lz4`, 6_000_000],
    [`${backup.name}/tar_partitions/pg_control.tar.lz4`, 400],
    ...(backup === whole ? [[`${backup.name}/tar_partitions/backup_label.tar.lz4`, 300] as [string, number]] : []),
  ]));
  const status = statusOf({ backups: [whole, lacking], archive: archiveOf(segments(1, 2, 9)), files });
  assert.deepEqual(status.recovery?.backups.map(({ restorable }) => restorable), [true, false]);
});
