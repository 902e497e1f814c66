import { formatAge, formatCount, formatLength } from "../base/text.ts";
import type { State } from "../operations/state.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { FOREIGN_FIX } from "../walg/version.ts";
import type { ErrorType } from "../walg/failure.ts";
import type { FailureStatus, OperationStatus, Problem } from "./status.ts";

/** What the problems of the runs are found in; `now` is Unix milliseconds. */
export interface RunFacts {
  readonly state: State;
  readonly operations: readonly OperationStatus[];
  readonly recovery: Recovery | undefined;
  readonly now: number;
}

/** Failures that say that wal-g itself did not run. */
const NOT_RUN: readonly ErrorType[] = ["not_found", "not_permitted", "not_executable"];

/** What is wrong with the runs themselves; `now` is Unix milliseconds. */
export function* runProblems({ state, operations, recovery, now }: RunFacts): Generator<Problem> {
  const failures = operations.flatMap((operation) => {
    const { outcome, lastFailure: failure } = operation;
    return outcome === "failed" && failure !== undefined ? [{ operation, failure }] : [];
  });
  const { foreignWalg } = state;
  const notRun = failures.find(({ failure }) => NOT_RUN.includes(failure.type))?.failure;
  const words = foreignWalg !== undefined
    ? { sentence: foreignWalg.replace(/^t/, "T"), fix: FOREIGN_FIX }
    : notRun && worded("wal-g cannot be run", notRun);
  if (words !== undefined) yield { code: "walg_not_run", check: "wal-g", urgency: 200, level: "unknown", ...words };
  for (const { operation, failure } of failures) {
    if (NOT_RUN.includes(failure.type)) continue;
    const declared = state.operations.find(({ name }) => name === operation.operation);
    if (declared === undefined) continue;
    const { problem: { code, urgency, level, says, unknown }, check: { row } } = declared;
    const since = operation.lastSuccessTime === undefined && recovery === undefined ? unknown : "";
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
