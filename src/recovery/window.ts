import { isKnown } from "../base/time.ts";
import { endTime } from "../walg/backup_list.ts";
import { formatSegment } from "../walg/segment.ts";
import { type Course, isUsable, type Line, NOT_KNOWN } from "./history.ts";
import type { BackupRecovery, BeyondReach, Reach, Recovery } from "./recovery.ts";

type Window = Pick<
  Recovery,
  "windowKnown" | "until" | "untilLsn" | "untilSegment" | "windowStartTime" | "atRiskSegments" | "beyond"
>;

/** What the window is looked for on. */
export interface WindowFacts {
  /** The current history; absent where nothing is known. */
  readonly course: Course | undefined;
  /** The segments along it. */
  readonly line: Line | undefined;
  /** Segment size in bytes. */
  readonly size: number;
}

/**
 * The recovery window: how far the restorable backups on the current history reach at most, and from when on that holds.
 */
export function windowOf(backups: readonly BackupRecovery[], { course, line, size }: WindowFacts): Window {
  const until = farthest(backups);
  if (until === undefined || line === undefined) {
    const counting = backups.filter(({ code }) => code !== "other_system");
    // Where a history is lost, what lies before it may be part of the current one all the same.
    const isCutOff = (backup: BackupRecovery): boolean =>
      course !== undefined && !course.isWhole && (backup.branch ?? Infinity) < course.root;
    const known = counting.filter((backup) => backup.restorable !== undefined && !isCutOff(backup));
    return { windowKnown: counting.length === 0 || known.length > 0 };
  }
  const beyond = beyondReach(line, until, size);
  const window = {
    until,
    untilLsn: until.lsn,
    untilSegment: until.segment,
    atRiskSegments: line.history.segments - until.position,
    beyond,
  };
  const start = earliestFinish(backups, until);
  // With backups whose times WAL-G does not know, there is a window, but no telling how long it is.
  return start === undefined
    ? { ...window, windowKnown: false }
    : { ...window, windowKnown: true, windowStartTime: start };
}

function isOnHistory({ code }: BackupRecovery): boolean {
  return code === "restorable";
}

function farthest(backups: readonly BackupRecovery[]): Reach | undefined {
  let until: Reach | undefined;
  for (const backup of backups) {
    const { reach } = backup;
    if (reach !== undefined && isOnHistory(backup) && (until === undefined || reach.lsn > until.lsn)) until = reach;
  }
  return until;
}

function earliestFinish(backups: readonly BackupRecovery[], until: Reach): number | undefined {
  let earliest: number | undefined;
  for (const recovery of backups) {
    const finish = endTime(recovery.backup);
    if (!isOnHistory(recovery) || recovery.reach?.lsn !== until.lsn || !isKnown(finish)) continue;
    if (earliest === undefined || finish < earliest) earliest = finish;
  }
  return earliest;
}

function beyondReach({ history: { spans }, newestFound }: Line, until: Reach, size: number): BeyondReach {
  let [notArchived, missing, unreachable, unknown] = [0, 0, 0, 0];
  let firstMissing: string | undefined;
  for (let at = spans.length - 1; at >= 0; at--) {
    const span = spans[at];
    if (span === undefined || span.position < until.position) break;
    const length = span.last - span.first + 1;
    if (span.status === NOT_KNOWN) unknown += length;
    else if (at > newestFound) notArchived += length;
    else if (isUsable(span)) unreachable += length;
    else {
      missing += length;
      firstMissing = formatSegment({ timeline: span.timeline, number: span.first }, size);
    }
  }
  return { notArchived, missing, unreachable, unknown, ...(firstMissing !== undefined && { firstMissing }) };
}

/**
 * How long the window is that the moment `nowMs` (Unix milliseconds) ends, in seconds, never negative.
 *
 * @returns 0 when no backup is restorable, undefined when that is not known
 */
export function recoveryWindowSeconds(recovery: Recovery, nowMs: number): number | undefined {
  if (!recovery.windowKnown) return undefined;
  if (recovery.windowStartTime === undefined) return 0;
  return Math.max(0, (nowMs - recovery.windowStartTime) / 1000);
}
