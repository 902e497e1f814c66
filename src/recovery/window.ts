import { ZERO_TIME } from "../walg/backup.ts";
import type { Backup } from "../walg/backup.ts";
import type { History } from "./history.ts";
import type { BackupRecovery, Reach, Recovery } from "./recovery.ts";

type Window = Pick<
  Recovery,
  "windowKnown" | "until" | "untilLsn" | "untilSegment" | "windowStartTime" | "atRiskSegments"
>;

/** The recovery window: how far the restorable backups reach at most, and from when on that holds. */
export function windowOf(backups: readonly BackupRecovery[], history: History): Window {
  const until = farthest(backups);
  if (until === undefined) {
    const windowKnown = backups.length === 0 || backups.some(({ restorable }) => restorable !== undefined);
    return { windowKnown };
  }
  const window = {
    until,
    untilLsn: until.lsn,
    untilSegment: until.segment,
    atRiskSegments: history.segments - until.position,
  };
  const start = earliestFinish(backups, until);
  // With backups whose times WAL-G does not know, there is a window, but no telling how long it is.
  return start === undefined
    ? { ...window, windowKnown: false }
    : { ...window, windowKnown: true, windowStartTime: start };
}

function farthest(backups: readonly BackupRecovery[]): Reach | undefined {
  let until: Reach | undefined;
  for (const { reach } of backups) {
    if (reach !== undefined && (until === undefined || reach.position > until.position)) until = reach;
  }
  return until;
}

function earliestFinish(backups: readonly BackupRecovery[], until: Reach): number | undefined {
  let earliest: number | undefined;
  for (const { backup, reach } of backups) {
    const finish = finishTime(backup);
    if (reach?.position !== until.position || finish === ZERO_TIME) continue;
    if (earliest === undefined || finish < earliest) earliest = finish;
  }
  return earliest;
}

/** When a backup ended; where WAL-G does not know, when its sentinel was written, which is a moment later. */
function finishTime({ finishTime, modifiedTime }: Backup): number {
  return finishTime === ZERO_TIME ? modifiedTime : finishTime;
}
