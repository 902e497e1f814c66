import { type Backup, backupType } from "../../src/walg/backup_list.ts";
import type { SegmentRange, WalVerify } from "../../src/walg/wal_verify.ts";

export const MiB = 1024 * 1024;

/** A WAL file name from the LSN of the segment's first byte: spelt without the code under test. */
export function walName(timeline: number, number: number, size: number): string {
  const lsn = BigInt(number) * BigInt(size);
  const parts = [BigInt(timeline), lsn >> 32n, (lsn & 0xFFFFFFFFn) / BigInt(size)];
  return parts.map((part) => part.toString(16).toUpperCase().padStart(8, "0")).join("");
}

/** What a test says of a backup; the rest is filled in as WAL-G would. */
export interface BackupSpec {
  readonly timeline: number;
  /** The number of the segment that it starts in. */
  readonly number: number;
  readonly size: number;
  /** The full name of its parent; "" for a delta whose parent is not listed; absent for a full backup. */
  readonly parent?: string | undefined;
  /** The WAL file in the delta's name; of the parent where that is left out. */
  readonly parentWalFile?: string;
  readonly suffix?: string;
  /** Bytes from the start of its first segment; 0x100 unless told. */
  readonly finishOffset?: bigint;
  readonly finishLsn?: bigint;
  /** Unix milliseconds. */
  readonly finishTime?: number;
  readonly modifiedTime?: number;
  readonly permanent?: boolean;
  readonly systemIdentifier?: bigint | undefined;
  readonly compressedSize?: number;
}

/** A backup as the decoder gives it. */
export function aBackup(spec: BackupSpec): Backup {
  const { timeline, number, size, parent, suffix = "", finishTime = number * 60_000 } = spec;
  const walFile = walName(timeline, number, size);
  const from = spec.parentWalFile ?? parent?.slice("base_".length, "base_".length + 24);
  const name = `base_${walFile}${from === undefined ? "" : `_D_${from}`}${suffix}`;
  const segmentStart = BigInt(number) * BigInt(size);
  return {
    name,
    type: backupType(name),
    parent: parent ?? "",
    walFile,
    modifiedTime: spec.modifiedTime ?? finishTime,
    startTime: finishTime - 1000,
    finishTime,
    startLsn: segmentStart + 0x28n,
    finishLsn: spec.finishLsn ?? segmentStart + (spec.finishOffset ?? 0x100n),
    pgVersion: 150018,
    permanent: spec.permanent ?? false,
    systemIdentifier: spec.systemIdentifier ?? 7_711_199_360_131_015_255n,
    hostname: "db1",
    dataDir: "/var/lib/postgresql/15/main",
    compressedSize: spec.compressedSize ?? 1,
    uncompressedSize: 2,
    storages: ["default"],
  };
}

/** A stretch of a timeline in the history: one status for each segment. */
export interface Stretch {
  readonly timeline: number;
  readonly first: number;
  readonly statuses: readonly string[];
}

/** What wal-verify says of a history: neighbours of one status make one range, of at most `longest` segments. */
export function aVerify(stretches: readonly Stretch[], size: number, longest = Infinity): WalVerify {
  const ranges: SegmentRange[] = [];
  for (const { timeline, first, statuses } of stretches) {
    for (let from = 0; from < statuses.length;) {
      const status = statuses[from] ?? "";
      let to = from;
      while (statuses[to + 1] === status && to + 1 - from < longest) to++;
      const [start, end] = [walName(timeline, first + from, size), walName(timeline, first + to, size)];
      ranges.push({ timeline, start, end, segments: to - from + 1, status });
      from = to + 1;
    }
  }
  return {
    integrity: { status: "OK", ranges },
    timeline: { status: "OK", current: stretches.at(-1)?.timeline, highestInStorage: stretches.at(-1)?.timeline },
  };
}
