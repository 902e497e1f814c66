import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Pace } from "../base/pace.ts";
import type { Failure } from "../walg/failure.ts";
import type { Config } from "./config.ts";
import type { Collector, Operation } from "./operation.ts";
import { COLLECTORS } from "./registry.ts";
import { runOnce, type RunResult } from "./run.ts";
import { createFailureLog } from "./run_log.ts";
import { failed, type Outcome, settled, type Store, succeeded } from "./state.ts";

/** How often an operation runs: monotonic milliseconds throughout. */
export interface Cadence {
  /** When the first run started. */
  readonly origin: number;
  readonly interval: number;
  /** A lasting shift of all runs but the first, so that hosts that restart together spread out. */
  readonly phase: number;
}

/** The most that failures stretch an interval by. */
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

/** The running loop of one operation. */
export interface Loop {
  /** Runs the operation now, or again right after the run that is under way. */
  runNow(): void;
  /** Resolves when the loop has ended, after the signal it was given aborted. */
  readonly ended: Promise<void>;
}

/** Options of {@link startLoop}. */
export interface LoopOptions<T> {
  readonly collector: Collector<T>;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 up to but not 1. */
  readonly random: () => number;
  readonly outcome: () => Outcome<T>;
  readonly update: (change: (outcome: Outcome<T>) => Outcome<T>) => void;
  /** Makes the pace at which answers are decoded. */
  readonly pace: () => Pace;
  /** Ends the loop and the run under way. */
  readonly signal: AbortSignal;
}

/** Starts the loop of one operation: the first run at once, never two at a time. */
export function startLoop<T>(options: LoopOptions<T>): Loop {
  const { collector, config, clock, signal } = options;
  const { interval, jitter } = config.operations[collector.operation];
  let wake = new AbortController();
  const work = async (): Promise<void> => {
    const cadence = { origin: clock.monotonic(), interval, phase: options.random() * jitter };
    const step = createStep(options);
    while (!signal.aborted) {
      wake = new AbortController();
      const stretch = await step();
      if (signal.aborted) return;
      const now = clock.monotonic();
      const due = stretch === undefined ? Infinity : nextDue(cadence, now, stretch);
      if (due < Infinity) options.update((outcome) => ({ ...outcome, nextRunTime: clock.now() + due - now }));
      await sleepUntil(due, clock, AbortSignal.any([signal, wake.signal]));
    }
  };
  return { runNow: () => wake.abort(), ended: work() };
}

async function sleepUntil(due: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const left = due - clock.monotonic();
    if (left <= 0) return;
    await clock.sleep(left, signal);
  }
}

/** Makes the function that runs the operation once and says how many intervals to wait; undefined: until asked. */
function createStep<T>(options: LoopOptions<T>): () => Promise<number | undefined> {
  const { collector, config, clock, pace, signal, update } = options;
  const failureLog = createFailureLog(options);
  let occupiedSince: number | undefined;
  let toldUnsupported = false;
  const fail = (failure: Failure, seconds: number): void => {
    update((outcome) => failed(outcome, failure, clock.now(), seconds));
    failureLog.failed(failure, seconds);
  };
  return async () => {
    if (occupiedSince !== undefined) {
      const message = "a process of an earlier run still holds its output open; no other is started until it has ended";
      fail({ type: "timeout", message }, (clock.monotonic() - occupiedSince) / 1000);
      return 1;
    }
    update((outcome) => ({ ...outcome, runningSince: clock.now() }));
    const start = clock.monotonic();
    const result = await runOnce({
      collector,
      previous: options.outcome().snapshot?.value,
      config,
      clock,
      pace,
      signal,
    });
    occupiedSince = start;
    result.gone.then(() => occupiedSince = undefined);
    // A tree that is gone already frees the operation before the next step.
    await Promise.race([result.gone, clock.sleep(0)]);
    if (signal.aborted) return undefined;
    return settle(result);
  };

  function settle(result: RunResult<T>): number | undefined {
    switch (result.how) {
      case "answer": {
        const snapshot = { value: result.value, time: clock.now(), monotonic: clock.monotonic() };
        update((outcome) => succeeded(outcome, snapshot, result.seconds));
        failureLog.succeeded(result.seconds);
        return 1;
      }
      case "failure":
        fail(result.failure, result.seconds);
        return collector.backsOff ? stretchAfter(options.outcome().failuresInARow) : 1;
      case "unsupported": {
        update((outcome) => ({ ...freshAs(outcome), unsupported: true }));
        if (!toldUnsupported) {
          options.log.warn("this check is off", { operation: collector.operation, reason: result.reason });
        }
        toldUnsupported = true;
        return undefined;
      }
    }
  }
}

/** An outcome without any run, as its series are then absent. */
function freshAs<T>(outcome: Outcome<T>): Outcome<T> {
  const { snapshot: _, last: __, lastFailure: ___, ...rest } = settled(outcome);
  return rest;
}

/** Options of {@link startAll}. */
export interface StartOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly store: Store;
  readonly pace: () => Pace;
  readonly signal: AbortSignal;
}

/** Starts the loops of all operations. */
export function startAll(options: StartOptions): Loop {
  const loops = [
    start(COLLECTORS["backup-list"], options),
    start(COLLECTORS["wal-verify"], options),
    start(COLLECTORS["storage-check"], options),
  ];
  return {
    runNow: () => loops.forEach((loop) => loop.runNow()),
    ended: Promise.all(loops.map((loop) => loop.ended)).then(() => {}),
  };
}

function start<T>(collector: Collector<T> & { readonly operation: Operation }, options: StartOptions): Loop {
  const { store } = options;
  return startLoop<T>({
    ...options,
    collector,
    outcome: () => store.state[collector.operation] as Outcome<T>,
    // The type of an operation's answer is that of its collector.
    update: (change) => store.update(collector.operation, change as never),
  });
}
