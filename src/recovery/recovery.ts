import type { Backup } from "../walg/backup.ts";
import type { Lsn } from "../walg/lsn.ts";
import type { History } from "./history.ts";

/** How far recovery can go: the end of an unbroken run of usable segments. */
export interface Reach {
  /** The first byte after the run. */
  readonly lsn: Lsn;
  /** WAL file name of the run's last segment, with its timeline in the history. */
  readonly segment: string;
  /** The first position in the history after the run. */
  readonly position: number;
}

/** What can be said of one backup. */
export interface BackupRecovery {
  readonly backup: Backup;
  /** undefined where it cannot be known. */
  readonly restorable: boolean | undefined;
  /** Why it is not restorable, or why that is not known; "" when it is restorable. */
  readonly reason: string;
  /** Where its first segment stands in the history; absent where the history does not hold it. */
  readonly position?: number;
  /** How far it can be recovered; of a restorable one only. */
  readonly reach?: Reach;
}

/** What is recoverable, and from when. */
export interface Recovery {
  /** Of the cluster, in bytes. */
  readonly segmentSize: number;
  /** In the order of the list. */
  readonly backups: readonly BackupRecovery[];
  /** What wal-verify walked; positions count from its first segment. */
  readonly history: History;
  /** The farthest reach of the restorable backups; absent when there is none. */
  readonly until?: Reach;
  /** The LSN of the farthest reach. */
  readonly untilLsn?: Lsn;
  /** WAL file name of the last segment before that reach. */
  readonly untilSegment?: string;
  /** Finish time, Unix milliseconds, of the earliest restorable backup with that reach; absent when there is none. */
  readonly windowStartTime?: number;
  /** False where nothing is known, so that there is no window to show, not even 0. */
  readonly windowKnown: boolean;
  /** Segments after the farthest reach; absent when there is none. */
  readonly atRiskSegments?: number;
  /** MISSING_LOST segments from the oldest listed backup on that have a FOUND one after them. */
  readonly lostSegments: number;
}
