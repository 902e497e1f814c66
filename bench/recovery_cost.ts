// deno-lint-ignore-file no-console
/** What recovery and its readers cost: `deno run -A bench/recovery_cost.ts`, the best of several runs each. */
import process from "node:process";
import { recover } from "../src/recovery/recover.ts";
import { createBackupFilesBuilder } from "../src/walg/backup_files.ts";
import type { Backup } from "../src/walg/backup_list.ts";
import { createListingParser, type ListedObject } from "../src/walg/storage_listing.ts";
import { createArchiveBuilder } from "../src/walg/wal_archive.ts";
import { aBackup, aVerify, MiB, walName } from "../tests/recovery/builders.ts";

const SIZE = 16 * MiB;
const RUNS = 7;
const FIRST = 1000;

/** Backups every `step` segments, a full one and six deltas by turns. */
function backupsOf(count: number, step: number): Backup[] {
  const backups: Backup[] = [];
  for (let at = 0; at < count; at++) {
    const number = FIRST + at * step;
    const parent = at % 7 === 0 ? undefined : backups[at - 1]?.name;
    backups.push(aBackup({ timeline: 3, number, size: SIZE, parent, finishTime: 1_700_000_000_000 + number * 60_000 }));
  }
  return backups;
}

const encoder = new TextEncoder();

/** A table as `st ls` prints it, in chunks of 64 KiB. */
function table(rows: Iterable<string>): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let text = "type size    last modified                           name\n";
  for (const name of rows) {
    text += `obj  1714122 2026-11-26 15:13:22.798087457 +0000 UTC ${name}  \n`;
    if (text.length > 65_536) {
      chunks.push(encoder.encode(text));
      text = "";
    }
  }
  return [...chunks, encoder.encode(text)];
}

function* segmentNames(count: number, isGone: (at: number) => boolean): Generator<string> {
  for (let at = 0; at < count; at++) if (!isGone(at)) yield `${walName(3, FIRST + at, SIZE)}.lz4`;
}

function* fileNames(count: number): Generator<string> {
  for (let at = 0; at < count / 100; at++) {
    const folder = `/base_${walName(3, FIRST + at * 50, SIZE)}/tar_partitions`;
    for (let part = 0; part < 100; part++) yield `${folder}/part_${String(part + 1).padStart(3, "0")}.tar.lz4`;
  }
}

/** CPU time of the process, milliseconds: what else the machine does must not count. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The run that took the least CPU. */
function measure(name: string, work: () => unknown): void {
  let best = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const start = cpu();
    work();
    best = Math.min(best, cpu() - start);
  }
  console.log(`${name}: ${best.toFixed(1)} ms of CPU`);
}

function parse(chunks: readonly Uint8Array[], add: (object: ListedObject) => void): void {
  const parser = createListingParser(add);
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
}

function archiveOf(chunks: readonly Uint8Array[]) {
  const builder = createArchiveBuilder();
  parse(chunks, builder.add);
  return builder.build({ time: 0, storages: ["default"], shown: [] });
}

if (import.meta.main) {
  const segments = 500_000;
  const whole = table(segmentNames(segments, () => false));
  const holed = table(segmentNames(segments, (at) => at % 100 === 99));
  const alternating = table(segmentNames(segments, (at) => at % 2 === 1));
  measure("500,000 objects of the WAL archive read", () => {
    const builder = createArchiveBuilder();
    parse(whole, builder.add);
  });
  const files = table(fileNames(1_000_000));
  measure("1,000,000 objects of backups read", () => {
    const builder = createBackupFilesBuilder();
    parse(files, builder.add);
  });
  const archive = archiveOf(whole);
  let bytes = 0;
  for (const { logs } of archive.timelines.values()) {
    for (const { states, times, sizes } of logs) bytes += 2 * states.byteLength + times.byteLength + sizes.byteLength;
  }
  console.log(`500,000 segments held: ${(bytes / segments).toFixed(1)} bytes each, and the arrays' own heads`);
  const backups = backupsOf(10_000, 50);
  measure("recovery of 10,000 backups over 500,000 segments", () => recover({ backups, archive }));
  const withHoles = archiveOf(holed);
  measure("the same with 5,000 holes", () => recover({ backups, archive: withHoles }));
  const worst = archiveOf(alternating);
  measure("the same with every second segment gone", () => recover({ backups, archive: worst }));
  const short = archiveOf(table(segmentNames(10_000, () => false)));
  const close = backupsOf(10_000, 1);
  measure("recovery of 10,000 backups over 10,000 segments", () => recover({ backups: close, archive: short }));
  const statuses = Array.from({ length: 100_000 }, (_, at) => at % 2 === 0 ? "FOUND" : "MISSING_LOST");
  const verify = aVerify([{ timeline: 3, first: FIRST, statuses }], SIZE);
  measure("recovery of 10,000 backups over 100,000 ranges of wal-verify", () => recover({ backups, verify }));
}
