import type { Clock } from "./clock.ts";

/** Gives the event loop back once the present slice of work has lasted long enough; call it between small steps. */
export type Pace = () => Promise<void> | void;

/** How long work may keep the event loop before others get their turn, milliseconds: a scrape needs several turns. */
const SLICE = 2;

/** A pace for one piece of work, by the given clock. */
export function createPace(clock: Clock): Pace {
  let sliceEnd = clock.monotonic() + SLICE;
  return () => {
    if (clock.monotonic() < sliceEnd) return;
    return clock.sleep(0).then(() => {
      sliceEnd = clock.monotonic() + SLICE;
    });
  };
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
