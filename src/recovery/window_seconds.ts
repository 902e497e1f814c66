import type { Recovery } from "./recovery.ts";

/**
 * How long the window is that the moment `nowMs` (Unix milliseconds) ends, in seconds, never negative.
 *
 * @returns 0 when no backup is restorable, undefined when that is not known
 */
export function recoveryWindowSeconds(recovery: Recovery, nowMs: number): number | undefined {
  if (!recovery.windowKnown) return undefined;
  if (recovery.windowStartTime === undefined) return 0;
  return Math.max(0, (nowMs - recovery.windowStartTime) / 1000);
}
