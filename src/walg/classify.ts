import { type Rule, RULES, type StderrClass } from "./classify_rules.ts";
import { isCancelled, isRetry, logEntries, type LogEntry } from "./last_error.ts";

export type { StderrClass } from "./classify_rules.ts";

// The one WARNING that counts: WAL-G goes on without its config file, and fails for want of what it holds.
const CONFIG_FILE: Rule = { name: "config-file", type: "config", pattern: /^Failed to parse config file / };

/** What the end of a failed run's stderr says broke, or undefined where it does not say. Only for runs that failed. */
export function classifyStderr(stderr: string): StderrClass | undefined {
  return ruleFor(stderr)?.type;
}

/** The rule by which stderr is classified; its name is that of its fixture. */
export function ruleFor(stderr: string): Rule | undefined {
  const entries = logEntries(stderr);
  for (const { text } of decisive(entries)) {
    const rule = RULES.find(({ pattern }) => pattern.test(text));
    if (rule !== undefined) return rule;
  }
  return entries.some(({ level, text }) => level === "WARNING" && CONFIG_FILE.pattern.test(text))
    ? CONFIG_FILE
    : undefined;
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
