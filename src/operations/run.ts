import { type Clock, createPace, type Pace } from "../base/clock.ts";
import { type CommandEnd, isOutOfDescriptors, runCommand } from "../walg/command.ts";
import { type Failure, type RunContext, WalgError } from "../walg/failure.ts";
import { maskStderr } from "../walg/stderr.ts";
import { childEnvironment, walgArgs } from "../walg/version.ts";
import { type ClusterConfig, timingOf } from "./config.ts";
import { type Operation, type RunWalg, UnsupportedError } from "./operation.ts";
import { failed, type Outcome, succeeded, withoutCommand } from "./state.ts";

/** How a run of an operation ended. */
export type RunResult<T> = RunEnd & RunAnswer<T>;

interface RunEnd {
  /** When it began: Unix milliseconds. */
  readonly startTime: number;
  readonly seconds: number;
  /** Resolves when its last process is gone. */
  readonly gone: Promise<void>;
  /** What wal-g wrote to stderr, masked, also where it succeeded. */
  readonly stderr: string;
  /** Why wal-g could not be started, where that was for want of file descriptors. */
  readonly outOfDescriptors?: string;
}

type RunAnswer<T> =
  | { readonly how: "answer"; readonly value: T }
  | { readonly how: "failure"; readonly failure: Failure }
  | { readonly how: "unsupported"; readonly reason: string };

/** Options of {@link runOnce}. */
export interface RunOnceOptions<T> {
  readonly operation: Operation<T>;
  readonly previous: T | undefined;
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Makes the pace at which the answer is decoded. */
  readonly pace?: () => Pace;
}

/** Runs an operation once, within its timeout; it never rejects but for a fault of our own. */
export async function runOnce<T>(options: RunOnceOptions<T>): Promise<RunResult<T>> {
  const { operation, previous, config, clock, signal, pace = () => createPace(clock) } = options;
  const { timeout } = timingOf(config, operation);
  const [start, startTime] = [clock.monotonic(), clock.now()];
  const ends: CommandEnd[] = [];
  const failure: RunContext = { path: config.walgPath, timeout, fallback: operation.fallbackError };
  const runWalg: RunWalg = async (args, { timeout: most = Infinity, ...streaming } = {}) => {
    const end = await runCommand({
      path: config.walgPath,
      args: walgArgs(args, config.walgConfigPath),
      ...childEnvironment(config.environment),
      timeout: Math.min(most, Math.max(0, timeout - (clock.monotonic() - start))),
      ...(signal !== undefined && { signal }),
      clock,
      ...streaming,
    });
    ends.push(end);
    return end;
  };
  const answer = await collect(operation, {
    runWalg,
    drillFile: config.drillFile,
    failure,
    previous,
    pace: pace(),
    now: clock.now,
  });
  const starved = ends.find(({ startError }) => isOutOfDescriptors(startError));
  return {
    ...answer,
    startTime,
    seconds: (clock.monotonic() - start) / 1000,
    gone: Promise.all(ends.map((end) => end.gone)).then(() => {}),
    stderr: ends.map((end) => maskStderr(end.stderr)).join(""),
    ...(starved !== undefined && { outOfDescriptors: String(starved.startError) }),
  };
}

async function collect<T>(
  operation: Operation<T>,
  context: Parameters<Operation<T>["collect"]>[0],
): Promise<RunAnswer<T>> {
  try {
    return { how: "answer", value: await operation.collect(context) };
  } catch (error) {
    if (error instanceof WalgError) return { how: "failure", failure: error.failure };
    if (error instanceof UnsupportedError) return { how: "unsupported", reason: error.message };
    throw error;
  }
}

/** The outcome that follows a run that has just ended. */
export function outcomeAfter<T>(
  { keepsAnswer }: Pick<Operation<T>, "keepsAnswer">,
  outcome: Outcome<T>,
  result: RunResult<T>,
  clock: Clock,
): Outcome<T> {
  switch (result.how) {
    case "answer": {
      const time = clock.now();
      const snapshot = { value: result.value, startTime: result.startTime, time, monotonic: clock.monotonic() };
      return succeeded(outcome, snapshot, result.seconds);
    }
    case "failure": {
      const { snapshot, ...rest } = outcome;
      const kept = keepsAnswer && snapshot !== undefined ? { ...rest, snapshot } : rest;
      return failed(kept, result.failure, clock.now(), result.seconds);
    }
    case "unsupported":
      return withoutCommand(outcome, result.reason);
  }
}
