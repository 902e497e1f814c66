import type { Clock } from "../clock.ts";
import { createBreath } from "../pace.ts";

/** Shares the event loop between the answers that are being made. */
export interface InTurns {
  /** Does work that was made to be done in slices, one piece of work after the other. */
  run<T>(work: Generator<void, T>): Promise<T>;
  /** Resolves when it is one's turn to make a short piece of an answer: one piece per turn of the event loop. */
  next(): Promise<void>;
}

/** How long a piece of work may keep the event loop before scrapes get their turn, milliseconds. */
const TURN = 2;

/** Turns for all answers of a server, so that many at once hold up nobody more than one does. */
export function createInTurns(clock: Clock): InTurns {
  let last: Promise<unknown> = Promise.resolve();
  let turn: Promise<void> = Promise.resolve();
  const breathe = createBreath(clock);
  return {
    run(work) {
      const result = last.then(() => runInTurns(work, clock));
      last = result.catch(() => {});
      return result;
    },
    next: () => turn = turn.then(breathe),
  };
}

async function runInTurns<T>(work: Generator<void, T>, clock: Clock): Promise<T> {
  const breathe = createBreath(clock);
  let turnEnd = clock.monotonic() + TURN;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (clock.monotonic() < turnEnd) continue;
    await breathe();
    turnEnd = clock.monotonic() + TURN;
  }
}
