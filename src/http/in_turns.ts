import type { Clock } from "../clock.ts";

/** Runs work that was made to be done in slices. */
export type InTurns = <T>(work: Generator<void, T>) => Promise<T>;

/** How long a piece of work may keep the event loop before scrapes get their turn, milliseconds. */
const TURN = 2;

/** Does one piece of work after the other, each in short turns, so that many requests at once hold up nobody more. */
export function createInTurns(clock: Clock): InTurns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(() => runInTurns(work, clock));
    last = result.catch(() => {});
    return result;
  };
}

async function runInTurns<T>(work: Generator<void, T>, clock: Clock): Promise<T> {
  let turnEnd = clock.monotonic() + TURN;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (clock.monotonic() < turnEnd) continue;
    await clock.sleep(0);
    turnEnd = clock.monotonic() + TURN;
  }
}
