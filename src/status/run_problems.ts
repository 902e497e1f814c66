import type { Operation } from "../collectors/operation.ts";
import type { ErrorType } from "../walg/failure.ts";
import type { FailureStatus, OperationStatus, Problem } from "./status.ts";
import { formatAge, formatCount, formatLength } from "./text.ts";

/** Failures that say that wal-g itself did not run. */
const NOT_RUN: readonly ErrorType[] = ["not_found", "not_permitted", "not_executable"];

type Refusal = Pick<Problem, "code" | "level"> & {
  readonly says: string;
  /** What follows as long as there never was an answer. */
  readonly unknown: string;
};

const REFUSALS: Readonly<Record<Operation, Refusal>> = {
  "storage-check": { code: "storage_down", level: "critical", says: "The storage does not answer", unknown: "" },
  "backup-list": { code: "backup_list_failed", level: "critical", says: "Backups cannot be listed", unknown: "" },
  "wal-verify": {
    code: "wal_verify_failed",
    level: "warning",
    says: "wal-verify gives no answer",
    unknown: ", so what is recoverable is not known",
  },
};

/** What is wrong with the runs themselves; `now` is Unix milliseconds. */
export function* runProblems(operations: readonly OperationStatus[], now: number): Generator<Problem> {
  const failures = operations.flatMap((operation) => {
    const { outcome, lastFailure: failure } = operation;
    return outcome === "failed" && failure !== undefined ? [{ operation, failure }] : [];
  });
  const notRun = failures.find(({ failure }) => NOT_RUN.includes(failure.type))?.failure;
  if (notRun !== undefined) yield { code: "walg_not_run", level: "unknown", ...worded("wal-g cannot be run", notRun) };
  for (const { operation, failure } of failures) {
    if (NOT_RUN.includes(failure.type)) continue;
    const { code, level, says, unknown } = REFUSALS[operation.operation];
    const since = operation.lastSuccessTime === undefined ? unknown : "";
    yield { code, level, ...worded(`${says}${since}${howLong(operation, now)}`, failure) };
  }
  const pending = operations.filter(({ operation, outcome }) => outcome === "pending" && operation !== "storage-check");
  if (pending.length > 0) yield { code: "not_yet_run", level: "unknown", sentence: pendingSentence(pending, now) };
}

function worded(head: string, { message, mend }: FailureStatus): Pick<Problem, "sentence" | "cause" | "mend"> {
  return { sentence: `${head}: ${message}`, cause: message, ...(mend !== undefined && { mend }) };
}

/** Since when it has given no answer, which is how old what is shown of it is. */
function howLong({ lastSuccessTime, failuresInARow }: OperationStatus, now: number): string {
  const runs = formatCount(failuresInARow, "failed run");
  if (lastSuccessTime !== undefined) return `; last answer ${formatAge(lastSuccessTime, now)}, ${runs} since`;
  return failuresInARow > 1 ? `; never yet, ${runs}` : "";
}

function pendingSentence(pending: readonly OperationStatus[], now: number): string {
  const started = Math.min(...pending.map(({ runningSince }) => runningSince ?? now));
  const names = pending.map(({ operation }) => operation).join(" and ");
  const run = `${names} ${pending.length === 1 ? "runs" : "run"} for the first time`;
  return `What is recoverable is not known yet: ${run}, for ${formatLength(now - started)} so far`;
}
