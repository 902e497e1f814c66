import type { Clock } from "./clock.ts";

/** Lets the event loop take its turn once work has lasted long enough; call it between small steps. */
export type Pace = () => Promise<void> | void;

/** How long work may keep the event loop before others get their turn, milliseconds: a scrape needs several turns. */
const WORK_TIME_MS = 2;

/** A pace for one piece of work, by the given clock. */
export function createPace(clock: Clock): Pace {
  const yieldNow = createYield(clock);
  let end = clock.monotonic() + WORK_TIME_MS;
  const rest = async (): Promise<void> => {
    await yieldNow();
    end = clock.monotonic() + WORK_TIME_MS;
  };
  return () => clock.monotonic() < end ? undefined : rest();
}

/** The longest time of work before a yield that is reckoned with, milliseconds: before that the loop was idle. */
const LONGEST_WORK_MS = 10;

/**
 * Makes a function that yields to the event loop, so that requests which came during the work before it are seen.
 *
 * Timers count from when the event loop's turn began: one that is due by the time it is set does not let the loop look
 * for input, which it then does at every 61st turn only.
 */
export function createYield(clock: Clock): () => Promise<void> {
  let began = clock.monotonic();
  return async () => {
    await clock.sleep(1 + Math.min(LONGEST_WORK_MS, Math.ceil(clock.monotonic() - began)));
    began = clock.monotonic();
  };
}

/** No pauses: for work that is known to be small, and for tests. */
export const atOnce: Pace = (): void => {};
