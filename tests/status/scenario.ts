import { COLLECTORS, OPERATIONS } from "../../src/operations/registry.ts";
import type { Collector } from "../../src/operations/operation.ts";
import { UnsupportedError } from "../../src/operations/operation.ts";
import { freshState } from "../../src/operations/state.ts";
import type { Operation } from "../../src/operations/operation.ts";
import type { Outcome, State } from "../../src/operations/state.ts";
import { failed, succeeded } from "../../src/operations/state.ts";
import { type Config, readConfig } from "../../src/operations/config.ts";
import { atOnce } from "../../src/base/pace.ts";
import { recover, type Recovery } from "../../src/recovery/recover.ts";
import { type Status, statusOf } from "../../src/status/status.ts";
import type { Build } from "../../src/base/manifest.ts";
import type { CommandEnd } from "../../src/walg/command.ts";
import { type Failure, WalgError } from "../../src/walg/failure.ts";
import { fixturePath } from "../standin.ts";

/** A moment two hours after the last captured backups: Unix milliseconds. */
export const NOW = Date.parse("2026-11-23T05:30:00Z");
const MINUTE = 60_000;

/** When each operation last ended before {@link NOW}, milliseconds. */
const AGE: Readonly<Record<Operation, number>> = {
  "backup-list": 20_000,
  "wal-verify": 3 * MINUTE,
  "storage-check": 8000,
};

const FILES: Readonly<Record<string, string>> = {
  "backup-list": "backup-list",
  "wal-verify": "wal-verify",
  "st check": "st-check",
  "st ls": "st-ls-basebackups",
};

export const BUILD: Build = { version: "1.2.3", revision: "abcdef0", denoVersion: "2.7.11", target: "x86_64" };

/** The configuration without any flag. */
export function defaultConfig(): Config {
  return readConfig(new Map());
}

/** One run of each operation against a capture, on top of `before`, as the loops would do it. */
export async function runCapture(scenario: string, before: State = freshState(), now: number = NOW): Promise<State> {
  let state = before;
  for (const operation of OPERATIONS) {
    const outcome = await runOne(COLLECTORS[operation] as Collector<unknown>, state[operation], scenario, now);
    state = { ...state, [operation]: outcome };
  }
  return { ...state, walgVersion: scenario.includes("1.1") ? "1.1" : "3.0.9" };
}

/** What is recoverable by a state, as the exposition computes it. */
export function recoveryOf(state: State): Recovery | undefined {
  const [list, wal] = [state["backup-list"].snapshot, state["wal-verify"].snapshot];
  return list && wal && recover(list.value.backups, wal.value);
}

/** The status of a state. */
export function statusAt(state: State, now: number = NOW): Status {
  const config = defaultConfig();
  return statusOf({ state, recovery: recoveryOf(state), config, build: BUILD, sandbox: "run wal-g", now });
}

/** The state after a failed run of one operation at {@link NOW} − 1 min. */
export function withFailure(state: State, operation: Operation, failure: Failure): State {
  return { ...state, [operation]: failed<unknown>(state[operation], failure, NOW - MINUTE, 0.5) };
}

async function runOne(
  collector: Collector<unknown>,
  outcome: Outcome<unknown>,
  scenario: string,
  now: number,
): Promise<Outcome<unknown>> {
  const { interval } = defaultConfig().operations[collector.operation];
  const scheduled = (ended: Outcome<unknown>): Outcome<unknown> => ({ ...ended, nextRunTime: endTime + interval });
  const endTime = now - AGE[collector.operation];
  const failure = { path: "wal-g", timeout: 10_000, fallback: collector.fallbackError };
  const runWalg = (args: readonly string[]): Promise<CommandEnd> => replay(scenario, args);
  try {
    const value = await collector.collect({ runWalg, failure, previous: outcome.snapshot?.value, pace: atOnce });
    return scheduled(succeeded<unknown>(outcome, { value, time: endTime, monotonic: endTime }, 0.5));
  } catch (error) {
    if (error instanceof UnsupportedError) return { ...outcome, unsupported: true };
    if (error instanceof WalgError) return scheduled(failed<unknown>(outcome, error.failure, endTime, 0.5));
    throw error;
  }
}

async function replay(scenario: string, args: readonly string[]): Promise<CommandEnd> {
  const command = args[0] === "st" ? `st ${args[1]}` : args[0] ?? "";
  const file = fixturePath(`captures/${scenario}/${FILES[command]}`);
  const read = (suffix: string): Promise<Uint8Array<ArrayBuffer>> =>
    Deno.readFile(`${file}.${suffix}`).catch(() => new TextEncoder().encode(suffix === "exit" ? "1" : ""));
  const [stdout, stderr, exit] = await Promise.all([read("stdout"), read("stderr"), read("exit")]);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const exitCode = Number(text(exit));
  return { how: "exited", exitCode, stdout: [stdout], stderr: text(stderr), gone: Promise.resolve() };
}
