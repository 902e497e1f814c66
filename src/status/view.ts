import type { Build } from "../base/manifest.ts";
import { backupFiles } from "../operations/backup_files.ts";
import { backupList } from "../operations/backup_list.ts";
import { type ClusterConfig, timingOf } from "../operations/config.ts";
import type { Operation } from "../operations/operation.ts";
import { answerOf, outcomeOf, progressOf, type State } from "../operations/state.ts";
import { walArchive } from "../operations/wal_archive.ts";
import { walVerify } from "../operations/wal_verify.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import { fixFor } from "../walg/advice.ts";
import { type Backup, endTime } from "../walg/backup_list.ts";
import { rangesByTimeline, segmentsByStatus, type WalVerify } from "../walg/wal_verify.ts";
import { archiveProblems } from "./archive_problems.ts";
import { backupProblems } from "./backup_problems.ts";
import { recoverableSentence } from "./recoverable.ts";
import { runProblems } from "./run_problems.ts";
import type {
  ExporterStatus,
  Level,
  OperationStatus,
  Problem,
  Status,
  Summary,
  TimelineStatus,
  Word,
} from "./status.ts";

/** What is made of a state once, and serves every reader until the next one. */
export interface View {
  readonly state: State;
  /** Absent until the answers that it rests on are there. */
  readonly recovery: Recovery | undefined;
  /** Newest first; of two of the same time, the one that was listed later. Absent until they were listed once. */
  readonly backups: readonly BackupRecovery[] | undefined;
  /** In the order of the history, oldest first; absent until the WAL was verified once. */
  readonly timelines: readonly TimelineStatus[] | undefined;
}

/** The view of a state. */
export function viewOf(state: State, recovery: Recovery | undefined): View {
  const [list, wal] = [answerOf(state, backupList), answerOf(state, walVerify)];
  return {
    state,
    recovery,
    backups: list && newestFirst(recovery?.backups ?? list.backups.map(unverified)),
    timelines: wal && timelinesOf(wal),
  };
}

/** Of two of the same time, the one that was listed later comes first. */
export function newestFirst(backups: readonly BackupRecovery[]): readonly BackupRecovery[] {
  return backups.toReversed().sort((a, b) => endTime(b.backup) - endTime(a.backup));
}

const NO_ANSWER = "neither wal-archive nor wal-verify has answered since start";

function unverified(backup: Backup): BackupRecovery {
  return { backup, restorable: undefined, code: "no_answer", reason: NO_ANSWER };
}

/** The ranges of wal-verify by timeline, in its order. */
function timelinesOf({ integrity }: WalVerify): readonly TimelineStatus[] {
  return [...rangesByTimeline(integrity.ranges)].map(([timeline, ranges]) => ({
    timeline,
    ranges,
    segments: segmentsByStatus(ranges),
  }));
}

/** What a status needs beside the view. */
export interface StatusOptions {
  readonly config: ClusterConfig;
  readonly build: Build;
  readonly telemetryPath: string;
  /** What the sandbox leaves; undefined where that is not known. */
  readonly sandbox: string | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The status at a moment. */
export function statusOf(view: View, options: StatusOptions): Status {
  const { state, recovery, backups, timelines } = view;
  const { now } = options;
  const [list, wal] = [outcomeOf(state, backupList).snapshot, outcomeOf(state, walVerify).snapshot];
  const operations = state.operations.map((operation) => operationStatus(operation, state, options));
  const facts = { state, recovery, backups, operations, now };
  const problems = [...runProblems(facts), ...backupProblems(facts), ...archiveProblems(facts)]
    .toSorted((a, b) => b.urgency - a.urgency);
  const archive = outcomeOf(state, walArchive).snapshot;
  const files = answerOf(state, backupFiles)?.files;
  const askedTime = (recovery?.source === "archive" ? archive : wal)?.time ?? now;
  const recoverable = recovery && recoverableSentence({ recovery, newest: backups?.[0], askedTime, now });
  return {
    ...(options.config.name !== undefined && { cluster: options.config.name }),
    time: now,
    summary: summarize(problems, recoverable),
    problems,
    ...(recoverable !== undefined && { recoverable }),
    ...(recovery && { recovery }),
    ...(list && backups && { backups, listedTime: list.time }),
    ...(archive && { archive: archive.value.archive, archivedTime: archive.time }),
    ...(files && { files }),
    ...(wal && timelines && { verifiedTime: wal.time, verify: verifyOf(wal.value), timelines }),
    operations,
    exporter: exporterOf(view, options),
  };
}

function operationStatus<T>(operation: Operation<T>, state: State, { config, now }: StatusOptions): OperationStatus {
  const outcome = outcomeOf(state, operation);
  const { snapshot, last, lastFailure, runningSince, nextRunTime, failuresInARow } = outcome;
  const { interval, timeout } = timingOf(config, operation);
  const progress = progressOf(outcome);
  const context = { operation: operation.name, command: operation.command, walgPath: config.walgPath };
  return {
    operation: operation.name,
    description: operation.description,
    outcome: progress.outcome,
    ...(snapshot && { lastSuccessTime: snapshot.time }),
    ...(last && { lastRunTime: last.endTime, durationSeconds: last.durationSeconds }),
    ...(runningSince !== undefined && { runningSince }),
    ...(nextRunTime !== undefined && { nextRunTime }),
    intervalSeconds: interval / 1000,
    timeoutSeconds: timeout / 1000,
    failuresInARow,
    ...(lastFailure && { lastFailure: { ...lastFailure, fix: fixFor(lastFailure, context) } }),
    tile: operation.tile(progress, now),
    row: operation.check.row,
    fine: snapshot && last && operation.check.fine(snapshot.value, last),
    ...(outcome.unsupported !== undefined && { unsupported: outcome.unsupported }),
  };
}

function verifyOf({ integrity, timeline }: WalVerify): NonNullable<Status["verify"]> {
  const { current, highestInStorage } = timeline;
  return {
    integrity: integrity.status,
    timeline: timeline.status,
    ...(current !== undefined && { currentTimeline: current }),
    ...(highestInStorage !== undefined && { highestStorageTimeline: highestInStorage }),
  };
}

function exporterOf({ state }: View, { config, build, sandbox, telemetryPath }: StatusOptions): ExporterStatus {
  return {
    ...build,
    ...(state.walgVersion !== undefined && { walgVersion: state.walgVersion }),
    ...(sandbox !== undefined && { sandbox }),
    walgPath: config.walgPath,
    ...(config.walgConfigPath !== undefined && { walgConfigPath: config.walgConfigPath }),
    telemetryPath,
  };
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
