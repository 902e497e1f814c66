import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { runCommand } from "./command.ts";
import { walgEnv } from "./invocation.ts";
import { parseVersion } from "./version_probe.ts";

/** How often wal-g is asked for its version: it may be replaced while the exporter runs. Milliseconds. */
const INTERVAL = 3_600_000;
/** How soon again when it gave none, milliseconds. */
const RETRY = 60_000;
const TIMEOUT = 10_000;

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
    const end = await runCommand({
      path: config.walgPath,
      args: ["--version"],
      env: walgEnv,
      timeout: TIMEOUT,
      signal,
      clock,
    });
    if (signal.aborted) return;
    const version = end.exitCode === 0 ? parseVersion(new TextDecoder().decode(end.stdout)) : undefined;
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
