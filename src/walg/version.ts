import { textOf } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { type CommandEnd, runCommand } from "./command.ts";

/** What the child's environment always says: debug lines would stand before the JSON on stdout. */
export const walgEnv: Readonly<Record<string, string>> = { WALG_LOG_LEVEL: "NORMAL", S3_LOG_LEVEL: "NORMAL" };

/** The arguments of a wal-g command, with the config file where one is set. */
export function walgArgs(args: readonly string[], configPath: string | undefined): readonly string[] {
  return configPath === undefined ? args : [...args, "--config", configPath];
}

/** A warning for each of the variables above that the operator had set to something else. */
export function overriddenVariables(get: (name: string) => string | undefined): readonly string[] {
  return Object.entries(walgEnv).flatMap(([name, value]) => {
    const set = get(name);
    if (set === undefined || set === value) return [];
    return [`${name}=${set} is not passed on to wal-g (${value} is): its debug lines would spoil the output`];
  });
}

/** The version that `wal-g --version` tells, without its `v`; undefined when it tells none. */
export function parseVersion(stdout: string): string | undefined {
  return /\bv?(\d+(?:\.\d+)+[\w.+-]*)/.exec(stdout)?.[1];
}

/** How long `wal-g --version` may take, milliseconds. */
export const VERSION_TIMEOUT = 10_000;

/** Runs `wal-g --version`. */
export function runVersion(
  { path, clock, signal }: { path: string; clock: Clock; signal: AbortSignal },
): Promise<CommandEnd> {
  return runCommand({
    path,
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

/** How often wal-g is asked for its version: it may be replaced while the exporter runs. Milliseconds. */
const INTERVAL = 3_600_000;
/** How soon again when it gave none, milliseconds. */
const RETRY = 60_000;

/** Asks wal-g for its version now and then, until the signal aborts. */
export async function watchVersion(
  { path, clock, signal, onVersion }: {
    path: string;
    clock: Clock;
    signal: AbortSignal;
    onVersion: (version: string) => void;
  },
): Promise<void> {
  while (!signal.aborted) {
    const end = await runVersion({ path, clock, signal });
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
