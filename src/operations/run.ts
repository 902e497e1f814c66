import type { Clock } from "../base/clock.ts";
import { createPace, type Pace } from "../base/pace.ts";
import { type CommandEnd, runCommand } from "../walg/command.ts";
import { type Failure, type RunContext, WalgError } from "../walg/failure.ts";
import { maskStderr } from "../walg/stderr.ts";
import { walgArgs, walgEnv } from "../walg/version.ts";
import type { Config } from "./config.ts";
import { type Collector, UnsupportedError } from "./operation.ts";

/** How a run of a collector ended. */
export type RunResult<T> =
  & { readonly seconds: number; /** Resolves when its last process is gone. */ readonly gone: Promise<void> }
  & (
    | { readonly how: "answer"; readonly value: T }
    | { readonly how: "failure"; readonly failure: Failure }
    | { readonly how: "unsupported"; readonly reason: string }
  );

/** Options of {@link runOnce}. */
export interface RunOnceOptions<T> {
  readonly collector: Collector<T>;
  readonly previous: T | undefined;
  readonly config: Config;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Makes the pace at which the answer is decoded. Default: that of work beside others. */
  readonly pace?: () => Pace;
}

/** Runs a collector once, within its timeout; it never rejects but for a fault of our own. */
export async function runOnce<T>(
  { collector, previous, config, clock, signal, pace = () => createPace(clock) }: RunOnceOptions<T>,
): Promise<RunResult<T>> {
  const { timeout } = config.operations[collector.operation];
  const start = clock.monotonic();
  const ends: CommandEnd[] = [];
  const failure: RunContext = { path: config.walgPath, timeout, fallback: collector.fallbackError };
  const runWalg = async (args: readonly string[]): Promise<CommandEnd> => {
    const end = await runCommand({
      path: config.walgPath,
      args: walgArgs(args, config.walgConfigPath),
      env: walgEnv,
      timeout: Math.max(0, timeout - (clock.monotonic() - start)),
      ...(signal !== undefined && { signal }),
      clock,
    });
    ends.push(end);
    return end;
  };
  const settle = (): { seconds: number; gone: Promise<void> } => ({
    seconds: (clock.monotonic() - start) / 1000,
    gone: Promise.all(ends.map((end) => end.gone)).then(() => {}),
  });
  try {
    const value = await collector.collect({ runWalg, failure, previous, pace: pace() });
    return { how: "answer", value, ...settle() };
  } catch (error) {
    if (error instanceof WalgError) return { how: "failure", failure: error.failure, ...settle() };
    if (error instanceof UnsupportedError) return { how: "unsupported", reason: error.message, ...settle() };
    throw error;
  }
}

/** A run with what wal-g wrote to stderr, masked, also where it succeeded. */
export interface RecordedRun<T> {
  readonly result: RunResult<T>;
  readonly stderr: string;
}

/** Runs a collector once and keeps its stderr. */
export async function recordedRun<T>(options: RunOnceOptions<T>): Promise<RecordedRun<T>> {
  const texts: string[] = [];
  const collector: Collector<T> = {
    ...options.collector,
    collect: (context) =>
      options.collector.collect({
        ...context,
        runWalg: async (args) => {
          const end = await context.runWalg(args);
          texts.push(end.stderr);
          return end;
        },
      }),
  };
  const result = await runOnce({ ...options, collector });
  return { result, stderr: texts.map(maskStderr).join("") };
}
