import { maskSecrets } from "../base/secrets.ts";
import { type CommandEnd, STDOUT_LIMIT_BYTES } from "./command.ts";
import { DecodeError, JsonError } from "./json.ts";
import { isCancelled, isRetry, lastCause, lastError, logEntries, type LogEntry, maskStderr } from "./stderr.ts";
import { type ErrorType, type Rule, RULES, type StderrClass } from "./what_walg_says.ts";

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

/** What the end of a failed run's stderr says broke, or undefined where it does not say. Only for runs that failed. */
export function classifyStderr(stderr: string): StderrClass | undefined {
  return ruleFor(stderr)?.type;
}

/** The rule that decides the class of a failed run. */
export function ruleFor(stderr: string): Rule | undefined {
  const entries = logEntries(stderr);
  for (const { text } of decisive(entries)) {
    const rule = RULES.find(({ type, pattern }) => type !== undefined && pattern.test(text));
    if (rule !== undefined) return rule;
  }
  const warnings = entries.filter(({ level }) => level === "WARNING");
  return RULES.find(({ isWarning, pattern }) => isWarning && warnings.some(({ text }) => pattern.test(text)));
}

/**
 * The messages that may decide, latest first. The last ERROR decides alone; but where it says only that the run was
 * cancelled, or where there is none, what was being retried is the cause.
 */
function decisive(entries: readonly LogEntry[]): readonly LogEntry[] {
  const last = entries.findLast(({ level }) => level === "ERROR");
  if (last !== undefined && !isCancelled(last.text)) return [last];
  const causes = entries.filter((entry) => (entry.level === "ERROR" && !isCancelled(entry.text)) || isRetry(entry));
  if (last !== undefined) return causes.reverse();
  const end = entries.findLast(({ level }) => level !== "WARNING" && level !== "DEBUG");
  return end !== undefined && (end.level === "PLAIN" || isRetry(end)) ? [end] : [];
}

/** The symbolic link by which root lets the sandboxed exporter run a wal-g that lies elsewhere. */
export const LINK = "/etc/walg-exporter/bin/wal-g";

type FailedRun = Pick<Failure, "type" | "message" | "stderr">;

/** What was run, where it is known. */
interface AdviceContext {
  /** Its name in flags, such as `backup-list`. */
  readonly operation?: string;
  /** Its command line, such as `wal-g backup-list --detail --json`. */
  readonly command?: string;
  /** `-walg.path`. */
  readonly walgPath?: string;
}

// Types that explain themselves: of these, stderr holds only what came before.
const NOT_EXPLAINED_BY_STDERR: readonly ErrorType[] = [
  "not_found",
  "not_permitted",
  "not_executable",
  "killed",
  "output_too_large",
];

/** One line that says what to do about a failed run. */
export function fixFor(failure: FailedRun, context: AdviceContext = {}): string {
  return exact(failure) ?? general(failure, context);
}

/** What the text allows to say. What the last message says goes before what stands earlier in stderr. */
function exact({ type, message, stderr = "" }: FailedRun): string | undefined {
  if (NOT_EXPLAINED_BY_STDERR.includes(type)) return undefined;
  const relevant = type === "timeout" && classifyStderr(stderr) === undefined ? [message] : [message, errorsOf(stderr)];
  // A first try says more than the second one on localhost, and a config file that was not read more than what then lacks.
  const texts = type === "postgres_down" || type === "config" ? [relevant.join("\n")] : relevant;
  const isClass = RULES.some((rule) => rule.type === type);
  for (const text of texts) {
    const rule = RULES.find(({ advice, type: ruleType = type, isWarning, pattern }) =>
      advice !== undefined && (!isClass || ruleType === type || isWarning) && pattern.test(text)
    );
    if (rule !== undefined) return rule.advice;
  }
  return undefined;
}

/** The messages of stderr without its warnings, of which only the one about the config file matters. */
function errorsOf(stderr: string): string {
  const counts = ({ level, text }: LogEntry): boolean =>
    level !== "WARNING" || RULES.some(({ isWarning, pattern }) => isWarning && pattern.test(text));
  return logEntries(stderr).filter(counts).map(({ text }) => text).join("\n");
}

function general(
  { type, message, stderr = "" }: FailedRun,
  { operation, command, walgPath }: AdviceContext,
): string {
  const run = command === undefined ? "Run the same wal-g command" : `Run '${command}'`;
  const flag = operation === undefined ? "its timeout flag" : `-${operation}.timeout`;
  switch (type) {
    case "timeout":
      return classifyStderr(stderr) === "network"
        ? reach()
        : `${run} as the exporter's user to see how long it takes; if it is only slow, raise ${flag}.`;
    case "not_found":
      return `Install wal-g, or set -walg.path to its absolute path${
        walgPath === undefined ? "" : ` ('${walgPath}' is not there)`
      }; restart the exporter afterwards.`;
    case "not_permitted":
      return permit(message, walgPath);
    case "not_executable":
      return `Check with 'file ${
        quote(walgPath ?? "wal-g")
      }' that it is a program for this machine, and with 'ls -l' that the exporter's user may execute it.`;
    case "killed":
      return "Something ended wal-g: look for the out-of-memory killer in 'journalctl -k', and for MemoryMax in the unit.";
    case "output_too_large":
      return "The list of backups is longer than the exporter accepts (32 MiB): delete old backups with 'wal-g delete retain'.";
    case "invalid_output":
      return `${run} as the exporter's user: its stdout must be JSON alone. A wrapper script or S3_LOG_LEVEL=DEVEL may print more.`;
    case "empty_output":
      return `${run} and 'wal-g st ls basebackups_005/' as the exporter's user: before 3.0.9, wal-g prints nothing when it cannot list the storage.`;
    case "network":
      return reach();
    case "access_denied":
      return "Check the storage credentials of the exporter's user, and that they may list and read the bucket or folder.";
    case "postgres_down":
      return "Check that PostgreSQL runs, and that PGHOST, PGPORT and PGUSER of the exporter lead to it.";
    case "config":
      return "Check WAL-G's settings as the exporter sees them: its environment, or the file of -walg.config-path.";
    case "command_failed":
    case "connectivity_failed":
      return `${run} as the exporter's user with WALG_LOG_LEVEL=DEVEL to see more.`;
  }
}

function reach(): string {
  return "Check from this host that the storage's address (AWS_ENDPOINT and the like) answers: name, port, firewall, proxy.";
}

function permit(message: string, walgPath: string | undefined): string {
  const variable = /\b(?:LD|DYLD)_[A-Z_]+\b/.exec(message)?.[0];
  if (variable !== undefined) {
    return `Unset ${variable} for the exporter (UnsetEnvironment=${variable} in its unit): with it set, nothing may be run.`;
  }
  if (walgPath === undefined || !walgPath.includes("/")) {
    return `Restart the exporter if wal-g was installed after it; otherwise, as root, link wal-g to ${LINK}.`;
  }
  return `If it exists, as root: mkdir -p /etc/walg-exporter/bin && ln -s ${
    forShell(walgPath)
  } ${LINK} ; then set -walg.path=${LINK} and restart.`;
}

/** A path as a POSIX shell takes it: quoted where it must be, and made absolute. */
function forShell(path: string): string {
  return path.startsWith("/") ? quote(path) : `"$(realpath ${quote(path)})"`;
}

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''").replace(/\s/g, " ")}'`;
}
