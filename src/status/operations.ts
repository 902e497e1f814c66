import { collectorOf, OPERATIONS } from "../collectors/mod.ts";
import type { Operation } from "../collectors/operation.ts";
import type { Outcome, State } from "../collectors/state.ts";
import type { Config } from "../config.ts";
import { mendFor } from "../walg/mend.ts";
import type { FailureStatus, OperationStatus } from "./status.ts";

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
    ...(lastFailure && { lastFailure: withMend(lastFailure, operation, config.walgPath) }),
  };
}

function wordOf({ unsupported, last }: Outcome<unknown>): OperationStatus["outcome"] {
  if (unsupported === true) return "unsupported";
  if (last === undefined) return "pending";
  return last.success ? "ok" : "failed";
}

const mended = new WeakMap<object, FailureStatus>();

/** A failure with what to do about it: looked up once, since that compares it with many texts. */
function withMend(failure: FailureStatus, operation: Operation, walgPath: string): FailureStatus {
  const known = mended.get(failure);
  if (known !== undefined) return known;
  const mend = mendFor(failure, { operation, walgPath });
  const made = mend === undefined ? failure : { ...failure, mend };
  mended.set(failure, made);
  return made;
}
