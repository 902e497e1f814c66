import {
  formatAge,
  formatAgeElsewhere,
  formatCount,
  formatLength,
  formatMinute,
  formatSeconds,
  isFuture,
} from "../base/text.ts";
import { levelBeyond, worstOf } from "../operations/limits.ts";
import type { Operation } from "../operations/operation.ts";
import { PROBLEM_CODES, type ProblemKind, PROBLEMS } from "../operations/problems.ts";
import { inOrderOfNeed } from "../operations/registry.ts";
import { answerOf } from "../operations/state.ts";
import { FOREIGN_FIX } from "../walg/version.ts";
import type { ErrorType } from "../walg/failure.ts";
import type { Facts, FailureStatus, OperationStatus, Problem } from "./status.ts";
import { drillResult } from "../operations/drill_result.ts";

/** Failures that say that wal-g itself did not run. */
const NOT_RUN: readonly ErrorType[] = ["not_found", "not_permitted", "not_executable"];
/** Types that name a cause which hits every operation alike. */
const COMMON_CAUSES: readonly ErrorType[] = ["network", "access_denied", "config"];
/** Types behind which the failure of a needed operation may be. */
const VAGUE: readonly ErrorType[] = ["timeout", "empty_output", "command_failed", "connectivity_failed"];

/** A failed operation. */
interface Failing {
  readonly operation: Operation<unknown>;
  readonly status: OperationStatus;
  readonly failure: FailureStatus;
  readonly level: "warning" | "critical";
}

/** What is wrong with the runs themselves: one problem for each cause, however many operations it stops. */
export function* runProblems(facts: Facts): Generator<Problem> {
  const { operations, now } = facts;
  const failures = inOrderOfNeed(facts.state.operations).flatMap((operation): Failing[] => {
    const status = operations.find((one) => one.operation === operation.name);
    const failure = status?.outcome === "failed" ? status.lastFailure : undefined;
    return status && failure ? [{ operation, status, failure, level: failureLevel(operation, status, facts) }] : [];
  });
  const { foreignWalg } = facts.state;
  const notRun = failures.find(({ failure }) => NOT_RUN.includes(failure.type))?.failure;
  const words = foreignWalg !== undefined
    ? { sentence: foreignWalg.replace(/^t/, "T"), fix: FOREIGN_FIX }
    : notRun && worded("wal-g cannot be run", notRun);
  if (words !== undefined) yield { code: "walg_not_run", level: "unknown", ...words };
  for (const group of byCause(failures.filter(({ failure }) => !NOT_RUN.includes(failure.type)))) {
    yield failureProblem(group, facts);
  }
  yield* oldAnswers(facts);
  const awaited = facts.state.operations.filter((one) => one.recoveryRestsOnIt && one.readyAfterFirstRun);
  const pending = operations.filter(({ operation, outcome }) =>
    outcome === "pending" && awaited.some(({ name }) => name === operation)
  );
  // While the first runs go on, what others have found out already counts.
  if (pending.length > 0 && facts.recovery?.until === undefined) {
    yield { code: "not_yet_run", level: "unknown", sentence: pendingSentence(pending, now) };
  }
}

/** Critical, where its problem can be, once the answer before it is too old; what never answered ages from its first failure. */
function failureLevel(
  { name, problem }: Operation<unknown>,
  { lastSuccessTime, failingSince = Infinity }: OperationStatus,
  { limits, now }: Facts,
): Failing["level"] {
  const age = (now - (lastSuccessTime ?? failingSince)) / 1000;
  const kind: ProblemKind = PROBLEMS[problem.code];
  const isTooOld = levelBeyond("answer_age", age, limits.answer_age.get(name) ?? {}) === "critical";
  return isTooOld && kind.levels.includes("critical") ? "critical" : problem.level;
}

/** The failures with those together that have one cause; in each group the gravest first. */
function byCause(failures: readonly Failing[]): readonly (readonly Failing[])[] {
  const groups: Failing[][] = [];
  for (const failing of failures) {
    const group = groups.find((others) => others.some((other) => isSameCause(other, failing)));
    if (group === undefined) groups.push([failing]);
    else group.push(failing);
  }
  const order = ({ level, operation }: Failing): number =>
    PROBLEM_CODES.indexOf(operation.problem.code) + (level === "critical" ? 0 : PROBLEM_CODES.length);
  return groups.map((group) => group.sort((a, b) => order(a) - order(b)));
}

/** Whether `later` failed for what `earlier` failed for; `earlier` may be an operation that it needs. */
function isSameCause({ operation, failure: { type, message } }: Failing, later: Failing): boolean {
  const { failure } = later;
  if (failure.message === message) return true;
  if (failure.type === type && COMMON_CAUSES.includes(type)) return true;
  const isNamed = COMMON_CAUSES.includes(type) && COMMON_CAUSES.includes(failure.type);
  const mayFollow = VAGUE.includes(failure.type) || (VAGUE.includes(type) && COMMON_CAUSES.includes(failure.type));
  return later.operation.needs.includes(operation.name) && !isNamed && mayFollow;
}

function failureProblem([first, ...others]: readonly Failing[], { recovery, now }: Facts): Problem {
  if (first === undefined) throw new RangeError("a group of failures is never empty");
  const { operation: { problem: { code, says, unknown } }, status, failure, level } = first;
  const since = status.lastSuccessTime === undefined && recovery === undefined ? unknown : "";
  const effects = others.map(({ operation, failure }) => operation.problem.says(failure.type));
  return {
    code,
    level,
    ...worded(`${says(failure.type)}${since}${howLong(status, now)}`, failure),
    ...(effects.length > 0 && { effects, effectsOn: others.map(({ operation }) => operation.problem.code) }),
  };
}

/** Of a failed operation, its own problem says how old its answer is; a first run that goes on and on has none. */
function* oldAnswers({ operations, limits, now }: Facts): Generator<Problem> {
  const old = operations.flatMap(({ operation, outcome, lastSuccessTime, runningSince }) => {
    const since = outcome === "ok" ? lastSuccessTime : outcome === "pending" ? runningSince : undefined;
    if (since === undefined) return [];
    const level = levelBeyond("answer_age", (now - since) / 1000, limits.answer_age.get(operation) ?? {});
    const what = `${outcome === "pending" ? "no answer yet, " : ""}${formatLength(now - since)}`;
    return level === undefined ? [] : [{ level, name: `${operation} (${what})` }];
  });
  if (old.length === 0) return;
  yield {
    code: "answer_too_old",
    level: old.some(({ level }) => level === "critical") ? "critical" : "warning",
    sentence: `What is shown is too old: ${old.map(({ name }) => name).join(", ")}`,
    fix: "Check that wal-g is not hanging, and this host's clock. If no run is under way, restart the exporter.",
  };
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

/** What the restore drills say; nothing where there was none yet. `now` is Unix milliseconds. */
export function* drillProblems(
  { state, limits, now, cluster = "default" }: Pick<Facts, "state" | "limits" | "now"> & {
    readonly cluster?: string | undefined;
  },
): Generator<Problem> {
  const unit = `walg-restore-drill@${cluster}`;
  const readOn = `Its last words are in the result file and in 'journalctl -u ${unit}'. Then run it again: ` +
    `'systemctl start ${unit}'.`;
  const drill = answerOf(state, drillResult)?.result;
  if (drill === undefined) return;
  const { outcome, phase, reason, end_time, last_success: success } = drill;
  const age = formatAgeElsewhere(end_time, now);
  if (outcome === "failed") {
    const sentence = `The restore drill failed in phase ${phase}, ${age}: ${reason}`;
    const fix = `Find out why before a restore is needed in earnest. ${readOn}`;
    return yield { code: "drill_failed", level: "critical", sentence, cause: reason, fix };
  }
  if (outcome === "could_not_run") {
    const sentence = `The restore drill could not be run, ${age}, phase ${phase}: ${reason}`;
    yield { code: "drill_not_run", level: "warning", sentence, cause: reason, fix: readOn };
  }
  if (success === null) return;
  if (isFuture(success.end_time, now) && worstOf(limits.drill_age) !== undefined) {
    const sentence = `The last restore drill that passed is dated ${formatMinute(success.end_time)}, in the future: ` +
      "how long ago it was is not known";
    const fix = "Correct the clock of the host that ran it, or this host's ('timedatectl'), then run a drill: " +
      `'systemctl start ${unit}'.`;
    return yield { code: "drill_result_broken", level: "warning", sentence, fix };
  }
  const level = levelBeyond("drill_age", (now - success.end_time) / 1000, limits.drill_age);
  if (level === undefined) return;
  const sentence = `The last restore drill that passed was ${formatAge(success.end_time, now)}: ` +
    `there should be one every ${formatSeconds(limits.drill_age[level] ?? 0)}`;
  const fix = "See why its timer runs none: 'systemctl list-timers walg-restore-drill@*'.";
  yield { code: "drill_overdue", level, sentence, fix };
}
