import type { Clock } from "../base/clock.ts";

/** How often it is asked whether the first runs are shown, milliseconds. */
const LOOK = 500;
/** A first run that takes longer is not waited for, milliseconds: on a large archive it may take minutes. */
const PATIENCE = 10_000;
/** A heap larger than this is not worth the pause, bytes. */
const LARGE = 48 * 1024 * 1024;

type Collect = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/** Options of {@link collectOnceSettled}. */
export interface SettledOptions {
  /** Whether each operation has run once. */
  readonly isSettled: () => boolean;
  /** Told when memory that starting took was collected for the first time. */
  readonly onSettled: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Collects the garbage that starting made: V8 by itself would keep it, as an exporter that idles makes too little of it.
 * It does so once the first runs are shown, and before that where one takes long.
 */
export async function collectOnceSettled({ isSettled, onSettled, clock, signal }: SettledOptions): Promise<void> {
  const start = clock.monotonic();
  let collected = false;
  for (let settled = false; !settled;) {
    settled = isSettled();
    // What is shown is a moment older than what is known.
    await clock.sleep(LOOK, signal);
    if (signal.aborted) return;
    if (!settled && (collected || clock.monotonic() - start < PATIENCE)) continue;
    collect();
    if (!collected) onSettled();
    collected = true;
  }
}

function collect(): void {
  // It is there in the executable, which asks V8 for it.
  const { gc } = globalThis as { gc?: Collect };
  if (Deno.memoryUsage().heapUsed < LARGE) gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
