import assert from "node:assert/strict";
import { atOnce } from "../../../src/base/clock.ts";
import { walArchive } from "../../../src/operations/wal_archive.ts";
import type { RunWalg } from "../../../src/operations/operation.ts";
import { aBackup, walName } from "../../recovery/builders.ts";
import { archiveOf, codes, filesOf, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

const TABLE = "type size last modified name\n";
const row = (name: string, size = 70000) => `obj  ${size} 2026-11-26 11:00:00 +0000 UTC ${name}\n`;

Deno.test("a .history that only the second storage has is read from there", async () => {
  const asked: string[] = [];
  const runWalg: RunWalg = async (args, options) => {
    const command = args.join(" ");
    asked.push(command);
    let [stdout, stderr, exitCode] = ["", "", 0];
    if (command.startsWith("st ls -t all")) {
      stderr = "INFO: 2026/11/26 11:00:01.0 storage default\nINFO: 2026/11/26 11:00:01.1 storage second\n";
      stdout = TABLE + row("000000010000000000000002.lz4") + row("000000010000000000000003.lz4") +
        TABLE + row("00000002.history.lz4", 60) + row("000000020000000000000003.lz4");
    } else if (command.startsWith("wal-show")) {
      stdout = JSON.stringify([{
        id: 1,
        parent_id: 0,
        switch_point_lsn: 0,
        start_segment: "000000010000000000000002",
        end_segment: "000000010000000000000003",
        segments_count: 2,
        missing_segments: [],
      }]);
    } else if (command.startsWith("st cat")) {
      // As wal-g does: -t is 'default' unless it is given.
      if (/-t second|--target[= ]second/.test(command)) stdout = "1\t0/3000090\tno recovery target specified\n";
      else [stderr, exitCode] = ["ERROR: 2026/11/26 11:00:02.0 object 'wal_005/00000002.history.lz4' not found\n", 1];
    }
    const bytes = new TextEncoder().encode(stdout);
    await options?.onStdout?.(bytes);
    return { how: "exited", exitCode, stderr, stdout: bytes, gone: Promise.resolve() };
  };
  const answer = await walArchive.collect({
    runWalg,
    drillFile: "",
    failure: { path: "wal-g", timeout: 1000, fallback: "command_failed" },
    previous: undefined,
    pace: atOnce,
    now: () => NOW,
  });
  assert.equal(answer.archive.parents.get(2)?.timeline, 1, asked.join("\n"));
});

Deno.test("the command that removes an empty object names the storage that has it", () => {
  const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });
  const archive = archiveOf([
    ...segments(1, 2, 9),
    { name: `${walName(1, 10, SIZE)}.lz4`, size: 0, storage: 1, time: NOW - 60 * MINUTE },
  ], { storages: ["default", "second"] });
  const { problems } = statusOf({ backups: [backup], archive });
  assert.match(problems[0]?.fix ?? "", /st rm -t second wal_005|st rm wal_005\/\S+ -t second/);
});

Deno.test("the command that removes a dead upload names the storage that has it", () => {
  const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE, compressedSize: 1000 });
  const files = filesOf([
    [`${backup.name}_backup_stop_sentinel.json`, 400],
    [`${backup.name}/tar_partitions/part_001.tar.lz4`, 1000],
    [`${backup.name}/tar_partitions/pg_control.tar.lz4`, 400],
    [`${backup.name}/tar_partitions/backup_label.tar.lz4`, 400],
    [`base_000000010000000000000001/tar_partitions/part_001.tar.lz4`, 4000, NOW - 900 * MINUTE, 1],
  ], { storages: ["default", "second"] });
  const { problems } = statusOf({ backups: [backup], archive: archiveOf(segments(1, 2, 9)), files });
  assert.equal(problems[0]?.code, "upload_died");
  assert.match(problems[0]?.fix ?? "", /-t second/);
});

Deno.test("a compressed segment in the second storage is fetched before an uncompressed one in the first", () => {
  // wal-fetch asks all storages for NAME.lz4, .lzma, .zst … and only then for NAME (findDecompressorAndDownload).
  const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });
  const seven = walName(1, 7, SIZE);
  const archive = archiveOf([
    ...segments(1, 2, 9).filter(({ name }) => !name.startsWith(seven)),
    { name: seven, size: 4000, storage: 0, time: NOW - 30 * MINUTE },
    { name: `${seven}.lz4`, storage: 1, time: NOW - 30 * MINUTE },
  ], { storages: ["default", "second"] });
  const status = statusOf({ backups: [backup], archive });
  assert.deepEqual(codes(status), [], status.problems[0]?.sentence);
});
