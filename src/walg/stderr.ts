import { maskSecrets } from "../base/secrets.ts";

/** How much of the end of stderr is looked at, in characters: as much as a run keeps of it. */
const TAIL_LENGTH = 4096;

/** One message of WAL-G's log, its continuation lines joined to one line. */
export interface LogEntry {
  /** `PLAIN` is text without WAL-G's prefix: a cut first line, or another program's words. */
  readonly level: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "PLAIN";
  readonly text: string;
}

// tracelog's text format: `LEVEL: YYYY/MM/DD hh:mm:ss.micros message`.
const PREFIXED = /^(DEBUG|INFO|WARNING|ERROR): \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: (.*))?$/;
// What cobra prints of a wrong command line, and the Go runtime of a crash: one line says it all.
const ONE_LINE = /^(?:Error: (.+)|((?:panic|fatal error): .+))$/;
const STACK_FRAME = /^\s+\S+\.go:\d+/;
const RULE = /^[-=]{4,}$/;
const BODY = /^\uFEFF?<\?xml /;

const LEVELS: Readonly<Record<string, LogEntry["level"]>> = {
  DEBUG: "DEBUG",
  INFO: "INFO",
  WARN: "WARNING",
  WARNING: "WARNING",
  ERROR: "ERROR",
  FATAL: "ERROR",
  PANIC: "ERROR",
};
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

const CANCELLED = /RequestCanceled|context canceled/;
const RETRY = /\bretry/i;

/** A line that begins a message. */
interface Start {
  readonly level: LogEntry["level"];
  readonly text: string;
  /** What becomes of the lines after it: they go on with it, are left out, or are another program's. */
  readonly next: "more of it" | "left out" | "others";
}

/** Splits the end of WAL-G's stderr into messages, oldest first. Stack traces and XML bodies are left out. */
export function logEntries(stderr: string): readonly LogEntry[] {
  const entries: (Start & { readonly lines: string[] })[] = [];
  const lines = stderr.slice(-TAIL_LENGTH).split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const last = entries.at(-1);
    const goesOn = last !== undefined && last.next !== "others";
    const start = startOf(line) ?? (goesOn ? undefined : { level: "PLAIN", text: line, next: "more of it" } as const);
    if (start !== undefined) entries.push({ ...start, lines: withoutNoise(start.text.split(/\r?\n/)) });
    else if (last?.next === "more of it" && !isNoise(line, lines[index + 1])) last.lines.push(line);
  }
  return entries.map(({ level, lines }) => ({ level, text: joined(lines) })).filter(({ text }) => text !== "");
}

/**
 * WAL-G's own last ERROR, on one line and without its time stamp; the last line that is not empty where it logged none.
 *
 * @returns "" for empty stderr
 */
export function lastError(stderr: string): string {
  const error = logEntries(stderr).findLast(({ level }) => level === "ERROR");
  if (error !== undefined) return error.text;
  const line = stderr.slice(-TAIL_LENGTH).trimEnd().split(/\r?\n/).at(-1) ?? "";
  return joined((startOf(line)?.text ?? line).split(/\r?\n/));
}

function startOf(line: string): Start | undefined {
  const [, level, message = ""] = PREFIXED.exec(line) ?? [];
  if (level !== undefined) return { level: level as LogEntry["level"], text: message, next: "more of it" };
  const [, complaint, crash] = ONE_LINE.exec(line) ?? [];
  const text = complaint ?? crash;
  return text === undefined ? structured(line) : { level: "ERROR", text, next: "left out" };
}

/** A line of Go's `log/slog`: JSON, or `key=value` pairs. */
function structured(line: string): Start | undefined {
  const fields = line.startsWith("{") ? jsonFields(line) : pairs(line);
  const level = LEVELS[(fields["level"] ?? "").toUpperCase().replace(/[-+]\d+$/, "")];
  if (level === undefined) return undefined;
  const message = fields["msg"] ?? fields["message"] ?? "";
  const error = fields["error"] ?? fields["err"] ?? "";
  const text = message.includes(error) ? message : message === "" ? error : `${message}: ${error}`;
  return { level, text, next: "others" };
}

type LogFields = Readonly<Record<string, string | undefined>>;

function jsonFields(line: string): LogFields {
  try {
    const fields = Object.entries(JSON.parse(line));
    return Object.fromEntries(
      fields.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
  } catch {
    return {};
  }
}

function pairs(line: string): LogFields {
  if (!/^[\w.]+=/.test(line)) return {};
  const found = line.matchAll(/([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g);
  return Object.fromEntries(
    found.map(([, key = "", quoted, bare]) => [key, quoted === undefined ? bare : unquote(quoted)]),
  );
}

/** The text of a Go string literal. */
function unquote(text: string): string {
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U(000[\da-f]{5}|0010[\da-f]{4})|(.))/g,
    (_, x, u, U, character) => {
      const code = x ?? u ?? U;
      return code === undefined ? CONTROLS[character] ?? character : String.fromCodePoint(parseInt(code, 16));
    },
  );
}

/**
 * Masks the secrets in WAL-G's stderr. A mask may go on to the end of a word, and so beyond the closing quote of a
 * structured line's field: a line that would say something else afterwards is first put into WAL-G's text format.
 */
export function maskStderr(stderr: string): string {
  const lines = stderr.split("\n").map((line) => {
    const start = structured(line);
    if (start === undefined || structured(maskSecrets(line))?.text === maskSecrets(start.text)) return line;
    return `${start.level}: 0001/01/01 00:00:00 ${start.text}`;
  });
  return maskSecrets(lines.join("\n"));
}

/**
 * Why a run that had to be terminated had not come to an end: the last cause WAL-G gave before, such as
 * `dial tcp 10.0.0.9:443: connect: connection refused`.
 *
 * @returns "" if it gave none
 */
export function lastCause(stderr: string): string {
  const entry = logEntries(stderr).findLast(isCause);
  if (entry === undefined) return "";
  const cause = entry.text.split(/\bcaused by: /).at(-1) ?? "";
  return cause.replace(/^Retrying \S+ request due to [^:]+: /, "").replace(
    /^[A-Z][a-z]+ "?[a-z0-9]+:\/\/[^\s"]*"?: /,
    "",
  );
}

/** Whether a message says only that the run was terminated from outside, and not why it was late. */
export function isCancelled(text: string): boolean {
  return CANCELLED.test(text);
}

/** Whether a message announces that a request is tried again. */
export function isRetry({ level, text }: LogEntry): boolean {
  return level === "INFO" && RETRY.test(text);
}

/** Whether this wal-g does not have the command: WAL-G 1.1 has no `st`. */
export function isUnknownCommand(stderr: string): boolean {
  return /^Error: unknown command "[^"\n]*" for "/m.test(stderr.slice(-TAIL_LENGTH));
}

function isCause(entry: LogEntry): boolean {
  if (isCancelled(entry.text)) return false;
  if (entry.level === "PLAIN") return entry.text.includes("caused by: ");
  return entry.level === "ERROR" || isRetry(entry);
}

/** A stack frame, the function name above it, a ruler, or an XML body that repeats what was said. */
function isNoise(line: string, next: string | undefined): boolean {
  return STACK_FRAME.test(line) || (next !== undefined && STACK_FRAME.test(next)) || RULE.test(line.trim()) ||
    BODY.test(line);
}

function withoutNoise(lines: readonly string[]): string[] {
  return lines.filter((line, index) => !isNoise(line, lines[index + 1]));
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).filter((line) => line !== "").join(" ");
}
