import type { Lsn } from "./lsn.ts";

/** `delta` when the name carries `_D_`, else `full`. */
export type BackupType = "full" | "delta";

/** Both types, in the order in which series list them. */
export const BACKUP_TYPES: readonly BackupType[] = ["full", "delta"];

/** The zero time of Go, which WAL-G prints for a time that it does not know: Unix milliseconds. */
export const ZERO_TIME = -62_135_596_800_000;

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
