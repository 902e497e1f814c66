import { type Family, gauge } from "../base/family.ts";
import { formatCount } from "../base/text.ts";
import type { Build } from "../base/host.ts";
import { backupFiles } from "../operations/backup_files.ts";
import { backupList, isSettled } from "../operations/backup_list.ts";
import { type ClusterConfig, timingOf } from "../operations/config.ts";
import type { Operation } from "../operations/operation.ts";
import { drillResult } from "../operations/drill_result.ts";
import { PROBLEM_CODES, type ProblemCode, valueOf } from "../operations/problems.ts";
import { OPERATIONS } from "../operations/registry.ts";
import { answerOf, hasRun, outcomeOf, progressOf, type State } from "../operations/state.ts";
import { walArchive } from "../operations/wal_archive.ts";
import { walVerify } from "../operations/wal_verify.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import { systemsOf } from "../recovery/timelines.ts";
import { fixFor } from "../walg/failure.ts";
import { type Backup, newestFirst } from "../walg/backup_list.ts";
import { rangesByTimeline, segmentsByStatus, type WalVerify } from "../walg/wal_verify.ts";
import { archiveProblems } from "./archive_problems.ts";
import { backupProblems, findingsOf } from "./backup_problems.ts";
import { drillProblems, runProblems } from "./run_problems.ts";
import { limitProblems, measuresOf } from "./limit_problems.ts";
import {
  type ExporterStatus,
  type Findings,
  type InstanceStatus,
  lastBackup,
  type Level,
  type OperationStatus,
  type Problem,
  recoverableSentence,
  type Status,
  type Summary,
  type TimelineStatus,
  type Word,
} from "./status.ts";

/** What is made of a state once, and serves every reader until the next one. */
export interface View {
  readonly state: State;
  /** Absent until the answers that it rests on are there. */
  readonly recovery: Recovery | undefined;
  /** The newest backup by WAL-G's measure: its system is the one that counts. */
  readonly newest: Backup | undefined;
  /** Newest first; of two of the same time, the one that was listed later. Absent until they were listed once. */
  readonly backups: readonly BackupRecovery[] | undefined;
  /** What looking at all backups gave; absent until they were listed once. */
  readonly findings: Findings | undefined;
  /** In the order of the history, oldest first; absent until the WAL was verified once. */
  readonly timelines: readonly TimelineStatus[] | undefined;
}

/** The view of a state; what rests on the same answers as in the view before is taken from there. */
export function viewOf(state: State, recovery: Recovery | undefined, before?: View): View {
  const [list, wal, files] = [answerOf(state, backupList), answerOf(state, walVerify), answerOf(state, backupFiles)];
  const isSame = <T>(operation: Operation<T>): boolean =>
    before !== undefined && before.recovery === recovery &&
    answerOf(before.state, operation) === answerOf(state, operation);
  const backups = isSame(backupList)
    ? before?.backups
    : list && newestFirst(recovery?.backups ?? list.backups.map(unverified));
  return {
    state,
    recovery,
    newest: isSame(backupList) ? before?.newest : list && systemsOf(list.backups).newest,
    backups,
    findings: isSame(backupList) && isSame(backupFiles)
      ? before?.findings
      : backups && findingsOf(backups, files?.files),
    timelines: isSame(walVerify) ? before?.timelines : wal && timelinesOf(wal),
  };
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
  /** This machine's name; undefined where the sandbox hides it. */
  readonly hostname: string | undefined;
  readonly telemetryPath: string;
  /** What the sandbox leaves; undefined where that is not known. */
  readonly sandbox: string | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** What judging a view takes. */
type Judging = Pick<StatusOptions, "config" | "now">;

/** What is wrong at a moment, and what that is found in. */
function judge(view: View, options: Judging): Pick<Status, "operations" | "measures" | "problems"> {
  const { state, recovery, backups, findings } = view;
  const { config: { limits }, now } = options;
  const operations = state.operations.map((operation) => operationStatus(operation, state, options));
  const facts = { state, recovery, backups, findings, operations, limits, now };
  const measures = measuresOf(facts);
  const problems = inOrder([
    ...runProblems(facts),
    ...backupProblems(facts),
    ...archiveProblems(facts),
    ...limitProblems(facts, measures),
    ...drillProblems({ state, limits, now, cluster: options.config.name }),
  ]);
  return { operations, measures, problems };
}

/** The status at a moment. */
export function statusOf(view: View, options: StatusOptions): Status {
  const { state, recovery, backups, findings, timelines } = view;
  const { config: { limits }, now } = options;
  const { operations, measures, problems } = judge(view, options);
  const [list, wal] = [outcomeOf(state, backupList).snapshot, outcomeOf(state, walVerify).snapshot];
  const archive = outcomeOf(state, walArchive).snapshot;
  const files = answerOf(state, backupFiles)?.files;
  const drill = answerOf(state, drillResult)?.result;
  const askedTime = (recovery?.source === "archive" ? archive : wal)?.time ?? now;
  const recoverable = recovery && recoverableSentence(recovery, backups?.[0], askedTime, now);
  return {
    ...(options.config.name !== undefined && { cluster: options.config.name }),
    time: now,
    instance: instanceOf(view, options),
    summary: summarize(problems, recoverable ?? unverifiedByChoice(view, now)),
    problems,
    measures,
    limits,
    ...(recoverable !== undefined && { recoverable }),
    ...(recovery && { recovery }),
    ...(list && backups && { backups, listedTime: list.time }),
    ...(archive && { archive: archive.value.archive, archivedTime: archive.time }),
    ...(files && { files, ...(findings && { uploading: findings.running }) }),
    ...(drill && { drill }),
    ...(wal && timelines && { verifiedTime: wal.time, verify: verifyOf(wal.value), timelines }),
    operations,
    // With a wal-g for another database none runs, by nobody's choice.
    off: OPERATIONS.filter((one) => state.foreignWalg === undefined && !state.operations.includes(one))
      .map(({ name, description }) => ({ operation: name, description })),
    exporter: exporterOf(view, options),
  };
}

/** Those of a level in the order of the registry, the gravest first; what has only not run yet comes last. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) =>
    valueOf(b) - valueOf(a) || PROBLEM_CODES.indexOf(a.code) - PROBLEM_CODES.indexOf(b.code)
  );
}

/** What stands for what is recoverable where the operator wants nobody to look. */
function unverifiedByChoice({ state, recovery, backups }: View, now: number): string | undefined {
  const isOff = (operation: Operation<unknown>): boolean => !state.operations.includes(operation);
  if (recovery !== undefined || backups === undefined || !isOff(walArchive) || !isOff(walVerify)) return undefined;
  return `${formatCount(backups.length, "backup")}, what is recoverable is not verified by choice; ` +
    lastBackup(backups[0], now);
}

function operationStatus<T>(operation: Operation<T>, state: State, { config, now }: Judging): OperationStatus {
  const outcome = outcomeOf(state, operation);
  const { snapshot, last, lastFailure, runningSince, nextRunTime, failuresInARow, failingSince } = outcome;
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
    ...(failingSince !== undefined && { failingSince }),
    ...(lastFailure && { lastFailure: { ...lastFailure, fix: operation.problem.fix ?? fixFor(lastFailure, context) } }),
    tile: operation.tile(progress, now),
    fine: snapshot && last && (() => operation.check.fine(snapshot.value, last)),
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

/** Which database a view is about. */
export function instanceOf(
  { newest }: View,
  { config, hostname }: {
    readonly config: Pick<ClusterConfig, "name" | "instanceName">;
    readonly hostname: string | undefined;
  },
): InstanceStatus {
  return {
    name: config.name ?? config.instanceName ?? hostname ?? (newest?.hostname || undefined),
    hostname: newest?.hostname ?? "",
    dataDir: newest?.dataDir ?? "",
    systemIdentifier: newest?.systemIdentifier,
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

/**
 * `walg_problem` of a view at a moment: 0, 1 or 2 for each code. Before the first runs have ended, of what is wrong only:
 * nobody has looked yet, and a restart ends no alert.
 */
export function problemFamilies(view: View, options: Judging): readonly Family[] {
  const { problems } = judge(view, options);
  const values = new Map<ProblemCode, number>(isAllKnown(view.state) ? PROBLEM_CODES.map((code) => [code, 0]) : []);
  for (const problem of problems) {
    const value = Math.max(valueOf(problem), values.get(problem.code) ?? 0);
    if (value > 0) values.set(problem.code, value);
  }
  const help = "Whether there is this problem (0 = no, 1 = warning, 2 = critical).";
  const samples = [...values].map(([code, value]) => ({ labels: { code }, value }));
  return samples.length === 0 ? [] : [gauge("walg_problem", help, samples, ["code"])];
}

/** Whether each operation has run once, and what was listed first counts: until then nothing is said not to be wrong. */
function isAllKnown(state: State): boolean {
  const files = answerOf(state, backupFiles);
  if (files !== undefined && files.before === undefined && !isSettled(state, backupFiles)) return false;
  return state.operations.every((operation) => hasRun(state, operation));
}

/** The one sentence: the worst problem, or else what is recoverable. */
function summarize(problems: readonly Problem[], recoverable: string | undefined): Summary {
  const [worst] = problems;
  const level = worst?.level ?? (recoverable === undefined ? "unknown" : "ok");
  return { level, word: WORDS[level], sentence: worst?.sentence ?? recoverable ?? "Nothing is known yet" };
}
