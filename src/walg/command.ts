import { joined } from "../base/bytes.ts";
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

/** How a process ended, as data. */
export interface CommandEnd {
  readonly how: "exited" | "killed" | "not_started" | EarlyEnd;
  /** Its exit status; only when it exited by itself. */
  readonly exitCode?: number;
  /** The signal that ended it, where one did. */
  readonly signal?: string;
  /** Why it could not be started. */
  readonly startError?: unknown;
  /** What `onStdout` threw. */
  readonly refusal?: unknown;
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
  /** Whether it inherits nothing. */
  readonly clearEnv?: boolean;
  /** Milliseconds until TERM; KILL follows after {@link KILL_DELAY_MS}. */
  readonly timeout: number;
  /** Ends the command early, in the same way. */
  readonly signal?: AbortSignal;
  readonly clock: Clock;
  /**
   * Takes stdout as it comes, without a limit; nothing of it is collected. The next chunk is read when this one is done,
   * and the bytes stand only until then. What it throws ends the command.
   */
  readonly onStdout?: (chunk: Uint8Array) => void | Promise<void>;
}

/** From TERM to KILL. */
export const KILL_DELAY_MS = 2000;
/** The largest stdout that is collected. */
export const STDOUT_LIMIT_BYTES = 32 * 1024 * 1024;
/** What is kept of stderr. */
export const STDERR_LIMIT_BYTES = 4096;
/** How much is read from a pipe at once: as much as it holds. */
const READ_BYTES = 64 * 1024;
/** How much of stderr is read without pause: a flood must not cost the host a core. */
const UNPAUSED_STDERR_BYTES = 1024 * 1024;
/** The pause after each chunk of a flood. */
const FLOOD_PAUSE_MS = 5;
/** How long pipes may stay open after the command itself has ended before its output counts as complete. */
const PIPE_GRACE_MS = 1000;
/** How long a killed command may take to be gone. */
const DEATH_GRACE_MS = 1000;

/** Whether a command could not be started because this process, or the host, has no file descriptor left. */
export function isOutOfDescriptors(startError: unknown): boolean {
  return startError instanceof Error && /\bE[MN]FILE\b|\bos error 2[34]\b/.test(startError.message);
}

/** Why a command was ended before it ended by itself. */
type EarlyEnd = "timed_out" | "cancelled" | "output_too_large" | "output_refused";

/** Runs a command to its end, bounded in time and in output; it never rejects. */
export async function runCommand(options: CommandOptions): Promise<CommandEnd> {
  const { clock } = options;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(options.path, {
      args: [...options.args],
      env: { ...options.env },
      clearEnv: options.clearEnv ?? false,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (startError) {
    return { how: "not_started", startError, stdout: new Uint8Array(), stderr: "", gone: Promise.resolve() };
  }
  const ended = new AbortController();
  const stopped = Promise.withResolvers<EarlyEnd>();
  const pause = (): Promise<void> => clock.sleep(FLOOD_PAUSE_MS);
  const kept = createBuffer();
  let refusal: unknown;
  const stdout = handOver(child.stdout, options.onStdout ?? kept.add, {
    onRefused: (error) => {
      refusal = error;
      stopped.resolve(error === TOO_LARGE ? "output_too_large" : "output_refused");
    },
    pause,
  });
  const stderr = collectTail(child.stderr, pause);
  const pipes = Promise.all([stdout.closed, stderr.closed]);
  const status = child.status;
  RUNNING.add(child);
  status.then(() => RUNNING.delete(child));
  const whole = status.then(async () => {
    // While stdout is still being handed over, it is not a grandchild that keeps the pipes open.
    do await Promise.race([pipes, clock.sleep(PIPE_GRACE_MS, ended.signal)]); while (
      options.onStdout !== undefined && stdout.isMoving() && !ended.signal.aborted
    );
  });
  const early = await Promise.race([
    whole.then(() => undefined),
    stopped.promise,
    timeoutOf(options, ended.signal),
  ]);
  if (early !== undefined) {
    kill(child, "SIGTERM");
    await Promise.race([whole, clock.sleep(KILL_DELAY_MS, ended.signal)]);
    kill(child, "SIGKILL");
    // A process that waits for its disk does not die even of KILL: the run counts as ended all the same.
    await Promise.race([whole, clock.sleep(DEATH_GRACE_MS, ended.signal)]);
  }
  ended.abort();
  stdout.stop();
  // Of a process that was killed and is still there, nothing is known.
  const notDead: Partial<Deno.CommandStatus> = {};
  const { code = 0, signal = null } = await (early === undefined ? status : Promise.race([status, notDead]));
  return {
    how: early ?? (signal === null ? "exited" : "killed"),
    ...(early === undefined && signal === null && { exitCode: code }),
    ...(signal !== null && { signal }),
    ...(early === "output_refused" && { refusal }),
    stdout: kept.take(),
    stderr: stderr.text(),
    gone: Promise.all([pipes, status]).then(() => {}),
  };
}

function timeoutOf({ timeout, signal, clock }: CommandOptions, ended: AbortSignal): Promise<EarlyEnd> {
  const waiting = signal === undefined ? ended : AbortSignal.any([signal, ended]);
  return clock.sleep(timeout, waiting).then(() => signal?.aborted ? "cancelled" : "timed_out");
}

type Output = ReadableStream<Uint8Array<ArrayBuffer>>;

const TOO_LARGE = new Error("stdout is too large");

/** Keeps stdout up to its limit. It grows in place: nothing is copied before the end, and no more is taken than it needs. */
function createBuffer(): { add(chunk: Uint8Array): void; take(): Uint8Array } {
  const buffer = new ArrayBuffer(0, { maxByteLength: STDOUT_LIMIT_BYTES });
  return {
    add(chunk) {
      const size = buffer.byteLength;
      const isTooLarge = size + chunk.length > STDOUT_LIMIT_BYTES;
      buffer.resize(isTooLarge ? 0 : size + chunk.length);
      if (isTooLarge) throw TOO_LARGE;
      new Uint8Array(buffer).set(chunk, size);
    },
    take: () => new Uint8Array(buffer.transferToFixedLength()),
  };
}

/** A pipe whose chunks are handed over. */
interface HandedOver {
  /** Resolves at its end: reading goes on until then, whatever becomes of the chunks. */
  readonly closed: Promise<void>;
  /** Whether a chunk is being handed over, or has been since it was asked last. */
  isMoving(): boolean;
  /** Hands nothing over any more. */
  stop(): void;
}

function handOver(
  stream: Output,
  onChunk: (chunk: Uint8Array) => void | Promise<void>,
  { onRefused, pause }: { readonly onRefused: (error: unknown) => void; readonly pause: () => Promise<void> },
): HandedOver {
  let wanted = true;
  let isTaking = false;
  let hasMoved = false;
  const closed = drain(stream, async (chunk) => {
    if (!wanted) return await pause();
    isTaking = hasMoved = true;
    try {
      await onChunk(chunk);
    } catch (error) {
      wanted = false;
      onRefused(error);
    }
    isTaking = false;
  });
  return {
    closed,
    isMoving() {
      const moved = hasMoved;
      hasMoved = isTaking;
      return moved;
    },
    stop() {
      wanted = false;
    },
  };
}

/** Keeps the end of a pipe. */
function collectTail(
  stream: Output,
  pause: () => Promise<void>,
): { readonly closed: Promise<void>; readonly text: () => string } {
  let tail = new Uint8Array();
  let size = 0;
  const closed = drain(stream, (chunk) => {
    tail = joined([tail, chunk.subarray(-STDERR_LIMIT_BYTES)]).slice(-STDERR_LIMIT_BYTES);
    size += chunk.length;
    return size > UNPAUSED_STDERR_BYTES ? pause() : undefined;
  });
  const text = (): string => {
    const text = new TextDecoder().decode(tail);
    return size <= STDERR_LIMIT_BYTES ? text : withoutCutLine(text) || "(a very long line)";
  };
  return { closed, text };
}

/** A line whose beginning is cut off may hold a secret that is no longer recognisable: it is dropped. */
function withoutCutLine(tail: string): string {
  return tail.slice((tail.indexOf("\n") + 1) || tail.length).trimStart();
}

/** Hands over what a pipe brings, to its end; each chunk stands only until `use` is done with it. */
async function drain(
  stream: Output,
  use: (chunk: Uint8Array<ArrayBuffer>) => Promise<void> | void,
): Promise<void> {
  try {
    const reader = stream.getReader({ mode: "byob" });
    // One buffer for all reads: one for each would be what makes the runtime collect its garbage.
    let buffer = new ArrayBuffer(READ_BYTES);
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
