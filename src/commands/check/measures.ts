import { isKnown } from "../../base/time.ts";
import { formatCount, formatLength, formatNumber, formatSeconds, isFuture } from "../../base/text.ts";
import { recoveryWindowSeconds } from "../../recovery/window.ts";
import { gapSentence } from "../../status/archive_problems.ts";
import type { Status } from "../../status/status.ts";
import { endTime } from "../../walg/backup_list.ts";
import {
  type Finding,
  levelOf,
  levelOfNone,
  type Measure,
  type Measured,
  MEASURES,
  type Threshold,
} from "./judgement.ts";

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
  return { measure: name, value: Math.max(0, Math.floor((time - ended) / 1000)) };
}

function windowOf({ recovery, time, backups }: Status): Measured {
  if (recovery === undefined) return unknown("recovery_window", withoutRecovery(backups));
  const seconds = recoveryWindowSeconds(recovery, time);
  const isTold = seconds !== undefined && (recovery.until !== undefined || !recovery.anyUnknown);
  if (!isTold) return unknown("recovery_window", "it is not known which backups are restorable");
  if (recovery.until === undefined) {
    const reason = recovery.backups.length === 0 ? "there is no backup" : "no backup is restorable";
    return { ...none("recovery_window", reason), value: 0 };
  }
  if (isFuture(recovery.windowStartTime ?? 0, time)) {
    return unknown("recovery_window", "the backup that it begins with is dated in the future");
  }
  return { measure: "recovery_window", value: Math.floor(seconds) };
}

function atRiskOf({ recovery, backups }: Status): Measured {
  if (recovery === undefined) return unknown("at_risk_segments", withoutRecovery(backups));
  const { atRiskSegments, untilSegment = "" } = recovery;
  if (atRiskSegments === undefined) return unknown("at_risk_segments", "no backup is known to be restorable");
  const gap = recovery.beyond && gapSentence(recovery.beyond, untilSegment);
  const subject = gap === undefined ? {} : { subject: `${gap}; at risk are` };
  return { measure: "at_risk_segments", value: atRiskSegments, ...subject };
}

function withoutRecovery(backups: Status["backups"]): string {
  return backups === undefined ? "backups could not be listed" : "wal-verify gave no answer";
}

function unknown(measure: Measure, reason: string): Measured {
  return { measure, value: undefined, reason };
}

function none(measure: Measure, reason: string): Measured {
  return { measure, value: undefined, reason, none: true };
}

/** How a measure stands against its thresholds. A threshold on what cannot be known is worth a warning. */
export function measureFinding(
  { measure, value, reason = "", none = false, subject = MEASURES[measure].subject }: Measured,
  threshold: Threshold,
): Finding {
  const { check, isFloor } = MEASURES[measure];
  const isSet = threshold.warn !== undefined || threshold.critical !== undefined;
  if (value === undefined || none) {
    if (!isSet) return { check, level: "skipped", text: reason };
    return none
      ? { check, level: levelOfNone(threshold), text: `A threshold of the ${check} is set, but ${reason}` }
      : { check, level: "warning", text: `The ${check} cannot be judged: ${reason}` };
  }
  const level = levelOf(measure, value, threshold);
  const shown = `${subject} ${valueText(measure, value)}`;
  if (level === "ok") return { check, level, text: isSet ? `${shown}; ${limits(measure, threshold)}` : shown };
  const limit = level === "critical" ? threshold.critical : threshold.warn;
  return { check, level, text: `${shown}, ${isFloor ? "less" : "more"} than ${limitText(measure, limit ?? 0)}` };
}

function valueText(measure: Measure, value: number): string {
  if (measure === "at_risk_segments") return formatCount(value, "WAL segment");
  const length = formatLength(value * 1000);
  return measure === "recovery_window" ? length : `${length} ago`;
}

/** To the minute or second, as the operator set it. */
function limitText(measure: Measure, value: number): string {
  return measure === "at_risk_segments" ? formatNumber(value) : formatSeconds(value).replace(/^(\d+)\.00 s$/, "$1 s");
}

function limits(measure: Measure, { warn, critical }: Threshold): string {
  const side = MEASURES[measure].isFloor ? "below" : "above";
  return [
    ...warn === undefined ? [] : [`warning ${side} ${limitText(measure, warn)}`],
    ...critical === undefined ? [] : [`critical ${side} ${limitText(measure, critical)}`],
  ].join(", ");
}
