import type { Clock } from "../../src/base/clock.ts";

/** A clock that moves only when told to: both its times at once, or its wall clock alone. */
export interface ManualClock extends Clock {
  /** Lets time pass; what sleeps wakes in order, and each waker's work is done before the next. */
  advance(ms: number): Promise<void>;
  /** Lets time pass in one step: all that should have woken meanwhile wakes at its end. */
  suspend(ms: number): Promise<void>;
  /** Moves the wall clock alone. */
  jump(ms: number): void;
  /** When what sleeps is due, in order: monotonic milliseconds. */
  due(): readonly number[];
}

/** A clock that stands at a moment, Unix milliseconds. */
export function createManualClock(start: number): ManualClock {
  let monotonic = 0;
  let offset = start;
  const sleepers = new Set<{ readonly due: number; readonly wake: () => void }>();
  const clock: ManualClock = {
    now: () => monotonic + offset,
    monotonic: () => monotonic,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { due: monotonic + ms, wake: done };
        function done(): void {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", done);
          resolve();
        }
        sleepers.add(sleeper);
        signal?.addEventListener("abort", done);
      }),
    async advance(ms) {
      const end = monotonic + ms;
      for (;;) {
        await settle();
        const next = [...sleepers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)[0];
        if (next === undefined) break;
        monotonic = Math.max(monotonic, next.due);
        next.wake();
      }
      monotonic = end;
      await settle();
    },
    async suspend(ms) {
      await settle();
      monotonic += ms;
      await clock.advance(0);
    },
    jump: (ms) => offset += ms,
    due: () => [...sleepers].map(({ due }) => due).toSorted((a, b) => a - b),
  };
  return clock;
}

/** Gives all that is ready its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setTimeout(resolve, 0));
}
