import type { Backup } from "../walg/backup_list.ts";
import type { Lsn } from "../walg/segment.ts";
import type { History } from "./history.ts";

/** How far recovery can go: the end of an unbroken run of segments. */
export interface Reach {
  /** The first byte after the run, or where the timeline was left if only its own file of that segment is there. */
  readonly lsn: Lsn;
  /** WAL file name of the run's last segment. */
  readonly segment: string;
  /** The first position after the run; of the current history, or of the branch that the backup lies on. */
  readonly position: number;
  /**
   * What was committed until about then can be recovered: the upper of the two bounds, Unix milliseconds. Absent where
   * the archive's times are not known.
   */
  readonly moment?: number;
  /** What was committed until then is in it for certain: Unix milliseconds; absent without evidence. */
  readonly certain?: number;
  /** WAL file name of an object right behind the run that stops every restore to the latest moment: it is empty. */
  readonly inTheWay?: string;
}

/** Why a backup is what it is, for machines. */
export type ReasonCode =
  /** Restorable along the current history. */
  | "restorable"
  /** Restorable, but only to its own timeline. */
  | "branch"
  /** A backup that it is a delta of is not listed. */
  | "ancestor_missing"
  /** It is, by the names, a delta of itself. */
  | "ancestor_loop"
  /** Files of a backup that it is a delta of are gone. */
  | "ancestor_incomplete"
  /** A delta on a backup of another branch: it restores to a mixture. */
  | "mixed"
  /** Files of its own are gone. */
  | "incomplete"
  /** A segment of its own is not there, and later ones are. */
  | "segment_lost"
  /** A segment of its own is not there, nor is a later one. */
  | "segment_not_archived"
  /** A segment of its own is an empty object, or one of the wrong size. */
  | "segment_empty"
  /** Not known: it is of another database system than the newest backup. */
  | "other_system"
  /** Not known: the `.history` that would tell is not there. */
  | "history_unknown"
  /** Not known: a storage could not be listed. */
  | "storage_not_listed"
  /** Not known: it ended after the archive was listed, or wal-verify says nothing of a segment that it needs. */
  | "not_covered"
  /** Not known: neither the archive nor wal-verify has answered. */
  | "no_answer";

/** What can be said of one backup. */
export interface BackupRecovery {
  readonly backup: Backup;
  /** undefined where it cannot be known. */
  readonly restorable: boolean | undefined;
  /** Why it is not restorable, why that is not known, or to which timeline only; "" when there is nothing to say. */
  readonly reason: string;
  readonly code: ReasonCode;
  /** The timeline that is the only one to which it can be restored; absent for a backup on the current history. */
  readonly branch?: number;
  /** How far it can be recovered; of a restorable one only. */
  readonly reach?: Reach;
  /** Where its first segment stands in the current history; absent where it does not. */
  readonly position?: number;
  /** Whether its files are all there; absent where that has not been looked at. */
  readonly isComplete?: boolean;
  /** Bytes of its parts in the storage that has most of them; absent where that has not been looked at. */
  readonly storedBytes?: number;
  /** Storages that lack files of it which another one has; absent where there are none. */
  readonly lackingStorages?: readonly string[];
}

/** Neighbouring segments that are gone. */
export interface Hole {
  /** WAL file name of the first. */
  readonly first: string;
  /** WAL file name of the last. */
  readonly last: string;
  readonly segments: number;
  /** The earliest time at which a segment behind it was archived: Unix milliseconds; absent where that is not known. */
  readonly behindTime?: number;
  /** It was there by then: when the segment behind it was archived, or a later backup began; Unix milliseconds. */
  readonly knownTime?: number;
  /** Whether a restorable backup on the current history began after it. */
  readonly isBridged: boolean;
}

/** Segments that are not there though later ones are. */
export interface LostSegments {
  readonly segments: number;
  /** WAL file name of the oldest. */
  readonly first: string;
  /** WAL file name of the newest. */
  readonly last: string;
  /** Newest first; at most {@link MOST_HOLES}. */
  readonly holes: readonly Hole[];
  /** Whether a restorable backup on the current history began after the newest of them. */
  readonly isBridged: boolean;
}

/** How many holes are listed. */
export const MOST_HOLES = 100;

/** The segments after the farthest reach; together they are `atRiskSegments`. */
export interface BeyondReach {
  /** Missing at the end, with no archived one after them. */
  readonly notArchived: number;
  /** Missing, with archived ones after them. */
  readonly missing: number;
  /** Archived, but behind the gap where recovery stops. */
  readonly unreachable: number;
  /** Neither known to be there nor known to be missing. */
  readonly unknown: number;
  /** WAL file name of the first missing one of that gap; absent where there is no such gap. */
  readonly firstMissing?: string;
}

/** An object that ends every recovery that comes to it with FATAL. */
export interface InTheWay {
  /** WAL file name. */
  readonly segment: string;
  /** Its object's name in `wal_005/`, for `wal-g st rm`. */
  readonly object: string;
  /** The storage that has it, for `-t`; absent where that is the first one. */
  readonly storage?: string;
  /** Whether it is empty; else it has the wrong size. */
  readonly isEmpty: boolean;
  /** Whether the recovery that reaches farthest comes to it. */
  readonly isAtReach: boolean;
}

/** A timeline without a history that can be read. */
export interface MissingHistory {
  readonly timeline: number;
  /** `00000003.history` */
  readonly file: string;
  /** Not in the archive; or there, but it cannot be read, as with another key. */
  readonly cause: "missing" | "unreadable";
  /** Whether the current history needs it; else only `recovery_target_timeline = 'latest'` stops before it. */
  readonly isOnHistory: boolean;
  /** Whether backups or segments of lower timelines are there that it cuts off. */
  readonly cutsOff: boolean;
}

/** A timeline that wal-verify passed over: it looked for its segments on the next one, where they may never have been. */
export interface SkippedTimeline {
  readonly timeline: number;
  /** WAL file name of the first segment that wal-verify asked for. */
  readonly asked: string;
  /** Under which name that segment is there if nothing is missing. */
  readonly instead: string;
}

/** Backups of a database system that is not the newest backup's. */
export interface OtherSystem {
  readonly systemIdentifier: bigint;
  /** In the order of the list; at most {@link MOST_NAMES}. */
  readonly names: readonly string[];
  readonly backups: number;
}

/** How many names of backups are listed. */
export const MOST_NAMES = 100;

/** What is recoverable, and from when. */
export interface Recovery {
  /** What it rests on; `none` where neither has answered. */
  readonly source: "archive" | "wal-verify" | "none";
  /** Of the cluster, in bytes. */
  readonly segmentSize: number;
  /** In the order of the list. */
  readonly backups: readonly BackupRecovery[];
  /** The current history; positions count from its first segment. */
  readonly history: History;
  /** The timeline that recovery goes to; absent where nothing tells it. */
  readonly currentTimeline?: number;
  /** The farthest reach of the restorable backups on the current history; absent when there is none. */
  readonly until?: Reach;
  /** The LSN of the farthest reach. */
  readonly untilLsn?: Lsn;
  /** WAL file name of the last segment before that reach. */
  readonly untilSegment?: string;
  /** Finish time, Unix milliseconds, of the earliest restorable backup with that reach; absent when there is none. */
  readonly windowStartTime?: number;
  /** False where nothing is known, so that there is no window to show, not even 0. */
  readonly windowKnown: boolean;
  /** Whole segments after the farthest reach; absent when there is none. */
  readonly atRiskSegments?: number;
  /** Those of them that wait for certain: the cluster had written them when the archive was listed without them. */
  readonly waitingSegments?: number;
  /** What those are; absent when there is no reach. */
  readonly beyond?: BeyondReach;
  /** Segments that are not there, from the oldest backup on, with a later one there. */
  readonly lostSegments: number;
  /** Which those are; absent when there are none. */
  readonly lost?: LostSegments;
  /** Oldest first; at most {@link MOST_HOLES}. */
  readonly inTheWay: readonly InTheWay[];
  /** Ascending by timeline. */
  readonly missingHistories: readonly MissingHistory[];
  /** By wal-verify's ranges alone; ascending by timeline. */
  readonly skippedTimelines: readonly SkippedTimeline[];
  /** The archive holds a timeline that the current one does not come from; absent where it does not. */
  readonly timelineMismatch?: { readonly current: number; readonly highest: number };
  /** Of which system the backups are that count; absent where WAL-G names none. */
  readonly systemIdentifier?: bigint;
  readonly otherSystems: readonly OtherSystem[];
  /** The newest backup, where it is of a branch that the cluster left: the next delta would be mixed. */
  readonly newestOnBranch?: BackupRecovery;
  /** Whether there are backups of which it is not known if they are restorable. */
  readonly anyUnknown: boolean;
}
