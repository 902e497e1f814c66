import { type Clock, systemClock } from "../base/clock.ts";

/** The place of one answer under way. */
export interface Place {
  /** Counts the answer until it is sent; one that is handed over whole at once need not be. */
  hold(): void;
  /** Call it whenever the reader takes more of the answer. */
  taken(): void;
  /** Holds the place, and has the answer broken off when another request takes the place over, or after a minute. */
  whenLost(breakOff: () => void): void;
}

/** Counts the answers under way, up to a limit. */
export interface InFlight {
  /** A place until the answer is sent; undefined when all are taken by readers that read. */
  enter(sent: () => Promise<unknown>): Place | undefined;
  /** The same, but it waits up to 20 ms for a place: that an answer has been sent is known a little late. */
  enterSoon(sent: () => Promise<unknown>): Promise<Place | undefined>;
}

/** A reader that took nothing for so long loses its place to a request that finds none. */
const STALL_TIMEOUT_MS = 250;

/** How long a request may wait for a place. */
const PLACE_TIMEOUT_MS = 20;

/** How long a reader may take for an answer. */
const READ_TIMEOUT_MS = 60_000;

/** How often answers that take too long are looked for: as requests come, so that no timer is needed. */
const CHECK_INTERVAL_MS = 1000;

interface Answer {
  readonly started: number;
  lastTaken: number;
  breakOff?: () => void;
}

/** A counter with that limit; 0 for none. Readers that do not read cannot keep others out. */
export function createInFlight(limit: number, clock: Clock = systemClock): InFlight {
  const answers = new Set<Answer>();
  const end = (answer: Answer): void => {
    answers.delete(answer);
    answer.breakOff?.();
  };
  const makeRoom = (now: number): boolean => {
    const [first, ...rest] = answers;
    if (first === undefined) return false;
    const stalled = rest.reduce((longest, answer) => answer.lastTaken < longest.lastTaken ? answer : longest, first);
    if (now - stalled.lastTaken < STALL_TIMEOUT_MS) return false;
    end(stalled);
    return true;
  };
  let lastCheck = -Infinity;
  const endOverdue = (now: number): void => {
    if (now - lastCheck < CHECK_INTERVAL_MS) return;
    lastCheck = now;
    for (const answer of answers) if (now - answer.started >= READ_TIMEOUT_MS) end(answer);
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
        waiting.values().next().value?.();
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
        clock.sleep(PLACE_TIMEOUT_MS, waited.signal).then(tryNow);
      }),
  };
}
