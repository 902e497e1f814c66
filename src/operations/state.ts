import type { ErrorType, Failure } from "../walg/failure.ts";
import { foreignReason, type WalgVersion } from "../walg/version.ts";
import type { Operation, Progress, Run } from "./operation.ts";

/** The last good answer of an operation. */
export interface Snapshot<T> {
  readonly value: T;
  /** When the run that gave it began: Unix milliseconds. */
  readonly startTime: number;
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
  /** When the first of them ended: Unix milliseconds; absent after a success. */
  readonly failingSince?: number;
  /** Failed runs by type since start, those that never happened included as 0. */
  readonly errors: ReadonlyMap<ErrorType, number>;
  /** Why no run follows, once this wal-g turned out not to have the command; its series stay absent. */
  readonly unsupported?: string;
  /** When the running run started, Unix milliseconds; absent between runs. */
  readonly runningSince?: number;
  /** When the next run is due, Unix milliseconds. */
  readonly nextRunTime?: number;
}

/** Everything that is known of one cluster at one moment. */
export interface State {
  /** The operations that are on. */
  readonly operations: readonly Operation<unknown>[];
  /** By the operation's name. */
  readonly outcomes: ReadonlyMap<string, Outcome<unknown>>;
  /** What `wal-g --version` said; absent until it has. */
  readonly walgVersion?: string;
  /** Why nothing that this wal-g says counts: it is built for another database. */
  readonly foreignWalg?: string;
}

/** A state in which nothing has run. */
export function freshState(operations: readonly Operation<unknown>[]): State {
  return {
    operations,
    outcomes: new Map(operations.map(({ name, errorTypes }) => [name, freshOutcome(errorTypes)])),
  };
}

/** An outcome before the first run. */
export function freshOutcome<T>(errorTypes: readonly ErrorType[]): Outcome<T> {
  return { failuresInARow: 0, errors: new Map(errorTypes.map((type) => [type, 0])) };
}

/** What is known of one operation; of one that is off, nothing. */
export function outcomeOf<T>({ outcomes }: State, { name }: Operation<T>): Outcome<T> {
  // Under its name stands what the operation itself collected.
  return outcomes.get(name) as Outcome<T> | undefined ?? freshOutcome<T>([]);
}

/** The last good answer of one operation. */
export function answerOf<T>(state: State, operation: Operation<T>): T | undefined {
  return outcomeOf(state, operation).snapshot?.value;
}

/** The state with another outcome of one operation. */
export function withOutcome<T>(state: State, { name }: Operation<T>, outcome: Outcome<T>): State {
  return { ...state, outcomes: new Map(state.outcomes).set(name, outcome) };
}

/** Whether each operation that is waited for has run once, or turned out not to exist. */
export function hasRunOnce(state: State): boolean {
  return state.operations.every((operation) => !operation.readyAfterFirstRun || hasRun(state, operation));
}

/** Whether an operation has run once, or turned out not to exist. */
export function hasRun(state: State, operation: Operation<unknown>): boolean {
  const { last, unsupported } = outcomeOf(state, operation);
  return last !== undefined || unsupported !== undefined;
}

/** How an operation does, as its words are made from it. */
export function progressOf<T>({ unsupported, last, snapshot }: Outcome<T>): Progress<T> {
  const outcome = unsupported !== undefined
    ? "unsupported"
    : last === undefined
    ? "pending"
    : last.success
    ? "ok"
    : "failed";
  return { outcome, value: snapshot?.value, last };
}

/** The outcome that follows a run which gave an answer. */
export function succeeded<T>(outcome: Outcome<T>, snapshot: Snapshot<T>, seconds: number): Outcome<T> {
  const { failingSince: _, ...rest } = settled(outcome);
  return {
    ...rest,
    snapshot,
    failuresInARow: 0,
    last: { success: true, endTime: snapshot.time, durationSeconds: seconds },
  };
}

/** The outcome that follows a run which gave none: the last good answer stays. */
export function failed<T>(outcome: Outcome<T>, failure: Failure, endTime: number, seconds: number): Outcome<T> {
  const errors = new Map(outcome.errors).set(failure.type, (outcome.errors.get(failure.type) ?? 0) + 1);
  return {
    ...settled(outcome),
    errors,
    failuresInARow: outcome.failuresInARow + 1,
    failingSince: outcome.failingSince ?? endTime,
    lastFailure: { ...failure, time: endTime },
    last: { success: false, endTime, durationSeconds: seconds },
  };
}

/** The outcome of an operation that this wal-g does not have: without any run, as its series are then absent. */
export function withoutCommand<T>(outcome: Outcome<T>, reason: string): Outcome<T> {
  const { snapshot: _, last: __, lastFailure: ___, ...rest } = settled(outcome);
  return { ...rest, unsupported: reason };
}

/** The outcome once no run is under way. */
function settled<T>({ runningSince: _, unsupported: __, ...rest }: Outcome<T>): Outcome<T> {
  return rest;
}

/** Holds the present state; each change puts a new one in its place. */
export interface Store {
  readonly state: State;
  /** Replaces the outcome of one operation. */
  update<T>(operation: Operation<T>, change: (outcome: Outcome<T>) => Outcome<T>): void;
  /** With a wal-g for another database, all that it has said is forgotten, and nothing is taken any more. */
  setWalgVersion(version: WalgVersion): void;
}

/** A store that calls `onChange` with each new state. */
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
    update(operation, change) {
      if (state.foreignWalg === undefined) set(withOutcome(state, operation, change(outcomeOf(state, operation))));
    },
    setWalgVersion(walg) {
      const foreignWalg = foreignReason(walg);
      const known = walg.version === "" ? {} : { walgVersion: walg.version };
      if (foreignWalg === undefined) set({ ...state, ...known });
      else set({ ...freshState([]), ...known, foreignWalg });
    },
  };
}
