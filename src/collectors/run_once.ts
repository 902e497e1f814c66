import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { createPace, type Pace } from "../pace.ts";
import { type CommandEnd, runCommand } from "../walg/command.ts";
import { type Failure, WalgError } from "../walg/failure.ts";
import type { RunContext } from "../walg/outcome.ts";
import { walgArgs, walgEnv } from "../walg/invocation.ts";
import { type Collector, UnsupportedError } from "./collector.ts";

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
