import assert from "node:assert/strict";
import { atOnce } from "../../../src/base/clock.ts";
import { backupFiles, type FilesAnswer } from "../../../src/operations/backup_files.ts";
import type { RunWalg } from "../../../src/operations/operation.ts";
import { unfinishedBackups } from "../../../src/walg/backup_files.ts";
import { aBackup } from "../../recovery/builders.ts";
import { NOW, SIZE } from "./support.ts";

// 'wal-g delete' takes the sentinel first (a recursive listing has basebackups_005/ itself before the folders in it): a
// listing in between finds the parts without it. The next backup-list no longer has the backup.
const kept = aBackup({ timeline: 1, number: 5, size: SIZE });
const deleted = aBackup({ timeline: 1, number: 2, size: SIZE });
const row = (name: string, size: number) => `obj  ${size} 2026-11-20 06:00:00 +0000 UTC ${name}\n`;
const partsOf = (name: string) =>
  ["part_001", "pg_control", "backup_label"].map((part) => row(`${name}/tar_partitions/${part}.tar.lz4`, 1000)).join(
    "",
  );
const sentinelOf = (name: string) => row(`${name}_backup_stop_sentinel.json`, 400);
const HEADER = "type size last modified name\n";

async function collect(text: string, previous?: FilesAnswer): Promise<FilesAnswer> {
  const runWalg: RunWalg = async (_args, options) => {
    await options?.onStdout?.(new TextEncoder().encode(text));
    const stderr = "INFO: 2026/11/26 11:00:01.0 storage default\n";
    return { how: "exited", exitCode: 0, stderr, stdout: new Uint8Array(), gone: Promise.resolve() };
  };
  const failure = { path: "wal-g", timeout: 1000, fallback: "command_failed" } as const;
  return await backupFiles.collect({ runWalg, drillFile: "", failure, previous, pace: atOnce, now: () => NOW });
}

Deno.test("a backup that is being deleted while the files are listed is no unfinished upload", async () => {
  const before = await collect(
    HEADER + sentinelOf(deleted.name) + sentinelOf(kept.name) + partsOf(deleted.name) + partsOf(kept.name),
  );
  const during = await collect(HEADER + sentinelOf(kept.name) + partsOf(deleted.name) + partsOf(kept.name), before);
  assert.deepEqual(unfinishedBackups(during.files, [kept]), []);
});
