import { formatAge } from "./text.ts";

/** How far two clocks may differ before that is told, milliseconds. */
const CLOCK_SKEW = 5 * 60_000;

/** Whether a moment that was taken down elsewhere cannot have been yet; both in Unix milliseconds. */
export function isFuture(time: number, now: number): boolean {
  return time - now > CLOCK_SKEW;
}

/** How long ago a moment was that was taken down elsewhere: `3 min ago`, or `in the future`. */
export function formatAgeElsewhere(time: number, now: number): string {
  return isFuture(time, now) ? "in the future" : formatAge(time, now);
}
