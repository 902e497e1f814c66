import { type Clock, systemClock } from "../base/clock.ts";

/** The place of one answer under way. */
export interface Place {
  /** Counts the answer until it is sent; one that is handed over whole at once need not be. */
  hold(): void;
  /** To be told whenever the reader takes more of the answer. */
  taken(): void;
  /** Holds the place, and has the answer broken off when another request takes the place over, or after a minute. */
  whenLost(breakOff: () => void): void;
}

/** Counts the answers under way, up to a limit. */
export interface InFlight {
  /** Whether a reader has just taken something of its answer, or asked for it. */
  isSending(): boolean;
  /** A place until the answer is sent; undefined when all are taken by readers that read. */
  enter(sent: () => Promise<unknown>): Place | undefined;
  /** The same after a moment in which answers that are done may leave, as they tell so late. */
  enterSoon(sent: () => Promise<unknown>): Promise<Place | undefined>;
}

/** A reader that took nothing for so long loses its place to a request that finds none, milliseconds. */
const STALLED = 250;

/** A reader that took nothing for so long is not waited for, milliseconds. */
const JUST_NOW = 30;

/** How long a request may wait for a place, milliseconds. */
const MOMENT = 20;

/** How long a reader may take for an answer, milliseconds. */
const PATIENCE = 60_000;

/** How often answers that take too long are looked for, milliseconds: with the requests, so that no timer is needed. */
const LOOK = 1000;

interface Answer {
  readonly started: number;
  lastTaken: number;
  breakOff?: () => void;
}

/** A counter with that limit; 0 for none. Readers that do not read cannot keep others out. */
export function createInFlight(limit: number, clock: Clock = systemClock): InFlight {
  const answers = new Set<Answer>();
  const makeRoom = (now: number): boolean => {
    const [first, ...rest] = answers;
    if (first === undefined) return false;
    const stalled = rest.reduce((longest, answer) => answer.lastTaken < longest.lastTaken ? answer : longest, first);
    if (now - stalled.lastTaken < STALLED) return false;
    answers.delete(stalled);
    stalled.breakOff?.();
    return true;
  };
  let looked = -Infinity;
  const endOverdue = (now: number): void => {
    if (now - looked < LOOK) return;
    looked = now;
    for (const answer of answers) {
      if (now - answer.started < PATIENCE) continue;
      answers.delete(answer);
      answer.breakOff?.();
    }
  };
  const hasRoom = (now: number): boolean => {
    endOverdue(now);
    return limit === 0 || answers.size < limit || makeRoom(now);
  };
  const waiting = new Set<() => void>();
  const enter = (sent: () => Promise<unknown>): Place | undefined => {
    if (answers.size > 0 && !hasRoom(clock.monotonic())) return undefined;
    let held: Answer | undefined;
    const hold = (): Answer => {
      if (held !== undefined) return held;
      const now = clock.monotonic();
      const answer: Answer = held = { started: now, lastTaken: now };
      answers.add(answer);
      const leave = (): void => {
        answers.delete(answer);
        const [first] = waiting;
        first?.();
      };
      sent().then(leave, leave);
      return answer;
    };
    return {
      hold,
      taken: () => hold().lastTaken = clock.monotonic(),
      whenLost: (breakOff) => hold().breakOff = breakOff,
    };
  };
  return {
    isSending() {
      if (answers.size === 0) return false;
      const now = clock.monotonic();
      return answers.values().some(({ lastTaken }) => now - lastTaken < JUST_NOW);
    },
    enter,
    enterSoon: (sent) =>
      new Promise((resolve) => {
        const waited = new AbortController();
        const tryNow = (): void => {
          if (!waiting.delete(tryNow)) return;
          waited.abort();
          resolve(enter(sent));
        };
        waiting.add(tryNow);
        clock.sleep(MOMENT, waited.signal).then(tryNow);
      }),
  };
}
