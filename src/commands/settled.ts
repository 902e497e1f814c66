import type { Clock } from "../clock.ts";

/** How often it is asked whether the first runs are shown, milliseconds. */
const LOOK = 500;
/** A heap larger than this is not worth the pause, bytes. */
const LARGE = 48 * 1024 * 1024;

type Collect = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/**
 * Gives back the memory that starting took, once the first runs are shown: V8 by itself would keep it, as an exporter
 * that idles makes too little garbage for it to collect.
 */
export async function collectOnceSettled(
  { isSettled, clock, signal }: { isSettled: () => boolean; clock: Clock; signal: AbortSignal },
): Promise<void> {
  while (!isSettled()) {
    await clock.sleep(LOOK, signal);
    if (signal.aborted) return;
  }
  await clock.sleep(LOOK, signal);
  // It is there in the executable, which asks V8 for it.
  const { gc } = globalThis as { gc?: Collect };
  if (Deno.memoryUsage().heapUsed < LARGE) gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
