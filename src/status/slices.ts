/** How many items are worked off between two `yield`s: well under a millisecond. */
export const SLICE = 1024;

/** Runs work that was made to be done in slices in one go. */
export function inOneGo<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
