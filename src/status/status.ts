import type { Build } from "../base/host.ts";
import type { Limits, Measure } from "../operations/limits.ts";
import type { Tile } from "../operations/operation.ts";
import type { ProblemCode, ProblemLevel } from "../operations/problems.ts";
import type { State } from "../operations/state.ts";
import type { DrillResult } from "../operations/drill_result.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import type { BackupFiles, UnfinishedBackup } from "../walg/backup_files.ts";
import type { ErrorType } from "../walg/failure.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import type { SegmentRange } from "../walg/wal_verify.ts";
import { formatAge, formatSecond, formatSecondFrom, isFuture } from "../base/text.ts";
import { isKnown } from "../base/time.ts";
import { endTime } from "../walg/backup_list.ts";

/** How bad it is; `unknown` where nothing can be said at all. */
export type Level = "ok" | ProblemLevel;

/** The levels of several clusters, from the worst: what is known to be broken comes before what is not known. */
export const WORST_FIRST: readonly Level[] = ["critical", "unknown", "warning", "ok"];

/** How many are how, the worst first and the good ones left out: `2 critical`, `1 warning`. */
export function levelCounts(levels: readonly Level[]): readonly string[] {
  return WORST_FIRST.filter((level) => level !== "ok").flatMap((level) => {
    const count = levels.filter((one) => one === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
}

/** The word that stands beside the colour of a level. */
export type Word = "OK" | "Warning" | "Critical" | "Unknown";

/** The one sentence, with its level. */
export interface Summary {
  readonly level: Level;
  readonly word: Word;
  /** One line, without a full stop: the worst problem, or what is recoverable when there is none. */
  readonly sentence: string;
}

/** One thing that is wrong. */
export interface Problem {
  readonly code: ProblemCode;
  readonly level: ProblemLevel;
  /** One line, without a full stop. */
  readonly sentence: string;
  /** What wal-g or the system said about it; the sentence ends with it. */
  readonly cause?: string;
  /** What else the same cause breaks, a line each. */
  readonly effects?: readonly string[];
  /** The codes of the problems that these would be without it. */
  readonly effectsOn?: readonly ProblemCode[];
  /** What to do about it. */
  readonly fix?: string;
}

/** Something that has a limit, as it is now. */
export interface Measured {
  /** Seconds, or segments; absent where it is not known, or does not exist. */
  readonly value?: number;
  /** Why that is so. */
  readonly reason?: string;
}

/** What the problems of backups are made from: found once for each answer, as it means looking at all of them. */
export interface Findings {
  readonly newestFull: BackupRecovery | undefined;
  /** Newest first, each: deltas on a branch, those that lack files, and others that are not restorable. */
  readonly mixed: readonly BackupRecovery[];
  readonly incomplete: readonly BackupRecovery[];
  readonly broken: readonly BackupRecovery[];
  /** Whether a backup that is newer than all mixed ones restores along the current history. */
  readonly isMixedOver: boolean;
  /** The newest full backup's compressed size by the median of the full ones; undefined for less than four. */
  readonly fullSizeRatio: number | undefined;
  /** Backups without a sentinel: uploads that went on when they were listed, and those that died. */
  readonly running: readonly UnfinishedBackup[];
  readonly dead: readonly UnfinishedBackup[];
}

/** What the problems of a moment are found in, all by the last good answers. */
export interface Facts {
  readonly state: State;
  readonly operations: readonly OperationStatus[];
  /** Absent until the answers that it rests on are there. */
  readonly recovery: Recovery | undefined;
  /** Newest first; undefined until they were listed once. */
  readonly backups: readonly BackupRecovery[] | undefined;
  readonly findings: Findings | undefined;
  readonly limits: Limits;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The segments of one timeline, as `wal-verify` gave them. */
export interface TimelineStatus {
  readonly timeline: number;
  /** Oldest first. */
  readonly ranges: readonly SegmentRange[];
  /** Segments by status. */
  readonly segments: ReadonlyMap<string, number>;
}

/** The last failed run of an operation; the texts are masked. */
export interface FailureStatus {
  readonly type: ErrorType;
  /** WAL-G's own words where it gave any. */
  readonly message: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly exitCode?: number;
  /** The end of what wal-g wrote to stderr. */
  readonly stderr?: string;
  /** What to do about it, where that is known. */
  readonly fix?: string;
}

/** How an operation does; times are Unix milliseconds. */
export interface OperationStatus {
  readonly operation: string;
  readonly description: string;
  /** `pending` before the first run has ended, `unsupported` when this wal-g does not have the command. */
  readonly outcome: "ok" | "failed" | "pending" | "unsupported";
  readonly lastSuccessTime?: number;
  /** The last run, failed or not. */
  readonly lastRunTime?: number;
  readonly durationSeconds?: number;
  readonly runningSince?: number;
  readonly nextRunTime?: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly failuresInARow: number;
  /** When the first of them ended. */
  readonly failingSince?: number;
  /** Kept after a success too. */
  readonly lastFailure?: FailureStatus;
  /** Its figure on the page; undefined where it has none. */
  readonly tile: Tile | undefined;
  /** What its last answer says in its row of `check`; undefined without one. */
  readonly fine: (() => string) | undefined;
  /** Why this wal-g has no such command. */
  readonly unsupported?: string;
}

/** Which database this is about; the last three are of the newest backup, as WAL-G says them, "" or absent without. */
export interface InstanceStatus {
  /** What the operator calls it, else this host's name, else that of the newest backup; absent where none is known. */
  readonly name: string | undefined;
  readonly hostname: string;
  readonly dataDir: string;
  readonly systemIdentifier: bigint | undefined;
}

/** Facts of the exporter itself. */
export interface ExporterStatus extends Build {
  /** Absent until wal-g has printed it. */
  readonly walgVersion?: string;
  /** What the sandbox leaves; `off` where there is none. Absent where that is not known. */
  readonly sandbox?: string;
  readonly walgPath: string;
  readonly walgConfigPath?: string;
  readonly telemetryPath: string;
}

/** Everything that is known at one moment, for people and for `check`. Readonly; the parts are shared, never copied. */
export interface Status {
  /** The cluster's name; absent where one without a name is watched. */
  readonly cluster?: string;
  /** When it was made: Unix milliseconds. */
  readonly time: number;
  readonly instance: InstanceStatus;
  readonly summary: Summary;
  /** Worst first; empty when all is well. */
  readonly problems: readonly Problem[];
  /** Everything that has a limit, and its limits. */
  readonly measures: Readonly<Record<Measure, Measured>>;
  readonly limits: Limits;
  /** "Recoverable from … up to …", where anything is recoverable, whatever else is wrong. */
  readonly recoverable?: string;
  /** Absent until both answers that it rests on are there. */
  readonly recovery?: Recovery;
  /** Newest first; absent until they were listed once. */
  readonly backups?: readonly BackupRecovery[];
  /** When the backups were listed: Unix milliseconds. */
  readonly listedTime?: number;
  /** The WAL archive; absent until it was listed once. */
  readonly archive?: WalArchive;
  /** When it was listed: Unix milliseconds. */
  readonly archivedTime?: number;
  /** What the storages hold of the backups; absent until that was listed once. */
  readonly files?: BackupFiles;
  /** Backups that were being uploaded then. */
  readonly uploading?: readonly UnfinishedBackup[];
  /** What the last restore drill found; absent where there was none. */
  readonly drill?: DrillResult;
  /** When the WAL was verified: Unix milliseconds. */
  readonly verifiedTime?: number;
  /** What wal-verify said in a word each; absent until it has answered once. */
  readonly verify?: {
    readonly integrity: string;
    readonly timeline: string;
    readonly currentTimeline?: number;
    readonly highestStorageTimeline?: number;
  };
  /** In the order of the history, oldest first; absent until the WAL was verified once. */
  readonly timelines?: readonly TimelineStatus[];
  readonly operations: readonly OperationStatus[];
  /** The operations that are off by choice. */
  readonly off: readonly Pick<OperationStatus, "operation" | "description">[];
  readonly exporter: ExporterStatus;
}

/**
 * From when and up to when recovery is possible. Never "to now", which nobody can know.
 *
 * @param askedTime when what it rests on was asked for: Unix milliseconds
 * @returns undefined where nothing is recoverable
 */
export function recoverableSentence(
  recovery: Recovery,
  newest: BackupRecovery | undefined,
  askedTime: number,
  now: number,
): string | undefined {
  const { until, windowStartTime, source } = recovery;
  if (until === undefined) return undefined;
  const asked = `${source === "archive" ? "listed" : "verified"} ${formatAge(askedTime, now)}`;
  const from = windowStartTime === undefined
    ? "Recoverable"
    : `Recoverable from ${formatSecondFrom(windowStartTime, now)}`;
  // The moment may lie within the second of the start.
  const upToTime = Math.max(until.moment ?? 0, Math.min(Math.ceil((windowStartTime ?? 0) / 1000) * 1000, now));
  const upTo = until.moment === undefined
    ? `${from} up to WAL segment ${until.segment}, ${asked}`
    : `${from} up to about ${formatSecond(upToTime)} (${formatAge(upToTime, now)}), WAL segment ${until.segment}`;
  return `${upTo}; ${lastBackup(newest, now)}`;
}

/** `last backup 2 h ago`. */
export function lastBackup(newest: BackupRecovery | undefined, now: number): string {
  if (newest === undefined) return "no backup";
  const time = endTime(newest.backup);
  if (!isKnown(time)) return "time of the last backup unknown";
  return isFuture(time, now) ? "time of the last backup in the future" : `last backup ${formatAge(time, now)}`;
}
