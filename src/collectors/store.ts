import type { Operation } from "./operation.ts";
import type { Outcome, State } from "./state.ts";

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
