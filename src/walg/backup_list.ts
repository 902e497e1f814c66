import * as v from "valibot";
import type { Pace } from "../base/pace.ts";
import { ZERO_TIME } from "../base/time.ts";
import { count, decode, DecodeError, flag, readLongDocument, text, time, uint64 } from "./json.ts";
import type { Lsn } from "./segment.ts";

/** `delta` when the name carries `_D_`, else `full`. */
export type BackupType = "full" | "delta";

/** Both types, in the order in which series list them. */
export const BACKUP_TYPES: readonly BackupType[] = ["full", "delta"];

/** One backup of `wal-g backup-list --detail --json`, listed once however many storages hold it. */
export interface Backup {
  readonly name: string;
  readonly type: BackupType;
  /** The full name of the listed backup that a delta was taken on; "" for a full one and where no listed one fits. */
  readonly parent: string;
  /** The WAL file of the segment in which the backup started. */
  readonly walFile: string;
  /** When the sentinel was written (`time`): Unix milliseconds, {@link ZERO_TIME} when unknown. */
  readonly modifiedTime: number;
  /** When the backup began: Unix milliseconds, {@link ZERO_TIME} when unknown. */
  readonly startTime: number;
  /** When the backup ended: Unix milliseconds, {@link ZERO_TIME} when unknown. */
  readonly finishTime: number;
  readonly startLsn: Lsn;
  readonly finishLsn: Lsn;
  /** PostgreSQL's `server_version_num`, such as 150018. */
  readonly pgVersion: number;
  readonly permanent: boolean;
  /** Bytes in the storage. */
  readonly compressedSize: number;
  /** Bytes before compression. */
  readonly uncompressedSize: number;
  /** The storages that hold it, in the order listed; empty where WAL-G (before 3.0) names none. */
  readonly storages: readonly string[];
}

/** The type that a backup's name tells. */
export function backupType(name: string): BackupType {
  return name.includes("_D_") ? "delta" : "full";
}

/** `base_` and the WAL file of the parent that a delta's name tells; undefined for a full backup. */
export function parentPrefix(name: string): string | undefined {
  const [, walFile] = /_D_(.+?)(?:_[0-9A-F]{8})?$/.exec(name) ?? [];
  return walFile === undefined ? undefined : `base_${walFile}`;
}

/** How many backups get their parents in one go. */
const SLICE = 500;
/** No storage takes a longer object name, characters. */
const LONGEST_NAME = 1024;

/** When a backup ended; where WAL-G does not know, when its sentinel was written: Unix milliseconds. */
export function endTime({ finishTime, modifiedTime }: Backup): number {
  return finishTime === ZERO_TIME ? modifiedTime : finishTime;
}

const Entry = v.object({
  backup_name: v.pipe(
    v.string(),
    v.nonEmpty("expected a name, found an empty one"),
    v.maxLength(LONGEST_NAME, "expected a name, found a very long text"),
  ),
  time,
  wal_file_name: text,
  storage_name: text,
  start_time: time,
  finish_time: time,
  pg_version: count,
  start_lsn: uint64,
  finish_lsn: uint64,
  is_permanent: flag,
  uncompressed_size: count,
  compressed_size: count,
});

/**
 * Decodes what `wal-g backup-list --detail --json` printed, each backup once, in the order listed.
 *
 * @throws JsonError, DecodeError
 */
export async function decodeBackupList(stdout: Uint8Array, pace: Pace): Promise<readonly Backup[]> {
  // Only LSNs must be exact: a size is shown as a double anyway, and nothing else that is used is that large.
  const needsExact = (batch: string): boolean => /_lsn"\s*:\s*\d{16}/.test(batch);
  const document = await readLongDocument(stdout, { path: [], needsExact, pace });
  if (!Array.isArray(document.frame)) {
    throw new DecodeError(`the document: expected a list of backups, found ${kindOf(document.frame)}`);
  }
  const byName = new Map<string, Backup & { storages: string[] }>();
  const byStart = new Map<string, Backup[]>();
  for await (const { from, elements } of document.batches) {
    elements.forEach((element, index) => {
      const backup = toBackup(decode(Entry, element, `[${from + index}]`));
      const known = byName.get(backup.name);
      if (known !== undefined) {
        known.storages.push(...backup.storages.filter((storage) => !known.storages.includes(storage)));
        return;
      }
      byName.set(backup.name, backup);
      const start = beginning(backup.name);
      const others = byStart.get(start);
      if (others === undefined) byStart.set(start, [backup]);
      else others.push(backup);
    });
  }
  return await withParents(byName.values(), byStart, pace);
}

/** `base_` and the WAL file in which a backup began, which its deltas name. */
function beginning(name: string): string {
  const end = name.indexOf("_", "base_".length);
  return end < 0 ? name : name.slice(0, end);
}

function toBackup(entry: v.InferOutput<typeof Entry>): Backup & { storages: string[] } {
  return {
    name: entry.backup_name,
    type: backupType(entry.backup_name),
    parent: "",
    walFile: entry.wal_file_name,
    modifiedTime: entry.time,
    startTime: entry.start_time,
    finishTime: entry.finish_time,
    startLsn: entry.start_lsn,
    finishLsn: entry.finish_lsn,
    pgVersion: entry.pg_version,
    permanent: entry.is_permanent,
    compressedSize: entry.compressed_size,
    uncompressedSize: entry.uncompressed_size,
    storages: entry.storage_name === "" ? [] : [entry.storage_name],
  };
}

/** Gives each delta the listed backup that it was taken on. */
async function withParents(
  backups: Iterable<Backup>,
  byStart: ReadonlyMap<string, readonly Backup[]>,
  pace: Pace,
): Promise<readonly Backup[]> {
  const withParent = (backup: Backup): Backup => {
    const prefix = parentPrefix(backup.name);
    if (prefix === undefined) return backup;
    const candidates = (byStart.get(prefix) ?? []).filter((candidate) => candidate.name !== backup.name);
    const parent = latestBefore(candidates, backup.startTime) ?? candidates[0];
    return parent === undefined ? backup : { ...backup, parent: parent.name };
  };
  const whole: Backup[] = [];
  for (const backup of backups) {
    if (whole.length % SLICE === 0) await pace();
    whole.push(withParent(backup));
  }
  return whole;
}

function latestBefore(candidates: readonly Backup[], startTime: number): Backup | undefined {
  return candidates
    .filter(({ finishTime }) => finishTime <= startTime)
    .reduce<Backup | undefined>((best, next) => best && best.finishTime >= next.finishTime ? best : next, undefined);
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? "an object" : JSON.stringify(value).slice(0, 40);
}
