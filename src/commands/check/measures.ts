import { formatGoLength } from "../../base/duration.ts";
import { formatCount, isFuture } from "../../base/text.ts";
import { isKnown } from "../../base/time.ts";
import { recoveryWindowSeconds } from "../../recovery/window_seconds.ts";
import { gapSentence } from "../../status/archive_problems.ts";
import type { Status } from "../../status/status.ts";
import { endTime } from "../../walg/backup_list.ts";
import {
  type Finding,
  isFloor,
  levelOf,
  levelOfNone,
  type Measure,
  type Measured,
  type Threshold,
} from "./judgement.ts";

const NOT_KNOWN = "it is not known which backups are restorable";

/** Measures what thresholds are for: ages and the window in whole seconds, segments in segments. */
export function measure(status: Status): readonly Measured[] {
  return [
    ageOf(status, "backup_age"),
    ageOf(status, "full_backup_age"),
    windowOf(status),
    atRiskOf(status),
  ];
}

function ageOf({ backups, time }: Status, name: "backup_age" | "full_backup_age"): Measured {
  if (backups === undefined) return unknown(name, "backups could not be listed");
  const wanted = name === "backup_age" ? backups : backups.filter(({ backup }) => backup.type === "full");
  const [newest] = wanted;
  if (newest === undefined) return none(name, name === "backup_age" ? "there is no backup" : "there is no full backup");
  const ended = endTime(newest.backup);
  if (!isKnown(ended)) return unknown(name, `wal-g does not say when ${newest.backup.name} ended`);
  if (isFuture(ended, time)) return unknown(name, `${newest.backup.name} is dated in the future`);
  return known(name, Math.max(0, Math.floor((time - ended) / 1000)));
}

function windowOf({ recovery, time, backups }: Status): Measured {
  if (recovery === undefined) return unknown("recovery_window", withoutRecovery(backups));
  if (recovery.until === undefined && recovery.anyUnknown) return unknown("recovery_window", NOT_KNOWN);
  const seconds = recoveryWindowSeconds(recovery, time);
  if (seconds === undefined) return unknown("recovery_window", NOT_KNOWN);
  if (recovery.until === undefined) {
    const reason = recovery.backups.length === 0 ? "there is no backup" : "no backup is restorable";
    return { ...none("recovery_window", reason), value: 0 };
  }
  if (isFuture(recovery.windowStartTime ?? 0, time)) {
    return unknown("recovery_window", "the backup that it begins with is dated in the future");
  }
  return known("recovery_window", Math.floor(seconds));
}

function atRiskOf({ recovery, backups }: Status): Measured {
  if (recovery === undefined) return unknown("at_risk_segments", withoutRecovery(backups));
  const { atRiskSegments, untilSegment = "" } = recovery;
  if (atRiskSegments === undefined) return unknown("at_risk_segments", "no backup is known to be restorable");
  const beyond = recovery.beyond;
  const gap = beyond && gapSentence(beyond, untilSegment);
  return { ...known("at_risk_segments", atRiskSegments), ...(gap !== undefined && { subject: `${gap}; at risk are` }) };
}

function withoutRecovery(backups: Status["backups"]): string {
  return backups === undefined ? "backups could not be listed" : "wal-verify gave no answer";
}

function known(name: Measure, value: number): Measured {
  return { measure: name, value, reason: "", none: false };
}

function unknown(name: Measure, reason: string): Measured {
  return { measure: name, value: undefined, reason, none: false };
}

function none(name: Measure, reason: string): Measured {
  return { measure: name, value: undefined, reason, none: true };
}

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
