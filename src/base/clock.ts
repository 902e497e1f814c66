/** Time as the exporter sees it; tests pass their own. */
export interface Clock {
  /** Wall-clock time, Unix milliseconds. It may jump. */
  now(): number;
  /** Milliseconds since some fixed moment. It never jumps. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest wait that a timer takes, milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep };

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; left > LONGEST_TIMER && !signal?.aborted; left -= LONGEST_TIMER) {
    await waitFor(LONGEST_TIMER, signal);
  }
  await waitFor(ms % LONGEST_TIMER, signal);
}

function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer: ReturnType<typeof setTimeout> = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
}

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
