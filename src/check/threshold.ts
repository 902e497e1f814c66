import type { Level } from "../status/mod.ts";

/** What is measured against thresholds. */
export type Measure = "backup_age" | "full_backup_age" | "recovery_window" | "at_risk_segments";

/** Above (or below) what a measure is worth a warning or is critical: seconds, or segments. Absent where not set. */
export interface Threshold {
  readonly warn?: number;
  readonly critical?: number;
}

/** The thresholds that the operator set. */
export type Thresholds = Readonly<Record<Measure, Threshold>>;

/** Whether a measure must not fall below its thresholds; the others must not rise above theirs. */
export function isFloor(measure: Measure): boolean {
  return measure === "recovery_window";
}

/** How bad a value is; a value that just reaches its threshold is fine. */
export function levelOf(measure: Measure, value: number, { warn, critical }: Threshold): Level {
  const passes = (limit: number | undefined): boolean =>
    limit !== undefined && (isFloor(measure) ? value < limit : value > limit);
  if (passes(critical)) return "critical";
  return passes(warn) ? "warning" : "ok";
}

/** The worst that a value which does not exist can be: as bad as the worst threshold that is set. */
export function levelOfNone({ warn, critical }: Threshold): Level {
  if (critical !== undefined) return "critical";
  return warn === undefined ? "ok" : "warning";
}
