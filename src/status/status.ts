import type { Build } from "../base/manifest.ts";
import { inOneGo } from "../base/pace.ts";
import { formatAge, formatMinuteFrom, isFuture } from "../base/text.ts";
import { isKnown, ZERO_TIME } from "../base/time.ts";
import type { BackupList } from "../operations/backup_list.ts";
import type { Config } from "../operations/config.ts";
import { COMMANDS, type Operation } from "../operations/operation.ts";
import { collectorOf, OPERATIONS } from "../operations/registry.ts";
import type { Outcome, State } from "../operations/state.ts";
import type { BackupRecovery, Recovery } from "../recovery/recover.ts";
import { fixFor } from "../walg/advice.ts";
import type { Backup } from "../walg/backup_list.ts";
import type { ErrorType } from "../walg/failure.ts";
import type { SegmentRange, WalVerify } from "../walg/wal_verify.ts";
import { problemsOf } from "./problems.ts";

/** How many items are worked off between two `yield`s: well under a millisecond. */
export const SLICE = 1024;

/** How bad it is; `unknown` where nothing can be said at all. */
export type Level = "ok" | "warning" | "critical" | "unknown";

/** The word that stands beside the colour of a level. */
export type Word = "OK" | "Warning" | "Critical" | "Unknown";

/** The one sentence, with its level. */
export interface Summary {
  readonly level: Level;
  readonly word: Word;
  /** One line, without a full stop: the worst problem, or what is recoverable when there is none. */
  readonly sentence: string;
}

/** What can be wrong, worst first. */
export const PROBLEM_CODES = [
  "walg_not_run",
  "storage_down",
  "backup_list_failed",
  "no_backups",
  "nothing_restorable",
  "newest_not_restorable",
  "wal_lost",
  "timeline_mismatch",
  "restorable_unknown",
  "backup_in_future",
  "wal_verify_failed",
  "wal_unreachable",
  "wal_at_risk",
  "not_yet_run",
] as const;

/** One thing that is wrong. */
export interface Problem {
  readonly code: typeof PROBLEM_CODES[number];
  readonly level: Exclude<Level, "ok">;
  /** One line, without a full stop. */
  readonly sentence: string;
  /** What wal-g or the system said about it; the sentence ends with it. */
  readonly cause?: string;
  /** What to do about it. */
  readonly fix?: string;
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
  readonly operation: Operation;
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
  /** Kept after a success too. */
  readonly lastFailure?: FailureStatus;
}

/** Facts of the exporter itself. */
export interface ExporterStatus extends Build {
  /** Absent until wal-g has told. */
  readonly walgVersion?: string;
  /** What the sandbox leaves; `off` where there is none. Absent where that is not known. */
  readonly sandbox?: string;
  readonly walgPath: string;
  readonly walgConfigPath?: string;
  readonly telemetryPath: string;
}

/** Everything that is known at one moment, for people and for `check`. Readonly; the parts are shared, never copied. */
export interface Status {
  /** When it was made: Unix milliseconds. */
  readonly time: number;
  readonly summary: Summary;
  /** Worst first; empty when all is well. */
  readonly problems: readonly Problem[];
  /** "Recoverable from … up to …", where anything is recoverable, whatever else is wrong. */
  readonly recoverable?: string;
  /** Absent until both answers that it rests on are there. */
  readonly recovery?: Recovery;
  /** Newest first; absent until they were listed once. */
  readonly backups?: readonly BackupRecovery[];
  /** When the backups were listed: Unix milliseconds. */
  readonly listedTime?: number;
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
  readonly exporter: ExporterStatus;
}

const grouped = new WeakMap<WalVerify, readonly TimelineStatus[]>();

/** The ranges of wal-verify by timeline, in its order. Made once for each answer. */
export function timelinesOf(verify: WalVerify): readonly TimelineStatus[] {
  return grouped.get(verify) ?? inOneGo(groupByTimeline(verify));
}

/** {@link timelinesOf} in slices, for the first time that it is asked for. */
export function* groupByTimeline(verify: WalVerify): Generator<void, readonly TimelineStatus[]> {
  const known = grouped.get(verify);
  if (known !== undefined) return known;
  const timelines = new Map<number, { ranges: SegmentRange[]; segments: Map<string, number> }>();
  let done = 0;
  for (const range of verify.integrity.ranges) {
    if (++done % SLICE === 0) yield;
    let entry = timelines.get(range.timeline);
    if (entry === undefined) timelines.set(range.timeline, entry = { ranges: [], segments: new Map() });
    entry.ranges.push(range);
    entry.segments.set(range.status, (entry.segments.get(range.status) ?? 0) + range.segments);
  }
  const made = [...timelines].map(([timeline, entry]) => ({ timeline, ...entry }));
  grouped.set(verify, made);
  return made;
}

const sorted = new WeakMap<object, readonly BackupRecovery[]>();

/**
 * The backups, newest first; of two of the same time, the one that was listed later.
 *
 * Made once for each recovery, or for each list while there is none.
 */
export function newestFirst(list: BackupList, recovery: Recovery | undefined): readonly BackupRecovery[] {
  return sorted.get(recovery ?? list) ?? inOneGo(sortNewestFirst(list, recovery));
}

/** {@link newestFirst} in slices, for the first time that it is asked for. */
export function* sortNewestFirst(
  list: BackupList,
  recovery: Recovery | undefined,
): Generator<void, readonly BackupRecovery[]> {
  const key = recovery ?? list;
  const known = sorted.get(key);
  if (known !== undefined) return known;
  const backups = recovery?.backups ?? list.backups.map(unverified);
  yield;
  const times = Float64Array.from(backups, ({ backup }) => endTime(backup));
  const order = Uint32Array.from(backups, (_, index) => index).reverse();
  yield;
  // Stable, so that the reversed order decides between equals.
  order.sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0));
  yield;
  const rows = Array.from(order, (index) => backups[index]).filter((row) => row !== undefined);
  sorted.set(key, rows);
  return rows;
}

/** When a backup ended; where WAL-G does not know, when its sentinel was written: Unix milliseconds. */
export function endTime({ finishTime, modifiedTime }: Backup): number {
  return finishTime === ZERO_TIME ? modifiedTime : finishTime;
}

function unverified(backup: Backup): BackupRecovery {
  return { backup, restorable: undefined, reason: "wal-verify has not answered yet" };
}

/** What {@link recoverableSentence} is made from; times are Unix milliseconds. */
export interface RecoverableFacts {
  readonly recovery: Recovery;
  readonly newest: BackupRecovery | undefined;
  readonly verifiedTime: number;
  readonly now: number;
}

/**
 * From when and up to where recovery is possible. Never "to now", which nobody can know.
 *
 * @returns undefined where nothing is recoverable
 */
export function recoverableSentence({ recovery, newest, verifiedTime, now }: RecoverableFacts): string | undefined {
  const { untilSegment, windowStartTime } = recovery;
  if (untilSegment === undefined) return undefined;
  const from = windowStartTime === undefined ? "" : ` from ${formatMinuteFrom(windowStartTime)}`;
  const verified = `up to WAL segment ${untilSegment}, verified ${formatAge(verifiedTime, now)}`;
  return `Recoverable${from} ${verified}; ${lastBackup(newest, now)}`;
}

/** `last backup 2 h ago`. */
export function lastBackup(newest: BackupRecovery | undefined, now: number): string {
  if (newest === undefined) return "no backup";
  const time = endTime(newest.backup);
  if (!isKnown(time)) return "time of the last backup unknown";
  return isFuture(time, now) ? "time of the last backup in the future" : `last backup ${formatAge(time, now)}`;
}

const unknown = new WeakMap<Recovery, boolean>();

/** Whether there are backups of which it is not known if they are restorable. Looked for once in each recovery. */
export function anyUnknown(recovery: Recovery): boolean {
  const known = unknown.get(recovery) ?? recovery.backups.some(({ restorable }) => restorable === undefined);
  unknown.set(recovery, known);
  return known;
}

const WORDS: Readonly<Record<Level, Word>> = {
  ok: "OK",
  warning: "Warning",
  critical: "Critical",
  unknown: "Unknown",
};

/** The one sentence: the worst problem, or else what is recoverable. */
export function summarize(problems: readonly Problem[], recoverable: string | undefined): Summary {
  const [worst] = problems;
  const level = worst?.level ?? (recoverable === undefined ? "unknown" : "ok");
  return { level, word: WORDS[level], sentence: worst?.sentence ?? recoverable ?? "Nothing is known yet" };
}

/** What `walg-exporter check` judges by. */
export interface Verdict extends Summary {
  /** Worst first. */
  readonly problems: readonly Problem[];
}

/** What `check` has a threshold for. */
const BY_THRESHOLD: readonly Problem["code"][] = ["wal_unreachable", "wal_at_risk"];

/** The verdict without any threshold: segments at risk count only against the one that the operator sets. */
export function verdictOf({ problems, recoverable }: Pick<Status, "problems" | "recoverable">): Verdict {
  const counted = problems.filter(({ code }) => !BY_THRESHOLD.includes(code));
  return { ...summarize(counted, recoverable), problems: counted };
}

/** How the operations do, in the order in which they are shown. */
export function operationsOf(state: State, config: Config): readonly OperationStatus[] {
  return OPERATIONS.map((operation) => operationOf(operation, state[operation], config));
}

function operationOf(operation: Operation, outcome: Outcome<unknown>, config: Config): OperationStatus {
  const { snapshot, last, lastFailure, runningSince, nextRunTime, failuresInARow } = outcome;
  const { interval, timeout } = config.operations[operation];
  return {
    operation,
    description: collectorOf(operation).description,
    outcome: wordOf(outcome),
    ...(snapshot && { lastSuccessTime: snapshot.time }),
    ...(last && { lastRunTime: last.endTime, durationSeconds: last.durationSeconds }),
    ...(runningSince !== undefined && { runningSince }),
    ...(nextRunTime !== undefined && { nextRunTime }),
    intervalSeconds: interval / 1000,
    timeoutSeconds: timeout / 1000,
    failuresInARow,
    ...(lastFailure && { lastFailure: withFix(lastFailure, operation, config.walgPath) }),
  };
}

function wordOf({ unsupported, last }: Outcome<unknown>): OperationStatus["outcome"] {
  if (unsupported === true) return "unsupported";
  if (last === undefined) return "pending";
  return last.success ? "ok" : "failed";
}

const fixed = new WeakMap<object, FailureStatus>();

/** A failure with what to do about it: looked up once, since that compares it with many texts. */
function withFix(failure: FailureStatus, operation: Operation, walgPath: string): FailureStatus {
  const known = fixed.get(failure);
  if (known !== undefined) return known;
  const made = { ...failure, fix: fixFor(failure, { operation, command: COMMANDS[operation], walgPath }) };
  fixed.set(failure, made);
  return made;
}

/** What is known at one moment, for the page, its JSON and `check`: pure functions of the state. */

/** What a status is made from. */
export interface StatusOptions {
  readonly state: State;
  /** Of the two answers in `state`; undefined until both are there. */
  readonly recovery: Recovery | undefined;
  readonly config: Config;
  readonly build: Build;
  /** What the sandbox leaves; undefined where that is not known. */
  readonly sandbox: string | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The status at `now`. What is dear is made once for each answer of wal-g, so that a further call costs little. */
export function statusOf(options: StatusOptions): Status {
  const { state, recovery, config, now } = options;
  const [list, wal] = [state["backup-list"].snapshot, state["wal-verify"].snapshot];
  const backups = list && newestFirst(list.value, recovery);
  const operations = operationsOf(state, config);
  const problems = problemsOf({ state, recovery, backups, operations, now });
  const recoverable = recovery && wal &&
    recoverableSentence({ recovery, newest: backups?.[0], verifiedTime: wal.time, now });
  return {
    time: now,
    summary: summarize(problems, recoverable),
    problems,
    ...(recoverable !== undefined && { recoverable }),
    ...(recovery && { recovery }),
    ...(list && backups && { backups, listedTime: list.time }),
    ...(wal && { verifiedTime: wal.time, verify: verifyOf(wal.value), timelines: timelinesOf(wal.value) }),
    operations,
    exporter: exporterOf(options),
  };
}

/** Does what is dear of a {@link statusOf} in slices: after it, the status itself costs little. */
export function* prepareStatus({ state, recovery }: Pick<StatusOptions, "state" | "recovery">): Generator<void, void> {
  const [list, wal] = [state["backup-list"].snapshot, state["wal-verify"].snapshot];
  if (list) yield* sortNewestFirst(list.value, recovery);
  yield;
  if (wal) yield* groupByTimeline(wal.value);
}

function verifyOf({ integrity, timeline }: NonNullable<State["wal-verify"]["snapshot"]>["value"]) {
  const { current, highestInStorage } = timeline;
  return {
    integrity: integrity.status,
    timeline: timeline.status,
    ...(current !== undefined && { currentTimeline: current }),
    ...(highestInStorage !== undefined && { highestStorageTimeline: highestInStorage }),
  };
}

function exporterOf({ state, config, build, sandbox }: StatusOptions): ExporterStatus {
  return {
    ...build,
    ...(state.walgVersion !== undefined && { walgVersion: state.walgVersion }),
    ...(sandbox !== undefined && { sandbox }),
    walgPath: config.walgPath,
    ...(config.walgConfigPath !== undefined && { walgConfigPath: config.walgConfigPath }),
    telemetryPath: config.telemetryPath,
  };
}
