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
  let sliceEnd = clock.monotonic() + SLICE;
  const rest = async (): Promise<void> => {
    const longest = clock.monotonic() + PATIENCE;
    do await clock.sleep(0); while (isSending() && clock.monotonic() < longest);
    sliceEnd = clock.monotonic() + SLICE;
  };
  return () => clock.monotonic() < sliceEnd ? undefined : rest();
}

/** No pauses: for work that is known to be small, and for tests. */
export const atOnce: Pace = (): void => {};

/** Runs a generator to its end, pausing between its steps as the pace says. */
export async function drive<T>(work: Generator<unknown, T>, pace: Pace): Promise<T> {
  for (let step = work.next();; step = work.next()) {
    if (step.done) return step.value;
    await pace();
  }
}
