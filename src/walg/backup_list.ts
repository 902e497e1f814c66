import * as v from "valibot";
import type { Pace } from "../base/clock.ts";
import { isKnown } from "../base/time.ts";
import { count, decodeElements, DecodeError, flag, parseJson, text, time, uint64 } from "./json.ts";
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
  /** When the sentinel was written (`time`): Unix milliseconds, `ZERO_TIME` when unknown. */
  readonly modifiedTime: number;
  /** When the backup began: Unix milliseconds, `ZERO_TIME` when unknown. */
  readonly startTime: number;
  /** When the backup ended: Unix milliseconds, `ZERO_TIME` when unknown. */
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
  /** The database system's, which `initdb` makes; undefined where WAL-G does not say. */
  readonly systemIdentifier: bigint | undefined;
  /** Of the host that took it; "" where WAL-G does not say. */
  readonly hostname: string;
  /** The data folder on that host; "" where WAL-G does not say. */
  readonly dataDir: string;
  /** The storages that hold it, in the order listed; empty where WAL-G (before 3.0) names none. */
  readonly storages: readonly string[];
  /** Only name, WAL file, storages and the time of its sentinel are known: the plain list has no more. */
  readonly lacksDetails?: true;
}

/** When a backup ended; where WAL-G does not know, when its sentinel was written: Unix milliseconds. */
export function endTime({ finishTime, modifiedTime }: Backup): number {
  return isKnown(finishTime) ? finishTime : modifiedTime;
}

/** Of two of the same time, the one that was listed later comes first. */
export function newestFirst<T extends { readonly backup: Backup }>(backups: readonly T[]): readonly T[] {
  return backups.toReversed().sort((a, b) => endTime(b.backup) - endTime(a.backup));
}

/**
 * When a backup's sentinel was written, by which WAL-G finds the newest one; where that is not known, when it ended:
 * Unix milliseconds.
 */
export function sentinelTime({ modifiedTime, finishTime }: Backup): number {
  return Math.max(modifiedTime, finishTime);
}

/** The type of backup that a name stands for. */
export function backupType(name: string): BackupType {
  return name.includes("_D_") ? "delta" : "full";
}

/** `base_` and the WAL file of the parent that is in a delta's name; undefined for a full backup. */
export function parentPrefix(name: string): string | undefined {
  const [, walFile] = /_D_(.+?)(?:_[0-9A-F]{8})?$/.exec(name) ?? [];
  return walFile === undefined ? undefined : `base_${walFile}`;
}

/** How many backups get their parents between two yields. */
const BATCH_SIZE = 500;
/** No storage takes a longer object name, characters. */
export const MAX_NAME_LENGTH = 1024;

const Fields = v.object({
  backup_name: v.pipe(
    v.string(),
    v.nonEmpty("expected a name, found an empty one"),
    v.maxLength(MAX_NAME_LENGTH, "expected a name, found a very long text"),
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
  system_identifier: uint64,
  hostname: text,
  data_dir: text,
});

const Entry = v.pipe(Fields, v.transform(toBackup));

/**
 * Decodes what `wal-g backup-list --detail --json` printed, each backup once, in the order listed.
 *
 * @throws JsonError, DecodeError
 */
export async function decodeBackupList(stdout: Uint8Array, pace: Pace): Promise<readonly Backup[]> {
  const document = await parseJson(stdout, pace);
  if (!Array.isArray(document)) {
    throw new DecodeError(`the document: expected a list of backups, found ${kindOf(document)}`);
  }
  const copies = await decodeElements(Entry, document, "", pace);
  await pace();
  const backups = Map.groupBy(copies, ({ name }) => name).values().map(joinCopies);
  return await withParents([...backups], pace);
}

/**
 * One backup of its copies in several storages. What is said of it may have been changed in one of them only, such as
 * that it is permanent: the copy that was written last counts, in whatever order they are listed.
 */
function joinCopies(copies: readonly Backup[]): Backup {
  const last = copies.reduce((last, copy) => {
    const age = copy.modifiedTime - last.modifiedTime;
    return age > 0 || (age === 0 && String(copy.storages) < String(last.storages)) ? copy : last;
  });
  return copies.length === 1 ? last : { ...last, storages: [...new Set(copies.flatMap(({ storages }) => storages))] };
}

/**
 * Decodes what `wal-g backup-list --json` printed, for when the details cannot be listed; those that are known from an
 * earlier list stay.
 *
 * @throws JsonError, DecodeError
 */
export async function decodePlainList(
  stdout: Uint8Array,
  known: readonly Backup[],
  pace: Pace,
): Promise<readonly Backup[]> {
  const byName = new Map(known.map((backup) => [backup.name, backup]));
  const listed = await decodeBackupList(stdout, pace);
  return listed.map((backup) => {
    const before = byName.get(backup.name);
    // Taken again under its name, it is another backup.
    if (before?.modifiedTime === backup.modifiedTime) {
      return { ...before, parent: backup.parent, storages: backup.storages };
    }
    return { ...backup, lacksDetails: true };
  });
}

/** `base_` and the WAL file in which a backup began, which its deltas name. */
function beginning(name: string): string {
  const end = name.indexOf("_", "base_".length);
  return end < 0 ? name : name.slice(0, end);
}

function toBackup(entry: v.InferOutput<typeof Fields>): Backup {
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
    systemIdentifier: entry.system_identifier === 0n ? undefined : entry.system_identifier,
    hostname: entry.hostname,
    dataDir: entry.data_dir,
    storages: entry.storage_name === "" ? [] : [entry.storage_name],
  };
}

/** Gives each delta the listed backup that it was taken on. */
async function withParents(backups: readonly Backup[], pace: Pace): Promise<readonly Backup[]> {
  const byBeginning = Map.groupBy(backups, ({ name }) => beginning(name));
  const complete: Backup[] = [];
  for (const backup of backups) {
    if (complete.length % BATCH_SIZE === 0) await pace();
    const candidates = byBeginning.get(parentPrefix(backup.name) ?? "")?.filter(({ name }) => name !== backup.name);
    const parent = latestBefore(candidates ?? [], backup.startTime) ?? candidates?.[0];
    complete.push(parent === undefined ? backup : { ...backup, parent: parent.name });
  }
  return complete;
}

function latestBefore(candidates: readonly Backup[], startTime: number): Backup | undefined {
  return candidates
    .filter(({ finishTime }) => finishTime <= startTime)
    .reduce<Backup | undefined>((best, next) => best && best.finishTime >= next.finishTime ? best : next, undefined);
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? "an object" : JSON.stringify(value).slice(0, 40);
}
