/** How often an operation runs: monotonic milliseconds throughout. */
export interface Cadence {
  /** When the first run started. */
  readonly origin: number;
  readonly interval: number;
  /** A lasting shift of all runs but the first, so that hosts that restart together spread out. */
  readonly phase: number;
}

/** The most that failures stretch an interval by. */
const MAX_STRETCH = 4;

/**
 * When the next run is due: at the first point of the cadence after now. Points that a late run missed are left
 * out, so that runs never bunch up.
 */
export function nextDue({ origin, interval, phase }: Cadence, now: number, stretch: number): number {
  const base = origin + phase;
  const passed = Math.max(0, Math.floor((now - base) / interval));
  return base + (passed + stretch) * interval;
}

/** By how many intervals the next run waits after so many failures in a row: 1, 1, 2, 4, 4, … */
export function stretchAfter(failuresInARow: number): number {
  return failuresInARow === 0 ? 1 : Math.min(MAX_STRETCH, 2 ** (failuresInARow - 1));
}
