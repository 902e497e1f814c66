/** How much of the end of stderr is looked at, in characters: what a run keeps of it. */
const TAIL = 4096;

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

const CANCELLED = /RequestCanceled|context canceled/;
const RETRY = /\bretry/i;

/** Splits the end of WAL-G's stderr into messages, oldest first. Stack traces and XML bodies are left out. */
export function logEntries(stderr: string): readonly LogEntry[] {
  const entries: { level: LogEntry["level"]; lines: string[]; closed: boolean }[] = [];
  const lines = stderr.slice(-TAIL).split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const [, level, message] = PREFIXED.exec(line) ?? [];
    const [, complaint, crash] = ONE_LINE.exec(line) ?? [];
    const single = complaint ?? crash;
    const last = entries.at(-1);
    if (level !== undefined) {
      entries.push({ level: level as LogEntry["level"], lines: [message ?? ""], closed: false });
    } else if (single !== undefined) {
      entries.push({ level: "ERROR", lines: [single], closed: true });
    } else if (last === undefined) {
      entries.push({ level: "PLAIN", lines: [line], closed: false });
    } else if (!last.closed && !isNoise(line, lines[index + 1])) {
      last.lines.push(line);
    }
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
  const line = stderr.slice(-TAIL).trimEnd().split(/\r?\n/).at(-1) ?? "";
  return (PREFIXED.exec(line)?.[2] ?? line).trim();
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
  return /^Error: unknown command "[^"\n]*" for "/m.test(stderr.slice(-TAIL));
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

function joined(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).filter((line) => line !== "").join(" ");
}
