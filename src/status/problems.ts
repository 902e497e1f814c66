import { formatAge, formatCount, formatLength, formatMinute, formatNumber, isFuture } from "../base/text.ts";
import { backupList } from "../operations/backup_list.ts";
import { answerOf, outcomeOf, type State } from "../operations/state.ts";
import { walVerify } from "../operations/wal_verify.ts";
import { endTime } from "../walg/backup_list.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import type { ErrorType } from "../walg/failure.ts";
import { formatSegment } from "../walg/segment.ts";
import { FOUND, MISSING_LOST } from "../walg/wal_verify.ts";
import { anyUnknown, lastBackup } from "./recoverable.ts";
import type { FailureStatus, OperationStatus, Problem } from "./status.ts";

/** WAL file names of the oldest and of the newest lost segment. */
export interface LostSegments {
  readonly first: string;
  readonly last: string;
}

/** Where the lost segments of a recovery are; undefined when none is lost. */
export function lostSegments(recovery: Recovery): LostSegments | undefined {
  const { history: { spans }, lostSegments, segmentSize } = recovery;
  if (lostSegments === 0) return undefined;
  // Counts back from the newest usable segment until all lost ones are met.
  const newestUsable = spans.findLastIndex(({ status }) => status === FOUND);
  const name = (timeline: number, number: number): string => formatSegment({ timeline, number }, segmentSize);
  let last: string | undefined;
  let left = lostSegments;
  for (let at = newestUsable; at >= 0; at--) {
    const span = spans[at];
    if (span?.status !== MISSING_LOST) continue;
    last ??= name(span.timeline, span.last);
    const length = span.last - span.first + 1;
    if (length >= left) return { first: name(span.timeline, span.last - left + 1), last };
    left -= length;
  }
  return undefined;
}

/** The segments after the farthest reach, told apart; together they are `atRiskSegments`. */
export interface BeyondReach {
  /** Missing at the end, with no archived one after them. */
  readonly notArchived: number;
  /** Missing, with archived ones after them. */
  readonly missing: number;
  /** Archived, but behind the gap where recovery stops. */
  readonly unreachable: number;
  /** WAL file name of the first missing one of that gap; absent where there is no such gap. */
  readonly firstMissing?: string;
}

/** What lies after the farthest reach; undefined when there is no reach. */
export function beyondReach({ history: { spans }, until, segmentSize }: Recovery): BeyondReach | undefined {
  if (until === undefined) return undefined;
  const newestFound = spans.findLastIndex(({ status }) => status === FOUND);
  let [notArchived, missing, unreachable] = [0, 0, 0];
  let firstMissing: string | undefined;
  for (let at = spans.length - 1; at >= 0; at--) {
    const span = spans[at];
    if (span === undefined || span.position < until.position) break;
    const length = span.last - span.first + 1;
    if (at > newestFound) notArchived += length;
    else if (span.status === FOUND) unreachable += length;
    else {
      missing += length;
      firstMissing = formatSegment({ timeline: span.timeline, number: span.first }, segmentSize);
    }
  }
  return { notArchived, missing, unreachable, ...(firstMissing !== undefined && { firstMissing }) };
}

/** Whether archived segments lie behind a gap, and what is said of that; one line. */
export function gapSentence({ unreachable, firstMissing }: BeyondReach, untilSegment: string): string | undefined {
  if (unreachable === 0) return undefined;
  const segments = unreachable === 1
    ? "the archived WAL segment"
    : `the ${formatNumber(unreachable)} archived WAL segments`;
  const gap = firstMissing === undefined
    ? `The archived WAL does not go on after ${untilSegment}`
    : `${firstMissing} is missing`;
  return `${gap}: recovery stops there, and ${segments} after it cannot be reached`;
}

/** What the problems of the archive are found in; `now` is Unix milliseconds. */
export interface Facts {
  readonly state: State;
  readonly recovery: Recovery | undefined;
  /** Newest first; undefined until they were listed once. */
  readonly backups: readonly BackupRecovery[] | undefined;
  readonly operations: readonly OperationStatus[];
  readonly now: number;
}

/**
 * How many segments may wait to be archived before that is worth a warning: as many as WAL-G uploads at once by
 * default.
 */
const IN_FLIGHT = 16;

// A plain backup-push can make a delta on a chain that is broken.
const BACK_UP = "Take a full backup now: 'wal-g backup-push --full DATA_DIRECTORY'.";

const PUT_BACK =
  "If a pg_wal still holds it, archive it with 'wal-g wal-push'. If not, recovery begins with the first " +
  "backup after the gap, full or delta: take one now if there is none.";

const BRIDGE =
  "Take a backup now, full or delta: recovery goes on from it. Or, if a pg_wal still holds what is missing, " +
  "archive it again with 'wal-g wal-push'.";

const SET_CLOCK =
  "Correct the clock of the host that took it, or this host's: 'timedatectl' says whether it is synchronized. " +
  "Then take a backup. The one of that date stays the newest until its time has come or it is deleted.";

/** What is wrong with the backups, by the last good answers. */
function* backupProblems(facts: Facts): Generator<Problem> {
  yield* restorableProblems(facts);
  yield* timeProblems(facts);
}

function* timeProblems({ backups: [newest] = [], now }: Facts): Generator<Problem> {
  if (newest === undefined) return;
  const time = endTime(newest.backup);
  if (!isFuture(time, now)) return;
  const sentence = `The newest backup ${newest.backup.name} is dated ${formatMinute(time)}, in the future: ` +
    "how old the backups are cannot be told";
  yield { code: "backup_in_future", check: "backup times", urgency: 55, level: "warning", sentence, fix: SET_CLOCK };
}

function* restorableProblems({ state, recovery, backups, now }: Facts): Generator<Problem> {
  const [newest] = backups ?? [];
  if (backups !== undefined && newest === undefined) {
    const listed = formatAge(outcomeOf(state, backupList).snapshot?.time ?? now, now);
    const sentence = `There is no backup in the storage: nothing can be recovered (listed ${listed})`;
    return yield {
      code: "no_backups",
      check: backupList.check.row,
      urgency: 110,
      level: "critical",
      sentence,
      fix: BACK_UP,
    };
  }
  if (newest === undefined || recovery === undefined) return;
  const { backup: { name }, restorable, reason } = newest;
  if (recovery.until === undefined && !anyUnknown(recovery)) {
    const sentence = `No backup is restorable; the newest is ${name}: ${reason}; ${lastBackup(newest, now)}`;
    yield {
      code: "nothing_restorable",
      check: "newest backup",
      urgency: 105,
      level: "critical",
      sentence,
      fix: BACK_UP,
    };
  } else if (recovery.until === undefined && restorable === undefined) {
    const sentence = "Not known yet whether any backup can be restored: the newest, " +
      `${name}, is ${reason}; ${lastBackup(newest, now)}`;
    yield { code: "restorable_unknown", check: "newest backup", urgency: 60, level: "warning", sentence };
  } else if (restorable === false) {
    const others = recovery.until === undefined ? "; whether an older one is, is not known" : "";
    const sentence = `The newest backup ${name} is not restorable: ${reason}${others}`;
    yield {
      code: "newest_not_restorable",
      check: "newest backup",
      urgency: 100,
      level: "critical",
      sentence,
      fix: BACK_UP,
    };
  }
}

/** What is wrong with the WAL, by the last good answers. */
function* walProblems({ state, recovery }: Facts): Generator<Problem> {
  const timeline = answerOf(state, walVerify)?.timeline;
  if (timeline?.status === "FAILURE") {
    const { current = "unknown", highestInStorage = "unknown" } = timeline;
    yield {
      code: "timeline_mismatch",
      check: "timeline",
      urgency: 85,
      level: "critical",
      sentence: `Timeline mismatch: the storage holds timeline ${highestInStorage}, the cluster is on ${current}`,
      fix: "Another server was promoted or archives to the same place: find out which one is to go on, and stop the " +
        "other's archiving.",
    };
  }
  if (recovery === undefined) return;
  const lost = lostSegments(recovery);
  if (lost !== undefined) {
    const { first, last } = lost;
    const count = formatCount(recovery.lostSegments, "WAL segment");
    const where = first === last ? first : `the oldest ${first}, the newest ${last}`;
    const sentence = `${count} lost: ${where}; no recovery from before to after that`;
    yield { code: "wal_lost", check: "WAL archive", urgency: 90, level: "critical", sentence, fix: PUT_BACK };
  }
  yield* reachProblems(recovery);
}

function* reachProblems(recovery: Recovery): Generator<Problem> {
  const { atRiskSegments = 0, untilSegment = "" } = recovery;
  const beyond = beyondReach(recovery);
  if (beyond === undefined || atRiskSegments <= IN_FLIGHT) return;
  const gap = gapSentence(beyond, untilSegment);
  if (gap !== undefined) {
    yield { code: "wal_unreachable", check: "WAL at risk", urgency: 35, level: "warning", sentence: gap, fix: BRIDGE };
  }
  if (beyond.notArchived > IN_FLIGHT) {
    yield {
      code: "wal_at_risk",
      check: "WAL at risk",
      urgency: 30,
      level: "warning",
      sentence: `${formatCount(beyond.notArchived, "WAL segment")} ${
        gap === undefined ? `after ${untilSegment}` : "at the end"
      } not archived: losing this host now would lose them`,
      fix: "See pg_stat_archiver and PostgreSQL's log for what archive_command says.",
    };
  }
}

/** Failures that say that wal-g itself did not run. */
const NOT_RUN: readonly ErrorType[] = ["not_found", "not_permitted", "not_executable"];

/** What is wrong with the runs themselves; `now` is Unix milliseconds. */
function* runProblems({ state, operations, now }: Facts): Generator<Problem> {
  const failures = operations.flatMap((operation) => {
    const { outcome, lastFailure: failure } = operation;
    return outcome === "failed" && failure !== undefined ? [{ operation, failure }] : [];
  });
  const notRun = failures.find(({ failure }) => NOT_RUN.includes(failure.type))?.failure;
  if (notRun !== undefined) {
    yield {
      code: "walg_not_run",
      check: "wal-g",
      urgency: 200,
      level: "unknown",
      ...worded("wal-g cannot be run", notRun),
    };
  }
  for (const { operation, failure } of failures) {
    if (NOT_RUN.includes(failure.type)) continue;
    const declared = state.operations.find(({ name }) => name === operation.operation);
    if (declared === undefined) continue;
    const { problem: { code, urgency, level, says, unknown }, check: { row } } = declared;
    const since = operation.lastSuccessTime === undefined ? unknown : "";
    yield {
      code,
      check: row,
      urgency,
      level,
      now: `${says}: ${failure.message}`,
      ...worded(`${says}${since}${howLong(operation, now)}`, failure),
    };
  }
  const awaited = state.operations.filter((operation) => operation.recoveryRestsOnIt && operation.readyAfterFirstRun);
  const pending = operations.filter(({ operation, outcome }) =>
    outcome === "pending" && awaited.some(({ name }) => name === operation)
  );
  if (pending.length > 0) {
    yield {
      code: "not_yet_run",
      check: "operations",
      urgency: 10,
      level: "unknown",
      sentence: pendingSentence(pending, now),
    };
  }
}

function worded(head: string, { message, fix }: FailureStatus): Pick<Problem, "sentence" | "cause" | "fix"> {
  return { sentence: `${head}: ${message}`, cause: message, ...(fix !== undefined && { fix }) };
}

/** Since when it has given no answer, which is how old what is shown of it is. */
function howLong({ lastSuccessTime, failuresInARow }: OperationStatus, now: number): string {
  const runs = formatCount(failuresInARow, "failed run");
  if (lastSuccessTime !== undefined) return `; last answer ${formatAge(lastSuccessTime, now)}, ${runs} since`;
  return failuresInARow > 1 ? `; it has not answered since start, ${runs}` : "";
}

function pendingSentence(pending: readonly OperationStatus[], now: number): string {
  const started = Math.min(...pending.map(({ runningSince }) => runningSince ?? now));
  const names = pending.map(({ operation }) => operation).join(" and ");
  const run = `${names} ${pending.length === 1 ? "runs" : "run"} for the first time`;
  return `What is recoverable is not known yet: ${run}, for ${formatLength(now - started)} so far`;
}

/** All that is wrong, worst first. */
export function problemsOf(facts: Facts): readonly Problem[] {
  const problems = [...runProblems(facts), ...backupProblems(facts), ...walProblems(facts)];
  return problems.toSorted((a, b) => b.urgency - a.urgency);
}
