import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Pace } from "../pace.ts";
import type { Failure } from "../walg/failure.ts";
import type { Collector } from "./collector.ts";
import { createFailureLog } from "./failure_log.ts";
import { runOnce, type RunResult } from "./run_once.ts";
import { nextDue, stretchAfter } from "./schedule.ts";
import type { Outcome } from "./state.ts";
import { failed, settled, succeeded } from "./store.ts";

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
