import type { Clock } from "../clock.ts";
import { kill, RUNNING } from "./children.ts";
import { followLastLine } from "./last_line.ts";

/** How a process ended, as data. */
export interface CommandEnd {
  readonly how: "exited" | "killed" | "timed_out" | "cancelled" | "output_too_large" | "not_started";
  /** Its exit status; only when it exited by itself. */
  readonly exitCode?: number;
  /** The signal that ended it, where one did. */
  readonly signal?: string;
  /** Why it could not be started. */
  readonly startError?: unknown;
  readonly stdout: Uint8Array;
  /** The last 4 KiB of its stderr. */
  readonly stderr: string;
  /** Resolves when the last process that holds its pipes is gone; it never rejects. */
  readonly gone: Promise<void>;
}

/** Options of {@link runCommand}. */
export interface CommandOptions {
  readonly path: string;
  readonly args: readonly string[];
  /** What is set in the child's environment beside what it inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds until TERM; KILL follows after {@link KILL_DELAY}. */
  readonly timeout: number;
  /** Ends the command early, in the same way. */
  readonly signal?: AbortSignal;
  readonly clock: Clock;
}

/** From TERM to KILL, milliseconds. */
export const KILL_DELAY = 2000;
/** The largest accepted stdout, bytes. */
export const STDOUT_LIMIT = 32 * 1024 * 1024;
/** What is kept of stderr, bytes. */
export const STDERR_LIMIT = 4096;
/** How much of stderr is read without pause, bytes: a flood must not cost the host a core. */
const STDERR_AT_ONCE = 1024 * 1024;
/** The pause after each chunk of a flood, milliseconds. */
const FLOOD_PAUSE = 5;
/** How long pipes may stay open after the command itself has ended before its output counts as whole, milliseconds. */
const PIPE_GRACE = 1000;

/** How long a killed command may take to be gone, milliseconds. */
const LAST_GRACE = 1000;
/** What is known of a process that was killed and is still there. */
const NOT_DEAD: Promise<Partial<Deno.CommandStatus>> = Promise.resolve({});

type EarlyEnd = "timed_out" | "cancelled" | "output_too_large";

/** Runs a command to its end, bounded in time and in output; it never rejects. */
export async function runCommand(options: CommandOptions): Promise<CommandEnd> {
  const { clock } = options;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(options.path, {
      args: [...options.args],
      env: { ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (startError) {
    const nothing = new Uint8Array();
    return { how: "not_started", startError, stdout: nothing, stderr: "", gone: Promise.resolve() };
  }
  const ended = new AbortController();
  const tooLarge = Promise.withResolvers<EarlyEnd>();
  const pause = (): Promise<void> => clock.sleep(FLOOD_PAUSE);
  const stdout = collect(child.stdout, {
    limit: STDOUT_LIMIT,
    onTooLarge: () => tooLarge.resolve("output_too_large"),
    pause,
  });
  const stderr = collectTail(child.stderr, { limit: STDERR_LIMIT, pause });
  const pipes = Promise.all([stdout.closed, stderr.closed]);
  const status = child.status;
  RUNNING.add(child);
  status.then(() => RUNNING.delete(child));
  const whole = status.then(() => Promise.race([pipes, clock.sleep(PIPE_GRACE, ended.signal)]));
  const early = await Promise.race([
    whole.then(() => undefined),
    tooLarge.promise,
    timeoutOf(options, ended.signal),
  ]);
  if (early !== undefined) {
    kill(child, "SIGTERM");
    await Promise.race([whole, clock.sleep(KILL_DELAY, ended.signal)]);
    kill(child, "SIGKILL");
    // A process that waits for its disk does not even die of KILL: the run has ended all the same.
    await Promise.race([whole, clock.sleep(LAST_GRACE, ended.signal)]);
  }
  ended.abort();
  const { code = 0, signal = null } = early === undefined ? await status : await Promise.race([status, NOT_DEAD]);
  return {
    how: early ?? (signal === null ? "exited" : "killed"),
    ...(early === undefined && signal === null && { exitCode: code }),
    ...(signal !== null && { signal }),
    stdout: stdout.take(),
    stderr: stderr.take(),
    gone: Promise.all([pipes, status]).then(() => {}),
  };
}

function timeoutOf({ timeout, signal, clock }: CommandOptions, ended: AbortSignal): Promise<EarlyEnd> {
  const waiting = signal === undefined ? ended : AbortSignal.any([signal, ended]);
  return clock.sleep(timeout, waiting).then(() => signal?.aborted ? "cancelled" : "timed_out");
}

/** What a pipe has brought so far, and when it closed. Reading goes on to the end, whatever is kept. */
interface Collected<T> {
  readonly closed: Promise<void>;
  /** Takes what there is; what comes later is discarded. */
  take(): T;
}

interface CollectOptions {
  /** Bytes. */
  readonly limit: number;
  /** Waits between the chunks of a flood. */
  readonly pause: () => Promise<void>;
}

function collect(
  stream: ReadableStream<Uint8Array>,
  { limit, onTooLarge, pause }: CollectOptions & { readonly onTooLarge: () => void },
): Collected<Uint8Array> {
  let chunks: Uint8Array[] | undefined = [];
  let size = 0;
  const closed = drain(stream, (chunk) => {
    if (chunks === undefined) return pause();
    size += chunk.length;
    if (size <= limit) return void chunks.push(chunk);
    chunks = undefined;
    return onTooLarge();
  });
  const take = (): Uint8Array => {
    const taken = concat(chunks ?? []);
    chunks = undefined;
    return taken;
  };
  return { closed, take };
}

function collectTail(stream: ReadableStream<Uint8Array>, { limit, pause }: CollectOptions): Collected<string> {
  let tail: Uint8Array | undefined = new Uint8Array();
  let size = 0;
  const lastLine = followLastLine();
  const closed = drain(stream, (chunk) => {
    if (tail !== undefined) tail = concat([tail, chunk.subarray(-limit)]).slice(-limit);
    lastLine.add(chunk);
    size += chunk.length;
    return size > STDERR_AT_ONCE ? pause() : undefined;
  });
  const take = (): string => {
    const text = new TextDecoder().decode(tail);
    tail = undefined;
    return size <= limit ? text : withoutCutLine(text) || lastLine.beginning();
  };
  return { closed, take };
}

/** Of a line whose beginning is cut off nobody can tell whether it holds a secret. */
function withoutCutLine(tail: string): string {
  const end = tail.indexOf("\n");
  return end < 0 || tail.slice(end).trim() === "" ? "" : tail.slice(end + 1);
}

async function drain(
  stream: ReadableStream<Uint8Array>,
  use: (chunk: Uint8Array) => Promise<void> | void,
): Promise<void> {
  try {
    for await (const chunk of stream) await use(chunk);
  } catch {
    // A pipe that breaks has ended.
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
