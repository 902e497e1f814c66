import type { ErrorType, Failure } from "../walg/failure.ts";
import type { BackupList } from "./backup_list.ts";
import type { Operation, Run } from "./operation.ts";
import { COLLECTORS, OPERATIONS } from "./registry.ts";
import type { StorageCheck } from "./storage_check.ts";
import type { VerifiedWal } from "./wal_verify.ts";

/** The last good answer of an operation. */
export interface Snapshot<T> {
  readonly value: T;
  /** When the run that gave it ended: Unix milliseconds. */
  readonly time: number;
  /** The same moment on the monotonic clock, milliseconds. */
  readonly monotonic: number;
}

/** All that is known of one operation. Immutable: each run makes a new one. */
export interface Outcome<T> {
  /** The last good answer; a failed run leaves it as it is. */
  readonly snapshot?: Snapshot<T>;
  /** The last run; absent before the first one has ended. */
  readonly last?: Run;
  /** The last failure, kept for people after a success too. */
  readonly lastFailure?: Failure & { readonly time: number };
  /** Failed runs in a row; 0 after a success. */
  readonly failuresInARow: number;
  /** Failed runs by type since start, those that never happened included as 0. */
  readonly errors: ReadonlyMap<ErrorType, number>;
  /** True once this wal-g turned out not to have the command: no run follows, its series stay absent. */
  readonly unsupported?: boolean;
  /** When the running run started, Unix milliseconds; absent between runs. */
  readonly runningSince?: number;
  /** When the next run is due, Unix milliseconds. */
  readonly nextRunTime?: number;
}

/** Everything the exporter knows at one moment. */
export interface State {
  readonly "backup-list": Outcome<BackupList>;
  readonly "wal-verify": Outcome<VerifiedWal>;
  readonly "storage-check": Outcome<StorageCheck>;
  /** What `wal-g --version` said; absent until it has. */
  readonly walgVersion?: string;
}

/** An outcome before the first run. */
export function freshOutcome<T>(errorTypes: readonly ErrorType[]): Outcome<T> {
  return { failuresInARow: 0, errors: new Map(errorTypes.map((type) => [type, 0])) };
}

/** Holds the present state; each change puts a new one in its place. */
export interface Store {
  readonly state: State;
  /** Replaces the outcome of one operation. */
  update<K extends Operation>(operation: K, change: (outcome: State[K]) => State[K]): void;
  setWalgVersion(version: string): void;
}

/** A store that tells of every change. */
export function createStore(initial: State, onChange: (state: State) => void): Store {
  let state = initial;
  const set = (next: State): void => {
    state = next;
    onChange(state);
  };
  return {
    get state(): State {
      return state;
    },
    update: (operation, change) => set({ ...state, [operation]: change(state[operation]) }),
    setWalgVersion: (walgVersion) => set({ ...state, walgVersion }),
  };
}

/** The outcome that follows a run which gave an answer. */
export function succeeded<T>(
  outcome: Outcome<T>,
  snapshot: NonNullable<Outcome<T>["snapshot"]>,
  seconds: number,
): Outcome<T> {
  return {
    ...settled(outcome),
    snapshot,
    failuresInARow: 0,
    last: { success: true, endTime: snapshot.time, durationSeconds: seconds },
  };
}

/** The outcome that follows a run which gave none: the last good answer stays. */
export function failed<T>(
  outcome: Outcome<T>,
  failure: Omit<NonNullable<Outcome<T>["lastFailure"]>, "time">,
  endTime: number,
  seconds: number,
): Outcome<T> {
  const errors = new Map(outcome.errors).set(failure.type, (outcome.errors.get(failure.type) ?? 0) + 1);
  return {
    ...settled(outcome),
    errors,
    failuresInARow: outcome.failuresInARow + 1,
    lastFailure: { ...failure, time: endTime },
    last: { success: false, endTime, durationSeconds: seconds },
  };
}

/** The outcome once no run is under way. */
export function settled<T>({ runningSince: _, unsupported: __, ...rest }: Outcome<T>): Outcome<T> {
  return rest;
}

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
