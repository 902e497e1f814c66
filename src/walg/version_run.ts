import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { textOf } from "../pieces.ts";
import { type CommandEnd, runCommand } from "./command.ts";
import { walgEnv } from "./invocation.ts";
import { parseVersion } from "./version_probe.ts";

/** How long `wal-g --version` may take, milliseconds. */
export const VERSION_TIMEOUT = 10_000;

/** Runs `wal-g --version`. */
export function runVersion(
  { config, clock, signal }: { config: Config; clock: Clock; signal: AbortSignal },
): Promise<CommandEnd> {
  return runCommand({
    path: config.walgPath,
    args: ["--version"],
    env: walgEnv,
    timeout: VERSION_TIMEOUT,
    signal,
    clock,
  });
}

/** The version that a run of `wal-g --version` told; undefined when it told none. */
export function versionOf(end: CommandEnd): string | undefined {
  return end.exitCode === 0 ? parseVersion(textOf(end.stdout)) : undefined;
}
