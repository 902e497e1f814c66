import { recoveryWindowSeconds } from "../recovery/mod.ts";
import type { Status } from "../status/mod.ts";
import { endTime } from "../status/backups.ts";
import { beyondReach, gapSentence } from "../status/beyond_reach.ts";
import { isFuture } from "../status/future.ts";
import { anyUnknown } from "../status/recoverable.ts";
import { isKnown } from "../walg/time.ts";
import type { Measured } from "./judgement.ts";
import type { Measure } from "./threshold.ts";

const NOT_TOLD = "wal-verify does not tell which backup is restorable";

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
  if (recovery.until === undefined && anyUnknown(recovery)) return unknown("recovery_window", NOT_TOLD);
  const seconds = recoveryWindowSeconds(recovery, time);
  if (seconds === undefined) return unknown("recovery_window", NOT_TOLD);
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
  const beyond = beyondReach(recovery);
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
