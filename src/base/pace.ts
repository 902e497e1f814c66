import type { Clock } from "./clock.ts";

/** Gives the event loop back once the present slice of work has lasted long enough; call it between small steps. */
export type Pace = () => Promise<void> | void;

/** How long work may keep the event loop before others get their turn, milliseconds: a scrape needs several turns. */
const SLICE = 2;

/** How long a slice waits at most for answers that are being sent, milliseconds: work goes on under any load. */
const PATIENCE = 15;

/**
 * A pace for one piece of work, by the given clock.
 *
 * @param isSending whether an answer is on its way: it takes several turns, which then follow each other without work
 */
export function createPace(clock: Clock, isSending: () => boolean = () => false): Pace {
  const breathe = createBreath(clock);
  let sliceEnd = clock.monotonic() + SLICE;
  const rest = async (): Promise<void> => {
    const longest = clock.monotonic() + PATIENCE;
    do await breathe(); while (isSending() && clock.monotonic() < longest);
    sliceEnd = clock.monotonic() + SLICE;
  };
  return () => clock.monotonic() < sliceEnd ? undefined : rest();
}

/** The longest stretch of work that is reckoned with, milliseconds: after idle time there was none. */
const LONGEST_STRETCH = 10;

/**
 * A pause after which requests that came during the work before it have been seen; each call ends a stretch of work.
 *
 * Timers count from when the event loop's turn began: one that is due by the time it is set does not let the loop look
 * for input, which it then does at every 61st turn only.
 */
export function createBreath(clock: Clock): () => Promise<void> {
  let began = clock.monotonic();
  return async () => {
    await clock.sleep(1 + Math.min(LONGEST_STRETCH, Math.ceil(clock.monotonic() - began)));
    began = clock.monotonic();
  };
}

/** No pauses: for work that is known to be small, and for tests. */
export const atOnce: Pace = (): void => {};

/** Runs work that was made to be done in slices in one go. */
export function inOneGo<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Runs a generator to its end, pausing between its steps as the pace says. */
export async function drive<T>(work: Generator<unknown, T>, pace: Pace): Promise<T> {
  for (let step = work.next();; step = work.next()) {
    if (step.done) return step.value;
    await pace();
  }
}
