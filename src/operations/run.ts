import { type Clock, createPace, type Pace } from "../base/clock.ts";
import { type CommandEnd, isOutOfDescriptors, runCommand } from "../walg/command.ts";
import { type Failure, type RunContext, WalgError } from "../walg/failure.ts";
import { maskStderr } from "../walg/stderr.ts";
import { childEnvironment, walgArgs } from "../walg/version.ts";
import { type ClusterConfig, timingOf } from "./config.ts";
import { type Operation, type RunWalg, UnsupportedError } from "./operation.ts";
import { failed, type Outcome, succeeded, withoutCommand } from "./state.ts";
import type { Fields, Log } from "../base/log.ts";

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

/** Logs the runs of one operation: each failure once, the same one again at most once a minute. */
export interface RunLog {
  failed(failure: Failure, seconds: number): void;
  succeeded(seconds: number): void;
  /** Says once that this wal-g does not have the command. */
  unsupported(reason: string): void;
}

const REPEAT_AFTER_MS = 60_000;
/** How many different failures are remembered. */
const REMEMBERED = 16;

/** A run log of one operation. */
export function createRunLog(
  { operation: { name: operation }, log, clock }: {
    operation: Pick<Operation<unknown>, "name">;
    log: Log;
    clock: Clock;
  },
): RunLog {
  /** What was logged last of each failure, and how often it came again since. */
  const said = new Map<string, { readonly at: number; repeated: number }>();
  /** Whether a failure was logged and no success since. */
  let failing = false;
  let saidUnsupported = false;
  const logAgain = (key: string, fields: Fields, now: number): void => {
    const repeated = said.get(key)?.repeated ?? 0;
    log.error("run failed", repeated > 0 ? { ...fields, repeated } : fields);
    failing = true;
    said.delete(key);
    said.set(key, { at: now, repeated: 0 });
    const [oldest = key] = said.keys();
    if (said.size > REMEMBERED) said.delete(oldest);
  };
  return {
    failed(failure, seconds) {
      const fields = {
        operation,
        error_type: failure.type,
        error: failure.message,
        duration_seconds: round(seconds),
        ...(failure.exitCode !== undefined && { exit_status: failure.exitCode }),
        ...(failure.stderr !== undefined && { stderr: failure.stderr.trimEnd() }),
      };
      const key = `${failure.type} ${failure.exitCode} ${withoutIds(failure.message)}`;
      const now = clock.monotonic();
      const last = said.get(key);
      if (last === undefined || now - last.at >= REPEAT_AFTER_MS) return logAgain(key, fields, now);
      last.repeated++;
      log.debug("run failed again", fields);
    },
    succeeded(seconds) {
      const fields = { operation, duration_seconds: round(seconds) };
      if (!failing) return log.debug("run succeeded", fields);
      failing = false;
      const repeated = said.values().reduce((sum, each) => sum + each.repeated, 0);
      for (const each of said.values()) each.repeated = 0;
      log.info("run succeeded again", repeated > 0 ? { ...fields, repeated } : fields);
    },
    unsupported(reason) {
      if (!saidUnsupported) log.warn("this operation is off", { operation, reason });
      saidUnsupported = true;
    },
  };
}

/** Ids and numbers in WAL-G's words differ from run to run of the same failure. */
function withoutIds(message: string): string {
  return message.replace(/[\w+/=-]{16,}|\d+/g, "#");
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
