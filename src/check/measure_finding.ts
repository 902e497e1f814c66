import { formatCount } from "../status/text.ts";
import type { Finding, Measured } from "./judgement.ts";
import { formatGoLength } from "./length.ts";
import { isFloor, levelOf, levelOfNone, type Measure, type Threshold } from "./threshold.ts";

const CHECKS: Readonly<Record<Measure, string>> = {
  backup_age: "backup age",
  full_backup_age: "full backup age",
  recovery_window: "recovery window",
  at_risk_segments: "WAL at risk",
};

const SUBJECTS: Readonly<Record<Measure, string>> = {
  backup_age: "The newest backup ended",
  full_backup_age: "The newest full backup ended",
  recovery_window: "The recovery window is",
  at_risk_segments: "Losing this host now would lose",
};

/** How a measure stands against its thresholds. A threshold on what cannot be known is worth a warning. */
export function measureFinding({ measure, value, reason, none, subject }: Measured, threshold: Threshold): Finding {
  const check = CHECKS[measure];
  const isSet = threshold.warn !== undefined || threshold.critical !== undefined;
  if (value === undefined || none) {
    if (!isSet) return { check, level: "skipped", text: reason };
    return none
      ? { check, level: levelOfNone(threshold), text: `A threshold of the ${check} is set, but ${reason}` }
      : { check, level: "warning", text: `The ${check} cannot be judged: ${reason}` };
  }
  const level = levelOf(measure, value, threshold);
  const shown = `${subject ?? SUBJECTS[measure]} ${valueText(measure, value)}`;
  if (level === "ok") return { check, level, text: isSet ? `${shown}; ${limits(measure, threshold)}` : shown };
  const limit = level === "critical" ? threshold.critical : threshold.warn;
  return { check, level, text: `${shown}, ${isFloor(measure) ? "less" : "more"} than ${bare(measure, limit ?? 0)}` };
}

function valueText(measure: Measure, value: number): string {
  if (measure === "recovery_window") return bare(measure, value);
  return measure === "at_risk_segments" ? formatCount(value, "WAL segment") : `${bare(measure, value)} ago`;
}

function bare(measure: Measure, value: number): string {
  return measure === "at_risk_segments" ? value.toLocaleString("en-US") : formatGoLength(value);
}

function limits(measure: Measure, { warn, critical }: Threshold): string {
  const side = isFloor(measure) ? "below" : "above";
  return [
    ...warn === undefined ? [] : [`warning ${side} ${bare(measure, warn)}`],
    ...critical === undefined ? [] : [`critical ${side} ${bare(measure, critical)}`],
  ].join(", ");
}
