import assert from "node:assert/strict";
import { atOnce } from "../../src/base/clock.ts";
import { backupFiles } from "../../src/operations/backup_files.ts";
import { type RunWalg, UnsupportedError } from "../../src/operations/operation.ts";
import { type ArchiveAnswer, walArchive } from "../../src/operations/wal_archive.ts";
import type { CommandEnd } from "../../src/walg/command.ts";
import { WalgError } from "../../src/walg/failure.ts";

const line = (type: string, size: string, modified: string, name: string): string =>
  `${type.padEnd(4)} ${size.padEnd(4)} ${modified.padEnd(39)} ${name}`;
const HEADER = `${line("type", "size", "last modified", "name")}\n`;
const row = (name: string, size = 100, second = 10): string =>
  `${line("obj", String(size), `2026-11-26 15:11:${second}.5 +0000 UTC`, name)} \n`;
const SEGMENT = "000000010000000000000005";
const STORAGES = "INFO: 2026/11/26 16:18:09.898202 storage default\nINFO: 2026/11/26 16:18:09.898424 storage second\n";
const SHOWN = '[{"id":1,"parent_id":0,"switch_point_lsn":0,"start_segment":"000000010000000000000005",' +
  '"end_segment":"000000010000000000000005","segments_count":1,"missing_segments":[]}]';
const UNKNOWN_ST = 'Error: unknown command "st" for "wal-g"\n';
const UNKNOWN_T = "Error: unknown shorthand flag: 't' in -t\n";

type Answer = Partial<Pick<CommandEnd, "exitCode" | "stderr" | "how">> & { readonly stdout?: string };

/** A wal-g that answers by its command line, and what it was asked. */
function walg(answers: Readonly<Record<string, Answer>>): { readonly runWalg: RunWalg; readonly asked: string[] } {
  const asked: string[] = [];
  const runWalg: RunWalg = async (args, options) => {
    const command = args.join(" ");
    asked.push(command);
    const { exitCode = 0, stderr = "", how = "exited", stdout = "" } = answers[command] ??
      { exitCode: 1, stderr: `ERROR: 2026/11/26 16:00:00.000000 no answer to ${command}\n` };
    const bytes = new TextEncoder().encode(stdout);
    const end = {
      how,
      exitCode,
      stderr,
      stdout: options?.onStdout ? new Uint8Array() : bytes,
      gone: Promise.resolve(),
    };
    try {
      // In pieces that end within lines.
      for (let at = 0; at < bytes.length; at += 7) await options?.onStdout?.(bytes.subarray(at, at + 7));
      return end;
    } catch (refusal) {
      return { ...end, how: "output_refused", refusal };
    }
  };
  return { runWalg, asked };
}

const failure = { path: "wal-g", timeout: 1000, fallback: "command_failed" } as const;

async function listArchive(
  answers: Readonly<Record<string, Answer>>,
  previous?: ArchiveAnswer,
): Promise<{ readonly value: ArchiveAnswer; readonly asked: readonly string[] }> {
  const { runWalg, asked } = walg(answers);
  const value = await walArchive.collect({ runWalg, failure, previous, drillFile: "", pace: atOnce, now: () => 1000 });
  return { value, asked };
}

const ALL = "st ls -t all wal_005/";
const FIRST = "st ls wal_005/";
const SHOW = "wal-show --detailed-json --without-backups";
const segmentsOf = ({ archive }: ArchiveAnswer): number[] =>
  [...archive.timelines.values()].map(({ segments }) => segments);

Deno.test("wal-archive: all storages in one listing; wal-show only while timelines or histories change", async () => {
  const listing = HEADER + row(`${SEGMENT}.lz4`);
  const both = listing + HEADER + row("000000010000000000000006.lz4");
  const answers = { [ALL]: { stdout: both, stderr: STORAGES }, [SHOW]: { stdout: SHOWN } };
  const first = await listArchive(answers);
  assert.deepEqual(first.asked, [ALL, SHOW]);
  assert.deepEqual(segmentsOf(first.value), [2]);
  assert.deepEqual(first.value.archive.storages, ["default", "second"]);
  assert.deepEqual(first.value.archive.unlisted, []);
  const again = await listArchive(answers, first.value);
  assert.deepEqual(again.asked, [ALL]);
  const promoted = { ...answers, [ALL]: { stdout: both + row("000000020000000000000007.lz4"), stderr: STORAGES } };
  assert.deepEqual((await listArchive(promoted, again.value)).asked, [ALL, SHOW]);
});

Deno.test("wal-archive: a wal-g without -t lists its one storage, and is not asked for all again", async () => {
  const answers = {
    [ALL]: { exitCode: 1, stderr: UNKNOWN_T },
    [FIRST]: { stdout: HEADER + row(`${SEGMENT}.zst`) },
    [SHOW]: { stdout: SHOWN },
  };
  const first = await listArchive(answers);
  assert.deepEqual(first.asked, [ALL, FIRST, SHOW]);
  assert.deepEqual([first.value.archive.storages, first.value.archive.unlisted], [["default"], []]);
  assert.deepEqual((await listArchive(answers, first.value)).asked, [FIRST]);
});

Deno.test("wal-archive: where another storage cannot be reached, the first is listed and the other named", async () => {
  const down = "ERROR: 2026/11/26 16:18:10.000000 dial tcp 10.0.0.9:443: connect: connection refused\n";
  const { value } = await listArchive({
    [ALL]: { exitCode: 1, stderr: STORAGES + down },
    [FIRST]: { stdout: HEADER + row(`${SEGMENT}.lz4`) },
    [SHOW]: { stdout: SHOWN },
  });
  assert.deepEqual([value.archive.storages, value.archive.unlisted], [["default"], ["second"]]);
  assert.deepEqual(segmentsOf(value), [1]);
});

Deno.test("wal-archive: where no storage can be listed, the run fails for what the first attempt said", async () => {
  const down = "ERROR: 2026/11/26 16:18:10.000000 dial tcp 10.0.0.9:443: connect: connection refused\n";
  await assert.rejects(
    listArchive({ [ALL]: { exitCode: 1, stderr: down }, [FIRST]: { exitCode: 1, stderr: down } }),
    (error) => error instanceof WalgError && error.failure.type === "network",
  );
  await assert.rejects(
    listArchive({ [ALL]: { how: "timed_out", stderr: down } }),
    (error) => error instanceof WalgError && error.failure.type === "timeout",
  );
});

Deno.test("wal-archive: WAL-G 1.1 by wal-show alone, without times and bytes", async () => {
  const answers = { [ALL]: { exitCode: 1, stderr: UNKNOWN_ST }, [SHOW]: { stdout: SHOWN } };
  const { value, asked } = await listArchive(answers);
  assert.deepEqual(asked, [ALL, SHOW]);
  assert.deepEqual([value.archive.source, segmentsOf(value), value.archive.bytes], ["wal-show", [1], undefined]);
  assert.equal(
    walArchive.families(value, { maxBackupSeries: 0 }).find(({ name }) => name === "walg_archive_bytes")
      ?.samples[Symbol.iterator]().next().done,
    true,
  );
});

Deno.test("wal-archive: a history that wal-show leaves out is read once, decrypted where it must be", async () => {
  const listing = HEADER + row(`${SEGMENT}.lz4`) + row("00000002.history.lz4", 40);
  const cat = "st cat wal_005/00000002.history.lz4 --decompress";
  const answers = {
    [ALL]: { stdout: listing },
    [SHOW]: { stdout: SHOWN },
    [cat]: { stdout: "\u0001garbage" },
    [`${cat} --decrypt`]: { stdout: '1\t0/5000090\tat restore point "p1"\n' },
  };
  const first = await listArchive(answers);
  assert.deepEqual(first.asked, [ALL, SHOW, cat, `${cat} --decrypt`]);
  assert.deepEqual(first.value.archive.parents.get(2), { timeline: 1, switchLsn: 0x5000090n });
  assert.deepEqual((await listArchive(answers, first.value)).asked, [ALL]);
});

Deno.test("wal-archive: where wal-show fails over a history, the histories are read one by one, and it is asked again", async () => {
  const listing = HEADER + row(`${SEGMENT}.lz4`) + row("00000002.history", 40);
  const cat = "st cat wal_005/00000002.history --decompress";
  const answers = {
    [ALL]: { stdout: listing },
    [SHOW]: { exitCode: 1, stderr: "ERROR: 2026/11/26 16:00:00.000000 failed to decrypt history\n" },
    [cat]: { stdout: "1\t0/5000090\tx\n" },
  };
  const first = await listArchive(answers);
  assert.deepEqual(first.value.archive.parents.get(2), { timeline: 1, switchLsn: 0x5000090n });
  assert.deepEqual((await listArchive(answers, first.value)).asked, [ALL, SHOW]);
});

for (
  const [what, stdout] of [
    ["half a line", HEADER + row(`${SEGMENT}.lz4`) + "obj  100  2026-11-26"],
    ["no header", row(`${SEGMENT}.lz4`)],
    ["nothing", ""],
    ["something else before it", "DEBUG: request\n" + HEADER + row(`${SEGMENT}.lz4`)],
    ["something else in it", HEADER + row(`${SEGMENT}.lz4`) + "<html>\n"],
  ] as const
) {
  Deno.test(`wal-archive: ${what} on stdout is a failed run, with where it stands`, async () => {
    await assert.rejects(
      listArchive({ [ALL]: { stdout } }),
      (error) =>
        error instanceof WalgError && error.failure.type === "invalid_output" &&
        /cannot read what it listed: /.test(error.failure.message),
    );
  });
}

Deno.test("backup-files: what each backup has; WAL-G 1.1 has no such command", async () => {
  const command = "st ls -t all -r basebackups_005/";
  const name = "base_000000010000000000000002";
  const stdout = HEADER + row(`/${name}_backup_stop_sentinel.json`) +
    row(`/${name}/tar_partitions/part_001.tar.lz4`, 70) +
    row(`/${name}/tar_partitions/pg_control.tar.lz4`, 30) + row("/base_000000010000000000000009/metadata.json", 5);
  const run = (answers: Readonly<Record<string, Answer>>) => {
    const { runWalg } = walg(answers);
    return backupFiles.collect({ runWalg, failure, previous: undefined, drillFile: "", pace: atOnce, now: () => 1000 });
  };
  const { files } = await run({ [command]: { stdout } });
  assert.equal(files.backups.get(name)?.copies[0]?.partBytes, 100);
  assert.equal(files.backups.get(name)?.copies[0]?.hasLabel, false);
  assert.deepEqual(files.unfinished.map((backup) => backup.name), ["base_000000010000000000000009"]);
  await assert.rejects(run({ [command]: { exitCode: 1, stderr: UNKNOWN_ST } }), UnsupportedError);
});
