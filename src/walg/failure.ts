import { maskSecrets } from "../base/secrets.ts";
import { classifyStderr, forShell, LINK } from "./advice.ts";
import { type CommandEnd, STDOUT_LIMIT_BYTES } from "./command.ts";
import { DecodeError, JsonError } from "./json.ts";
import { lastCause, lastError, maskStderr } from "./stderr.ts";
import type { ErrorType } from "./what_walg_says.ts";

export type { ErrorType };

/** What is kept of a failed run; every text in it is masked already. */
export interface Failure {
  readonly type: ErrorType;
  /** One line that says what went wrong, in WAL-G's own words where it gave any. */
  readonly message: string;
  /** Exit status, or undefined when the process did not exit by itself. */
  readonly exitCode?: number;
  /** The end of what wal-g wrote to stderr, at most 4 KiB. */
  readonly stderr?: string;
}

/** A run of wal-g that gave no usable answer. */
export class WalgError extends Error {
  override readonly name = "WalgError";

  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** What the texts of a failure need to know of the run. */
export interface RunContext {
  /** The executable, as the operator named it. */
  readonly path: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** The type of a failure that nothing else explains. */
  readonly fallback: ErrorType;
}

/**
 * The stdout of a command that succeeded.
 *
 * @throws WalgError for every other end
 */
export function stdoutOf(end: CommandEnd, context: RunContext): Uint8Array {
  if (end.how === "exited" && end.exitCode === 0) return end.stdout;
  throw new WalgError(failureOf(end, context));
}

/** What went wrong, in one line and in WAL-G's own words where it gave any; masked. */
export function failureOf(end: CommandEnd, context: RunContext): Failure {
  // Before its lines are joined: what begins a line is masked to its end, unlike what stands in a sentence.
  const stderr = maskStderr(end.stderr);
  const { type, message } = describe({ ...end, stderr }, context);
  return {
    type,
    message: maskSecrets(message),
    ...(end.exitCode !== undefined && { exitCode: end.exitCode }),
    ...(stderr !== "" && { stderr }),
  };
}

/** A failure of an answer that was given but cannot be used. */
export function unusable(type: ErrorType, message: string, end: CommandEnd): WalgError {
  const failure: Failure = { type, message: maskSecrets(message), exitCode: 0 };
  return new WalgError(end.stderr === "" ? failure : { ...failure, stderr: maskStderr(end.stderr) });
}

function describe(end: CommandEnd, { path, timeout, fallback }: RunContext): { type: ErrorType; message: string } {
  switch (end.how) {
    case "not_started":
      return startFailure(end.startError, path, fallback);
    case "timed_out": {
      const cause = lastCause(end.stderr);
      const because = cause === "" ? "it gave no reason" : cause;
      return { type: "timeout", message: `no answer within ${timeout / 1000} s: ${because}` };
    }
    case "output_too_large":
      return { type: "output_too_large", message: `stdout is larger than ${STDOUT_LIMIT_BYTES / 1024 / 1024} MiB` };
    case "output_refused":
      return { type: "invalid_output", message: unreadable(end.refusal) };
    case "cancelled":
      return { type: "killed", message: "stopped because the exporter is stopping" };
    case "killed":
      return { type: "killed", message: `ended by ${end.signal}` + lead(lastError(end.stderr)) };
    case "exited": {
      const said = lastError(end.stderr);
      if (FOREIGN.test(end.stderr)) {
        return { type: "not_executable", message: `'${path}' cannot be executed on this machine: ${said}` };
      }
      const type = classifyStderr(end.stderr) ?? fallback;
      return { type, message: said === "" ? `exit status ${end.exitCode} and no message` : said };
    }
  }
}

/** What a shell says that was handed a file of another architecture: some systems try one. */
const FOREIGN = /: \d+: (Syntax error: |\W*ELF)|cannot execute binary file|Exec format error/i;

function lead(text: string): string {
  return text === "" ? "" : `: ${text}`;
}

function startFailure(error: unknown, path: string, fallback: ErrorType): { type: ErrorType; message: string } {
  const name = error instanceof Error ? error.name : "";
  const text = error instanceof Error ? error.message : String(error);
  const variable = /\b(LD_\w+|DYLD_\w+)\b/.exec(text)?.[1];
  if (name === "NotCapable" && variable !== undefined) {
    const message =
      `${variable} is set: with it the sandbox runs nothing; unset ${variable} and start the exporter again`;
    return { type: "not_permitted", message };
  }
  if (name === "NotCapable") {
    const message = path.includes("/")
      ? `the sandbox does not run '${path}'; if it exists, let it with: mkdir -p /etc/walg-exporter/bin && ` +
        `ln -s ${forShell(path)} ${LINK}, and start the exporter again with -walg.path=${LINK}`
      : refusedName(path);
    return { type: "not_permitted", message };
  }
  if (name === "NotFound") {
    const what = path.includes("/") ? `'${path}'` : `a '${path}' on PATH that this user may execute`;
    const message = `cannot find ${what}, or the interpreter it names; install wal-g or name it with -walg.path=PATH`;
    return { type: "not_found", message };
  }
  if (name === "PermissionDenied") {
    return { type: "not_executable", message: `'${path}' is not an executable file for this user: ${text}` };
  }
  if (/os error (8|26|21|40)\b|exec format/i.test(text)) {
    return { type: "not_executable", message: `'${path}' cannot be executed on this machine: ${text}` };
  }
  return { type: fallback, message: `cannot start '${path}': ${text}` };
}

/** Of bare names the sandbox knows two, and those only as they stood on PATH at the start. */
function refusedName(name: string): string {
  return name === "wal-g" || name === "wal-g-pg"
    ? `'${name}' was not on PATH when the exporter started; install it or pass -walg.path, and start the exporter again`
    : `the sandbox does not run '${name}': the only bare names it runs are wal-g and wal-g-pg; pass its whole path with -walg.path`;
}

/** What a decoder says against an output; what it throws beside that is a fault of our own. */
function unreadable(error: unknown): string {
  if (!(error instanceof JsonError || error instanceof DecodeError)) throw error;
  return `cannot read what it printed: ${error.message}`;
}

/**
 * Decodes an answer.
 *
 * @throws WalgError `invalid_output` that says where the answer is not what WAL-G prints
 */
export async function decodeOrFail<T>(end: CommandEnd, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw unusable("invalid_output", unreadable(error), end);
  }
}
