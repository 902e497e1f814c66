import { type Flag, type FlagValues, UsageError } from "../base/flag.ts";
import { parseDuration, parseTime } from "../base/time.ts";
import type { Operation } from "./operation.ts";

/** What is wrong beyond which value; seconds, or segments. Absent where that is never wrong. */
export interface Limit {
  readonly warning?: number;
  readonly critical?: number;
}

interface LimitKind {
  /** `intervals`: a duration, or a multiple of the operation's interval such as `3x`. */
  readonly unit: "seconds" | "segments" | "intervals";
  /** Whether the value must not fall below it; else it must not rise above it. */
  readonly isFloor?: true;
  /** The flags' names and defaults. */
  readonly warning: readonly [flag: string, preset: string];
  readonly critical: readonly [flag: string, preset: string];
  /** What is beyond it, for the help of the flags. */
  readonly beyond: string;
}

/** Everything that has limits, in the order in which it is shown. */
export const LIMITS = {
  backup_age: {
    unit: "seconds",
    warning: ["warn-backup-age", "26h"],
    critical: ["max-backup-age", "50h"],
    beyond: "when the newest backup ended longer ago",
  },
  full_backup_age: {
    unit: "seconds",
    warning: ["warn-full-backup-age", "8d"],
    critical: ["max-full-backup-age", "none"],
    beyond: "when the newest full backup ended longer ago",
  },
  recovery_window: {
    unit: "seconds",
    isFloor: true,
    warning: ["warn-recovery-window", "none"],
    critical: ["min-recovery-window", "none"],
    beyond: "when the recovery window is shorter",
  },
  rpo: {
    unit: "seconds",
    warning: ["warn-rpo", "15m"],
    critical: ["max-rpo", "1h"],
    beyond: "when the last moment that can be recovered is longer ago while whole WAL segments wait",
  },
  at_risk_segments: {
    unit: "segments",
    warning: ["warn-at-risk-segments", "16"],
    critical: ["max-at-risk-segments", "256"],
    beyond: "when more WAL segments would be lost with this host",
  },
  answer_age: {
    unit: "intervals",
    warning: ["warn-answer-age", "3x"],
    critical: ["max-answer-age", "12x"],
    beyond: "when an operation's last answer is older (3x is three of its intervals)",
  },
  drill_age: {
    unit: "seconds",
    warning: ["warn-drill-age", "35d"],
    critical: ["max-drill-age", "none"],
    beyond: "when the last restore drill that passed ended longer ago, where there has been one",
  },
} as const satisfies Readonly<Record<string, LimitKind>>;

/** The name of something that has limits. */
type Limited = keyof typeof LIMITS;
/** What is measured in the backups and the WAL. */
export type Measure = Exclude<Limited, "answer_age" | "drill_age">;

/** The limits in force. */
export interface Limits extends Readonly<Record<Exclude<Limited, "answer_age">, Limit>> {
  /** How old an answer may be, by the operation's name: seconds. */
  readonly answer_age: ReadonlyMap<string, Limit>;
  /** Holes and broken backups that are older are known and accepted: Unix milliseconds; undefined for none. */
  readonly acceptHolesBefore: number | undefined;
}

const PLACEHOLDERS = { seconds: "DURATION", segments: "N", intervals: "DURATION" } as const;
const ACCEPT = "accept-holes-before";

/** The flags of all limits: the same for the exporter, `check` and `once`. */
export const LIMIT_FLAGS: readonly Flag[] = [
  ...Object.values(LIMITS).flatMap(({ unit, warning, critical, beyond }): Flag[] =>
    ([[warning, "Warning"], [critical, "Critical"]] as const).map(([[name, preset], word]) => ({
      name,
      kind: "text",
      default: preset,
      placeholder: PLACEHOLDERS[unit],
      help: `${word} ${beyond}; none for never.`,
    }))
  ),
  {
    name: ACCEPT,
    kind: "text",
    default: "none",
    placeholder: "TIME",
    help: "Holes and broken backups older than this are known, and no problem once a later backup is restorable.",
  },
];

/**
 * Reads the limits.
 *
 * @param intervals of the operations that are on, by their names: milliseconds
 * @param now Unix milliseconds
 * @throws UsageError that names the flag and the fix
 */
export function readLimits(
  flags: FlagValues,
  intervals: ReadonlyMap<Operation<unknown>["name"], number>,
  now: number,
): Limits {
  const limit = (kind: LimitKind, interval?: number): Limit => {
    const [warning, critical] = ([kind.warning, kind.critical] as const).map(([flag]) =>
      readLimit(flag, flags.text(flag) ?? "", kind, interval)
    );
    const isHidden = warning !== undefined && critical !== undefined &&
      (kind.isFloor ? warning <= critical : warning >= critical);
    if (isHidden && flags.isGiven(kind.warning[0])) throw hidden(kind, flags);
    return {
      // A default that a stricter critical limit leaves no room for says nothing of its own.
      ...(warning !== undefined && !isHidden && { warning }),
      ...(critical !== undefined && { critical }),
    };
  };
  const { answer_age, ...measures } = LIMITS;
  const read = Object.entries(measures).map(([name, kind]) => [name, limit(kind)]);
  return {
    ...Object.fromEntries(read) as Record<Exclude<Limited, "answer_age">, Limit>,
    answer_age: new Map([...intervals].map(([name, interval]) => [name, limit(answer_age, interval / 1000)])),
    acceptHolesBefore: readTime(flags.text(ACCEPT) ?? "none", now),
  };
}

function hidden({ isFloor, warning: [warning], critical: [critical] }: LimitKind, flags: FlagValues): UsageError {
  const side = isFloor ? "above" : "below";
  const preset = flags.isGiven(critical) ? "" : ", which is so by default; set that too, or to none";
  return new UsageError(
    `-${warning}=${flags.text(warning)} must be ${side} -${critical}=${flags.text(critical)}${preset}, ` +
      "or its warning would never be seen",
  );
}

/** Seconds or segments; undefined for none. */
function readLimit(flag: string, text: string, { unit }: LimitKind, interval = 0): number | undefined {
  if (text === "none") return undefined;
  if (unit === "segments") {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new UsageError(`-${flag}: '${text}' must be an integer, 0 or greater, or none`);
  }
  const [, times] = /^(\d{1,6}(?:\.\d+)?)x$/.exec(text) ?? [];
  if (unit === "intervals" && times !== undefined) return Number(times) * interval;
  const parsed = parseDuration(text);
  const more = unit === "intervals" ? ", 3x for three intervals, or none" : ", or none";
  if ("problem" in parsed) throw new UsageError(`-${flag}: ${parsed.problem}${more}`);
  if (parsed.milliseconds < 0) throw new UsageError(`-${flag}: '${text}' is negative; it must be 0 or greater${more}`);
  return parsed.milliseconds / 1000;
}

function readTime(text: string, now: number): number | undefined {
  if (text === "none") return undefined;
  const time = parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (time === undefined) {
    throw new UsageError(`-${ACCEPT}: '${text}' is not a time; write for example 2026-11-23T04:00:00Z, or none`);
  }
  if (time > now) {
    throw new UsageError(`-${ACCEPT}: ${text} is in the future; holes that nobody knows yet cannot be accepted`);
  }
  return time;
}

/** How bad a value is; one that just reaches its limit is fine. */
export function levelBeyond(
  measure: Limited,
  value: number,
  { warning, critical }: Limit,
): "warning" | "critical" | undefined {
  const kind: LimitKind = LIMITS[measure];
  const passes = (limit: number | undefined): boolean =>
    limit !== undefined && (kind.isFloor ? value < limit : value > limit);
  return passes(critical) ? "critical" : passes(warning) ? "warning" : undefined;
}

/** As bad as it gets where a value cannot be had at all. */
export function worstOf({ warning, critical }: Limit): "warning" | "critical" | undefined {
  return critical !== undefined ? "critical" : warning !== undefined ? "warning" : undefined;
}
