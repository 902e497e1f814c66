import { joined, type Pieces } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";

/** The commands that have not ended. */
export const RUNNING = new Set<Deno.ChildProcess>();

/** Ends all commands at once, for an exporter that exits without waiting for them. */
export function killRunning(): void {
  for (const child of RUNNING) kill(child, "SIGKILL");
}

/** Sends a signal to a command, if it has not ended already. */
export function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}

/** The smallest and the largest block, bytes: short outputs take little, and long ones at most a block too much. */
const [LEAST, MOST] = [1024, 1024 * 1024];

/** Output that grows: nothing that is in it is ever copied again. */
export interface OutputBlocks {
  /** Copies a chunk. */
  add(chunk: Uint8Array): void;
  /** All that was added. */
  all(): Pieces;
}

/** No output yet. */
export function createOutputBlocks(): OutputBlocks {
  const full: Uint8Array<ArrayBuffer>[] = [];
  let open = new Uint8Array();
  let used = 0;
  let size = 0;
  return {
    add(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (used === open.length) {
          if (used > 0) full.push(open);
          open = new Uint8Array(Math.min(MOST, Math.max(LEAST, size, chunk.length - at)));
          used = 0;
        }
        const part = chunk.subarray(at, at + open.length - used);
        open.set(part, used);
        used += part.length;
        at += part.length;
        size += part.length;
      }
    },
    all: () => used === 0 ? full : [...full, open.subarray(0, used)],
  };
}

/** How much of the last line is kept, bytes. */
const KEPT = 1024;
const NEWLINE = 10;

/** The beginning of the last line of a stream that is not blank. */
export interface LastLine {
  add(chunk: Uint8Array): void;
  /** Up to the last blank in it: of a word that is cut nobody can tell whether it holds a secret. */
  beginning(): string;
}

/** Follows a stream, keeping no more than two beginnings of lines. */
export function followLastLine(): LastLine {
  let ended = "";
  let open = "";
  const decoder = new TextDecoder();
  const beginningOf = (bytes: Uint8Array): string => decoder.decode(bytes.subarray(0, KEPT));
  const extended = (bytes: Uint8Array): string =>
    open.length < KEPT ? (open + beginningOf(bytes)).slice(0, KEPT) : open;
  const lastEnded = (bytes: Uint8Array): string => {
    for (let end = bytes.length; end >= 0;) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
      const line = before < 0 ? extended(bytes.subarray(0, end)) : beginningOf(bytes.subarray(before + 1, end));
      if (line.trim() !== "") return line;
      end = before;
    }
    return ended;
  };
  return {
    add(chunk) {
      const end = chunk.lastIndexOf(NEWLINE);
      if (end >= 0) {
        ended = lastEnded(chunk.subarray(0, end));
        open = "";
      }
      open = extended(chunk.subarray(end + 1));
    },
    beginning() {
      const line = open.trim() === "" ? ended : open;
      const words = line.replace(/\S*$/, "").trimEnd();
      return words === "" ? "(a very long line)" : `${words} … (a very long line)`;
    },
  };
}

/** How a process ended, as data. */
export interface CommandEnd {
  readonly how: "exited" | "killed" | "timed_out" | "cancelled" | "output_too_large" | "not_started";
  /** Its exit status; only when it exited by itself. */
  readonly exitCode?: number;
  /** The signal that ended it, where one did. */
  readonly signal?: string;
  /** Why it could not be started. */
  readonly startError?: unknown;
  readonly stdout: Pieces;
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
/** How much is read from a pipe at once: as much as it holds, bytes. */
const READ_SIZE = 64 * 1024;
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
    return { how: "not_started", startError, stdout: [], stderr: "", gone: Promise.resolve() };
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

type Output = ReadableStream<Uint8Array<ArrayBuffer>>;

interface CollectOptions {
  /** Bytes. */
  readonly limit: number;
  /** Waits between the chunks of a flood. */
  readonly pause: () => Promise<void>;
}

function collect(
  stream: Output,
  { limit, onTooLarge, pause }: CollectOptions & { readonly onTooLarge: () => void },
): Collected<Pieces> {
  let blocks: OutputBlocks | undefined = createOutputBlocks();
  let size = 0;
  const closed = drain(stream, (chunk) => {
    if (blocks === undefined) return pause();
    size += chunk.length;
    if (size <= limit) return blocks.add(chunk);
    blocks = undefined;
    return onTooLarge();
  });
  const take = (): Pieces => {
    const taken = blocks?.all() ?? [];
    blocks = undefined;
    return taken;
  };
  return { closed, take };
}

function collectTail(stream: Output, { limit, pause }: CollectOptions): Collected<string> {
  let tail: Uint8Array<ArrayBuffer> | undefined = new Uint8Array();
  let size = 0;
  const lastLine = followLastLine();
  const closed = drain(stream, (chunk) => {
    if (tail !== undefined) tail = joined([tail, chunk.subarray(-limit)]).slice(-limit);
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

/** Hands over what a pipe brings, to its end; each chunk stands only until `use` is done with it. */
async function drain(
  stream: Output,
  use: (chunk: Uint8Array<ArrayBuffer>) => Promise<void> | void,
): Promise<void> {
  try {
    const reader = stream.getReader({ mode: "byob" });
    // One buffer for all reads: one for each would be what makes the runtime collect its garbage.
    let buffer = new ArrayBuffer(READ_SIZE);
    for (;;) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      await use(value);
      buffer = value.buffer;
    }
  } catch {
    // A pipe that breaks has ended.
  }
}

/** Whether a process could not be started because no file descriptor is left. */
export function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error && /os error 2[34]\b/.test(error.message);
}
