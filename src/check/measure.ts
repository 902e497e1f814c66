import { recoveryWindowSeconds } from "../recovery/mod.ts";
import type { Status } from "../status/mod.ts";
import { endTime } from "../status/backups.ts";
import { isKnown } from "../walg/time.ts";
import type { Measured } from "./judgement.ts";
import type { Measure } from "./threshold.ts";

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
  return known(name, Math.max(0, Math.floor((time - ended) / 1000)));
}

function windowOf({ recovery, time, backups }: Status): Measured {
  if (recovery === undefined) return unknown("recovery_window", withoutRecovery(backups));
  const seconds = recoveryWindowSeconds(recovery, time);
  if (seconds === undefined) return unknown("recovery_window", "wal-verify does not tell which backup is restorable");
  return known("recovery_window", Math.floor(seconds));
}

function atRiskOf({ recovery, backups }: Status): Measured {
  if (recovery === undefined) return unknown("at_risk_segments", withoutRecovery(backups));
  const { atRiskSegments } = recovery;
  return atRiskSegments === undefined
    ? unknown("at_risk_segments", "no backup is known to be restorable")
    : known("at_risk_segments", atRiskSegments);
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
