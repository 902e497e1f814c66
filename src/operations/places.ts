import type { Clock } from "../base/clock.ts";

/** Says that a run has ended, and whether it was ended by its timeout. */
export type Leave = (timedOut: boolean) => void;

/** How a run of one cluster asks for its place. */
export interface PlaceOptions {
  /** What runs; absent for what is no operation, such as `wal-g --version`. */
  readonly operation?: string;
  /** Goes before all that is not: the first runs that others rest on. */
  readonly urgent: boolean;
  /** Gives the wait up. */
  readonly signal: AbortSignal;
}

/** Waits for a place for one run; undefined once the signal has aborted. */
export type Enter = (options: PlaceOptions) => Promise<Leave | undefined>;

/** The places in which the runs of several clusters take turns. */
export interface Places {
  /** The way in for the runs of one cluster. */
  of(cluster: string): Enter;
  /** Forgets a cluster that is no longer watched. */
  forget(cluster: string): void;
  /** Runs that wait for a place. */
  readonly waiting: number;
  /** Runs that have one. */
  readonly running: number;
  /** How long the first of those that wait has waited, milliseconds; 0 where none waits. */
  longestWait(): number;
}

interface Waiting {
  readonly cluster: string;
  readonly operation: string;
  readonly urgent: boolean;
  /** Monotonic milliseconds. */
  readonly since: number;
  readonly enter: () => void;
}

/**
 * So many places, shared fairly. A cluster has one at most, so that one which hangs keeps no other from running. The next
 * place goes to the cluster whose last run began the longest ago, and there to the run that has waited longest. Runs of
 * operations that timed out the last time in their cluster have half of the places at most, however many they are.
 */
export function createPlaces(limit: number, clock: Pick<Clock, "monotonic">): Places {
  // In the order in which they came.
  const waiting = new Set<Waiting>();
  // The operation that runs, by cluster.
  const running = new Map<string, string>();
  // The operations whose last run timed out, by cluster.
  const slow = new Map<string, Set<string>>();
  const lastServed = new Map<string, number>();
  const mostSlow = Math.max(1, Math.floor(limit / 2));
  let served = 0;

  const isSlow = (cluster: string, operation: string): boolean => slow.get(cluster)?.has(operation) ?? false;

  const mayEnter = ({ cluster, operation }: Waiting): boolean =>
    !running.has(cluster) &&
    (!isSlow(cluster, operation) || [...running].filter((run) => isSlow(...run)).length < mostSlow);

  const isBefore = (one: Waiting, other: Waiting): boolean => {
    if (one.urgent !== other.urgent) return one.urgent;
    return (lastServed.get(one.cluster) ?? 0) < (lastServed.get(other.cluster) ?? 0);
  };

  const next = (): Waiting | undefined => {
    let best: Waiting | undefined;
    for (const one of waiting) {
      if (mayEnter(one) && (best === undefined || isBefore(one, best))) best = one;
    }
    return best;
  };

  const fill = (): void => {
    while (running.size < limit) {
      const one = next();
      if (one === undefined) return;
      waiting.delete(one);
      running.set(one.cluster, one.operation);
      lastServed.set(one.cluster, ++served);
      one.enter();
    }
  };

  const leave = (cluster: string, operation: string, timedOut: boolean): void => {
    running.delete(cluster);
    if (timedOut) slow.set(cluster, (slow.get(cluster) ?? new Set()).add(operation));
    else slow.get(cluster)?.delete(operation);
    fill();
  };

  return {
    of: (cluster) => ({ operation = "", urgent, signal }) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined);
        const giveUp = (): void => {
          waiting.delete(one);
          resolve(undefined);
        };
        const enter = (): void => {
          signal.removeEventListener("abort", giveUp);
          resolve((timedOut) => leave(cluster, operation, timedOut));
        };
        const one: Waiting = { cluster, operation, urgent, since: clock.monotonic(), enter };
        signal.addEventListener("abort", giveUp, { once: true });
        waiting.add(one);
        // Of all that ask at the same time, the first is chosen by the rules.
        queueMicrotask(fill);
      }),
    forget(cluster) {
      slow.delete(cluster);
      lastServed.delete(cluster);
    },
    get waiting() {
      return waiting.size;
    },
    get running() {
      return running.size;
    },
    longestWait() {
      const [first] = waiting;
      return first === undefined ? 0 : clock.monotonic() - first.since;
    },
  };
}
