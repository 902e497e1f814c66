import { COLLECTORS, OPERATIONS } from "./mod.ts";
import { freshOutcome, type State } from "./state.ts";

/** A state in which nothing has run. */
export function freshState(): State {
  return {
    "backup-list": freshOutcome(COLLECTORS["backup-list"].errorTypes),
    "wal-verify": freshOutcome(COLLECTORS["wal-verify"].errorTypes),
    "storage-check": freshOutcome(COLLECTORS["storage-check"].errorTypes),
  };
}

/** Whether each operation has run once, or turned out not to exist. */
export function hasRunOnce(state: State): boolean {
  return OPERATIONS.every((operation) => state[operation].last !== undefined || state[operation].unsupported === true);
}
