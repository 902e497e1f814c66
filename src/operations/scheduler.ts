import type { Clock, Pace } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { type ClusterConfig, timingOf } from "./config.ts";
import type { Operation } from "./operation.ts";
import type { Enter } from "./places.ts";
import { createRunLog, outcomeAfter, runOnce } from "./run.ts";
import { failed, outcomeOf, type Store } from "./state.ts";

/** How often an operation runs: monotonic milliseconds throughout. */
interface Cadence {
  /** When the first run started. */
  readonly origin: number;
  readonly interval: number;
  /** A lasting shift of all runs but the first, so that hosts or clusters that start together spread out. */
  readonly phase: number;
}

/** The maximum factor by which failures stretch an interval. */
const MAX_STRETCH = 4;

/**
 * When the next run is due: at the first point of the cadence after now. Points that a late run missed are left
 * out, so that runs never bunch up.
 */
export function nextDue({ origin, interval, phase }: Cadence, now: number, stretch: number): number {
  const base = origin + phase;
  const passed = Math.max(0, Math.floor((now - base) / interval));
  return base + (passed + stretch) * interval;
}

/** By how many intervals the next run waits after so many failures in a row: 1, 1, 2, 4, 4, … */
export function stretchAfter(failuresInARow: number): number {
  return failuresInARow === 0 ? 1 : Math.min(MAX_STRETCH, 2 ** (failuresInARow - 1));
}

/** The running loop of one operation, or of several. */
export interface Loop {
  /** Runs the operation now, or again right after the run that is under way; of several all, or the one of that name. */
  runNow(name?: string): void;
  /** Resolves when the first run has ended, or the loop. */
  readonly ranOnce: Promise<void>;
  /** Resolves when the loop has ended, after the signal it was given aborted. */
  readonly ended: Promise<void>;
}

/** Options of {@link startAll} and {@link startLoop}. */
export interface LoopOptions {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 up to but not 1. */
  readonly random: () => number;
  readonly store: Store;
  /** Makes the pace at which answers are decoded. */
  readonly pace: () => Pace;
  /** Where runs of several clusters take turns; absent where one is watched alone. */
  readonly enter?: Enter;
  /** Called when wal-g cannot be started because no file descriptor is left; no run of that operation follows. */
  readonly onOutOfDescriptors: (error: string) => void;
  /** Ends the loops and the runs under way. */
  readonly signal: AbortSignal;
}

/** Starts the loops of all operations that are on. */
export function startAll(options: LoopOptions): Loop {
  const loops = new Map<string, Loop>();
  const start = (operation: Operation<unknown>): Loop => {
    const known = loops.get(operation.name);
    if (known !== undefined) return known;
    const awaited = options.store.state.operations.filter(({ name }) => operation.waitsFor.includes(name)).map(start);
    const loop = startLoop(operation, options, Promise.all(awaited.map(({ ranOnce }) => ranOnce)));
    loops.set(operation.name, loop);
    return loop;
  };
  const all = options.store.state.operations.map(start);
  return {
    runNow: (name) => (name === undefined ? all : [loops.get(name)]).forEach((loop) => loop?.runNow()),
    ranOnce: Promise.all(all.map((loop) => loop.ranOnce)).then(() => {}),
    ended: Promise.all(all.map((loop) => loop.ended)).then(() => {}),
  };
}

/** Starts the loop of one operation: the first run at once, or after something else; never two at a time. */
export function startLoop<T>(operation: Operation<T>, options: LoopOptions, after?: Promise<unknown>): Loop {
  const { config, clock, store, signal } = options;
  const { interval, jitter } = timingOf(config, operation);
  let wake = new AbortController();
  const ranOnce = Promise.withResolvers<void>();
  const work = async (): Promise<void> => {
    // Clusters that start together spread over the whole interval, and the second run comes within it.
    const phase = options.random() * (options.enter === undefined ? jitter : -interval);
    const cadence = { origin: clock.monotonic(), interval, phase };
    const step = createStep(operation, options);
    if (after !== undefined) await Promise.race([after, clock.sleep(Infinity, signal)]);
    while (!signal.aborted) {
      wake = new AbortController();
      const stretch = await step();
      ranOnce.resolve();
      if (signal.aborted) return;
      const now = clock.monotonic();
      const due = stretch === undefined ? Infinity : nextDue(cadence, now, stretch);
      if (due < Infinity) store.update(operation, (outcome) => ({ ...outcome, nextRunTime: clock.now() + due - now }));
      await sleepUntil(due, clock, AbortSignal.any([signal, wake.signal]));
    }
  };
  const ended = work();
  ended.then(ranOnce.resolve);
  return { runNow: () => wake.abort(), ranOnce: ranOnce.promise, ended };
}

async function sleepUntil(due: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const left = due - clock.monotonic();
    if (left <= 0) return;
    await clock.sleep(left, signal);
  }
}

/** Makes the function that runs the operation once and says how many intervals to wait; undefined: until asked. */
function createStep<T>(operation: Operation<T>, options: LoopOptions): () => Promise<number | undefined> {
  const { config, clock, pace, signal, store, log } = options;
  const runLog = createRunLog({ operation, log, clock });
  let occupiedSince: number | undefined;
  let urgent = operation.needs.length === 0;
  return async () => {
    if (store.state.foreignWalg !== undefined) return undefined;
    if (occupiedSince !== undefined) {
      const message = "a process of an earlier run still holds its output open; no other is started until it has ended";
      const failure = { type: "timeout", message } as const;
      const seconds = (clock.monotonic() - occupiedSince) / 1000;
      store.update(operation, (outcome) => failed(outcome, failure, clock.now(), seconds));
      runLog.failed(failure, seconds);
      return 1;
    }
    const leave = operation.runsWalg ? await options.enter?.({ operation: operation.name, urgent, signal }) : undefined;
    if (signal.aborted || store.state.foreignWalg !== undefined) return void leave?.(false);
    urgent = false;
    store.update(operation, (outcome) => ({ ...outcome, runningSince: clock.now() }));
    const start = clock.monotonic();
    const previous = outcomeOf(store.state, operation).snapshot?.value;
    const result = await runOnce({ operation, previous, config, clock, pace, signal });
    leave?.(result.how === "failure" && result.failure.type === "timeout");
    occupiedSince = start;
    result.gone.then(() => occupiedSince = undefined);
    // A tree that is gone already frees the operation before the next step.
    await Promise.race([result.gone, clock.sleep(0)]);
    if (signal.aborted) return undefined;
    if (result.outOfDescriptors !== undefined) {
      options.onOutOfDescriptors(result.outOfDescriptors);
      return undefined;
    }
    store.update(operation, (outcome) => outcomeAfter(operation, outcome, result, clock));
    if (store.state.foreignWalg !== undefined) return undefined;
    switch (result.how) {
      case "answer":
        runLog.succeeded(result.seconds);
        return 1;
      case "failure":
        runLog.failed(result.failure, result.seconds);
        return operation.backsOff ? stretchAfter(outcomeOf(store.state, operation).failuresInARow) : 1;
      case "unsupported":
        runLog.unsupported(result.reason);
        return undefined;
    }
  };
}
