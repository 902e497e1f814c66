import type { Level } from "../../status/status.ts";

/** A figure that has thresholds, and how it is said. */
export interface MeasureWords {
  /** Its row. */
  readonly check: string;
  /** What its value is said of, where that is always the same. */
  readonly subject: string;
  readonly unit: "s" | "";
  /** Whether it must not fall below its thresholds; the others must not rise above theirs. */
  readonly isFloor: boolean;
  /** The flag beyond whose value it is critical. */
  readonly critical: string;
  /** The flag beyond whose value it is worth a warning. */
  readonly warn: string;
  /** What is beyond them, for the help of the flags. */
  readonly beyond: string;
}

/** What is measured against thresholds, in the order in which it is shown. */
export const MEASURES = {
  backup_age: {
    check: "backup age",
    subject: "The newest backup ended",
    unit: "s",
    isFloor: false,
    critical: "max-backup-age",
    warn: "warn-backup-age",
    beyond: "when the newest backup ended longer ago",
  },
  full_backup_age: {
    check: "full backup age",
    subject: "The newest full backup ended",
    unit: "s",
    isFloor: false,
    critical: "max-full-backup-age",
    warn: "warn-full-backup-age",
    beyond: "when the newest full backup ended longer ago",
  },
  recovery_window: {
    check: "recovery window",
    subject: "The recovery window is",
    unit: "s",
    isFloor: true,
    critical: "min-recovery-window",
    warn: "warn-recovery-window",
    beyond: "when the recovery window is shorter",
  },
  at_risk_segments: {
    check: "WAL at risk",
    subject: "Beside the current segment, losing this host now would lose",
    unit: "",
    isFloor: false,
    critical: "max-at-risk-segments",
    warn: "warn-at-risk-segments",
    beyond: "when more WAL segments would be lost with this host",
  },
} as const satisfies Readonly<Record<string, MeasureWords>>;

/** The name of a measure, as perfdata has it. */
export type Measure = keyof typeof MEASURES;

/** Above (or below) what a measure is worth a warning or is critical: seconds, or segments. Absent where not set. */
export interface Threshold {
  readonly warn?: number;
  readonly critical?: number;
}

/** The thresholds that the operator set. */
export type Thresholds = Readonly<Record<Measure, Threshold>>;

/** How bad a value is; a value that just reaches its threshold is fine. */
export function levelOf(measure: Measure, value: number, { warn, critical }: Threshold): Level {
  const passes = (limit: number | undefined): boolean =>
    limit !== undefined && (MEASURES[measure].isFloor ? value < limit : value > limit);
  if (passes(critical)) return "critical";
  return passes(warn) ? "warning" : "ok";
}

/** The worst that a value which does not exist can be: as bad as the worst threshold that is set. */
export function levelOfNone({ warn, critical }: Threshold): Level {
  if (critical !== undefined) return "critical";
  return warn === undefined ? "ok" : "warning";
}

/** How one thing was found; `skipped` where it could not be looked at, for a reason that another finding gives. */
export interface Finding {
  /** What was looked at, in a few words. */
  readonly check: string;
  readonly level: Level | "skipped";
  /** One line, without a full stop. */
  readonly text: string;
  /** What to do about it, where that is known. */
  readonly fix?: string;
}

/** A figure for perfdata. */
export interface Figure {
  readonly name: string;
  /** undefined where it is not known. */
  readonly value: number | undefined;
  readonly unit: "s" | "";
  /** Whether its thresholds are lower bounds. */
  readonly floor: boolean;
  readonly threshold: Threshold;
}

/** A measure of the round. */
export interface Measured {
  readonly measure: Measure;
  /** undefined where it is not known, or does not exist. */
  readonly value: number | undefined;
  /** Why it is not known, or does not exist. */
  readonly reason?: string;
  /** Whether it is certain that there is none, such as the age of a backup where there is no backup. */
  readonly none?: boolean;
  /** What its value is said of, in the place of the usual words. */
  readonly subject?: string;
}

/** The whole result of a check. */
export interface Judgement {
  readonly level: Level;
  /** 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
  readonly exitStatus: number;
  /** One line: the worst finding, or what is recoverable when there is none. */
  readonly summary: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly findings: readonly Finding[];
  readonly figures: readonly Figure[];
}

/** From the mildest to the worst; that wal-g cannot be run outweighs what a round without it seems to say. */
export const LEVELS: readonly Level[] = ["ok", "warning", "critical", "unknown"];

/** The words and exit statuses of monitoring plugins. */
export const OUTCOMES: Readonly<Record<Level, { readonly word: string; readonly exitStatus: number }>> = {
  ok: { word: "OK", exitStatus: 0 },
  warning: { word: "WARNING", exitStatus: 1 },
  critical: { word: "CRITICAL", exitStatus: 2 },
  unknown: { word: "UNKNOWN", exitStatus: 3 },
};
