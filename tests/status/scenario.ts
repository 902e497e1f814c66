import type { Build } from "../../src/base/host.ts";
import { atOnce } from "../../src/base/clock.ts";
import { recoveryOf } from "../../src/cluster/parts.ts";
import { type Config, readConfig } from "../../src/commands/config.ts";
import { timingOf } from "../../src/operations/config.ts";
import { type Operation, type RunWalg, UnsupportedError } from "../../src/operations/operation.ts";
import {
  failed,
  type Outcome,
  outcomeOf,
  type State,
  succeeded,
  withOutcome,
  withoutCommand,
} from "../../src/operations/state.ts";
import type { Status } from "../../src/status/status.ts";
import { statusOf, viewOf } from "../../src/status/view.ts";
import type { CommandEnd } from "../../src/walg/command.ts";
import { type Failure, WalgError } from "../../src/walg/failure.ts";
import { fixturePath } from "../standin.ts";
import { emptyState, operationNamed } from "../support/state.ts";

export { recoveryOf };

/** A moment two hours after the last captured backups: Unix milliseconds. */
export const NOW = Date.parse("2026-11-23T05:30:00Z");
const MINUTE = 60_000;

/** When each operation last ended before {@link NOW}, milliseconds. */
const AGE: Readonly<Record<string, number>> = {
  "backup-list": 20_000,
  "wal-verify": 3 * MINUTE,
  "storage-check": 8000,
};

const FILES: readonly (readonly [RegExp, string])[] = [
  [/^backup-list/, "backup-list"],
  [/^wal-verify/, "wal-verify"],
  [/^st check/, "st-check"],
  [/^st ls basebackups_005/, "st-ls-basebackups"],
  [/^st ls .*wal_005/, "st-ls-wal"],
  [/^st ls .*basebackups_005/, "st-ls-backups"],
  [/^wal-show/, "wal-show"],
];

export const BUILD: Build = { version: "1.2.3", revision: "abcdef0", denoVersion: "2.7.11", target: "x86_64" };

/** The configuration with these flags. */
export function defaultConfig(flags: Readonly<Record<string, string>> = {}): Config {
  return readConfig(new Map(Object.entries(flags).map(([name, value]) => [name, [value]])));
}

/** One run of each operation against a capture, on top of `before`, as the loops would do it. */
export async function runCapture(scenario: string, before: State = emptyState(), now: number = NOW): Promise<State> {
  let state = before;
  for (const operation of before.operations) {
    state = withOutcome(state, operation, await runOne(operation, outcomeOf(state, operation), scenario, now));
  }
  return { ...state, walgVersion: scenario.includes("1.1") ? "1.1" : "3.0.9" };
}

/** The status of a state. */
export function statusAt(state: State, now: number = NOW, flags: Readonly<Record<string, string>> = {}): Status {
  const options = {
    config: defaultConfig(flags),
    build: BUILD,
    hostname: "db1",
    telemetryPath: "/metrics",
    sandbox: "run wal-g",
    now,
  };
  return statusOf(viewOf(state, recoveryOf(state)), options);
}

/** The state after a failed run of one operation at {@link NOW} − 1 min. */
export function withFailure(state: State, name: string, failure: Failure): State {
  const operation = operationNamed(name);
  return withOutcome(state, operation, failed(outcomeOf(state, operation), failure, NOW - MINUTE, 0.5));
}

async function runOne<T>(
  operation: Operation<T>,
  outcome: Outcome<T>,
  scenario: string,
  now: number,
): Promise<Outcome<T>> {
  const { interval } = timingOf(defaultConfig(), operation);
  const endTime = now - (AGE[operation.name] ?? MINUTE);
  const scheduled = (ended: Outcome<T>): Outcome<T> => ({ ...ended, nextRunTime: endTime + interval });
  const failure = { path: "wal-g", timeout: 10_000, fallback: operation.fallbackError };
  const runWalg: RunWalg = (args, options) => replay(scenario, args, options);
  try {
    const value = await operation.collect({
      runWalg,
      drillFile: "/nowhere/default.json",
      failure,
      previous: outcome.snapshot?.value,
      pace: atOnce,
      now: () => endTime - 500,
    });
    return scheduled(succeeded(outcome, { value, startTime: endTime - 500, time: endTime, monotonic: endTime }, 0.5));
  } catch (error) {
    if (error instanceof UnsupportedError) return withoutCommand(outcome, error.message);
    if (error instanceof WalgError) return scheduled(failed(outcome, error.failure, endTime, 0.5));
    throw error;
  }
}

async function replay(
  scenario: string,
  args: readonly string[],
  options: Parameters<RunWalg>[1] = {},
): Promise<CommandEnd> {
  const file = await captureOf(scenario, args.join(" "));
  const read = (suffix: string): Promise<Uint8Array<ArrayBuffer>> =>
    Deno.readFile(`${file}.${suffix}`).catch(() => new TextEncoder().encode(suffix === "exit" ? "1" : ""));
  const [stdout, stderr, exit] = await Promise.all([read("stdout"), read("stderr"), read("exit")]);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const end = { exitCode: Number(text(exit)), stderr: text(stderr), gone: Promise.resolve() };
  if (options.onStdout === undefined) return { ...end, how: "exited", stdout };
  try {
    await options.onStdout(stdout);
    return { ...end, how: "exited", stdout: new Uint8Array() };
  } catch (refusal) {
    return { ...end, how: "output_refused", refusal, stdout: new Uint8Array() };
  }
}

/** The capture of a command line; with `-t all` the one of all storages, where there is one of its own. */
async function captureOf(scenario: string, command: string): Promise<string> {
  const folder = fixturePath(`captures/${scenario}`);
  const [, history] = /^st cat wal_005\/(\w+\.history)/.exec(command) ?? [];
  if (history !== undefined) return `${folder}/st-cat-${history}`;
  const file = `${folder}/${FILES.find(([pattern]) => pattern.test(command))?.[1] ?? "unknown"}`;
  const all = `${file}-all`;
  if (!command.includes("-t all")) return file;
  return await Deno.stat(`${all}.exit`).then(() => all, () => file);
}
