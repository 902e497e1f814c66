import { isCancelled, isRetry, logEntries, type LogEntry } from "./stderr.ts";
import { type ErrorType, type Rule, RULES, type StderrClass } from "./what_walg_says.ts";

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

/** What is known of a failed run. */
export interface FailedRun {
  readonly type: ErrorType;
  readonly message: string;
  readonly stderr?: string;
}

/** What was run, where it is known. */
export interface AdviceContext {
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
export function forShell(path: string): string {
  return path.startsWith("/") ? quote(path) : `"$(realpath ${quote(path)})"`;
}

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''").replace(/\s/g, " ")}'`;
}
