import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { runVersion, versionOf } from "./version_run.ts";

/** How often wal-g is asked for its version: it may be replaced while the exporter runs. Milliseconds. */
const INTERVAL = 3_600_000;
/** How soon again when it gave none, milliseconds. */
const RETRY = 60_000;

/** Asks wal-g for its version now and then, until the signal aborts. */
export async function watchVersion(
  { config, clock, signal, onVersion }: {
    config: Config;
    clock: Clock;
    signal: AbortSignal;
    onVersion: (version: string) => void;
  },
): Promise<void> {
  while (!signal.aborted) {
    const end = await runVersion({ config, clock, signal });
    if (signal.aborted) return;
    const version = versionOf(end);
    if (version !== undefined) onVersion(version);
    await Promise.race([end.gone, aborted(signal)]);
    await clock.sleep(version === undefined ? RETRY : INTERVAL, signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
