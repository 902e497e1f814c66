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
