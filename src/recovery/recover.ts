import { inOneGo } from "../base/pace.ts";
import { ZERO_TIME } from "../base/time.ts";
import type { Backup } from "../walg/backup_list.ts";
import { formatSegment, type Lsn, type Segment } from "../walg/segment.ts";
import type { WalVerify } from "../walg/wal_verify.ts";
import { type ChainFault, chainFaults } from "./ancestry.ts";
import {
  type History,
  type HistoryIndex,
  indexHistory,
  lostFrom,
  oldestPosition,
  readHistory,
  segmentReader,
  SLICE,
} from "./history.ts";
import { ownSegments, standing } from "./own_segments.ts";
import { missingReason, uncoveredReason, unreadableReason } from "./reason.ts";
import { inferSegmentSizeInSlices } from "./segment_size.ts";

/** How far recovery can go: the end of an unbroken run of usable segments. */
export interface Reach {
  /** The first byte after the run. */
  readonly lsn: Lsn;
  /** WAL file name of the run's last segment, with its timeline in the history. */
  readonly segment: string;
  /** The first position in the history after the run. */
  readonly position: number;
}

/** What can be said of one backup. */
export interface BackupRecovery {
  readonly backup: Backup;
  /** undefined where it cannot be known. */
  readonly restorable: boolean | undefined;
  /** Why it is not restorable, or why that is not known; "" when it is restorable. */
  readonly reason: string;
  /** Where its first segment stands in the history; absent where the history does not hold it. */
  readonly position?: number;
  /** How far it can be recovered; of a restorable one only. */
  readonly reach?: Reach;
}

/** What is recoverable, and from when. */
export interface Recovery {
  /** Of the cluster, in bytes. */
  readonly segmentSize: number;
  /** In the order of the list. */
  readonly backups: readonly BackupRecovery[];
  /** What wal-verify walked; positions count from its first segment. */
  readonly history: History;
  /** The farthest reach of the restorable backups; absent when there is none. */
  readonly until?: Reach;
  /** The LSN of the farthest reach. */
  readonly untilLsn?: Lsn;
  /** WAL file name of the last segment before that reach. */
  readonly untilSegment?: string;
  /** Finish time, Unix milliseconds, of the earliest restorable backup with that reach; absent when there is none. */
  readonly windowStartTime?: number;
  /** False where nothing is known, so that there is no window to show, not even 0. */
  readonly windowKnown: boolean;
  /** Segments after the farthest reach; absent when there is none. */
  readonly atRiskSegments?: number;
  /** MISSING_LOST segments from the oldest listed backup on that have a FOUND one after them. */
  readonly lostSegments: number;
}

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

/** Tells what is recoverable from the listed backups and the last good answer of wal-verify, in one go. */
export function recover(backups: readonly Backup[], verify: WalVerify): Recovery {
  return inOneGo(recoverInSlices(backups, verify));
}

/** {@link recover} in slices of a few milliseconds: give the event loop a turn at each `yield`. */
export function* recoverInSlices(backups: readonly Backup[], verify: WalVerify): Generator<void, Recovery> {
  const segmentSize = yield* inferSegmentSizeInSlices(backups);
  yield;
  const history = yield* readHistory(verify.integrity.ranges, segmentSize);
  const index = yield* indexHistory(history);
  yield;
  const grounds = { faultOf: chainFaults(backups), reachFrom: reaches(index, segmentSize), index, segmentSize };
  yield;
  const segmentOf = segmentReader(segmentSize);
  const judged: BackupRecovery[] = [];
  let oldest = Infinity;
  for (const [at, backup] of backups.entries()) {
    if (at % SLICE === SLICE - 1) yield;
    const segment = segmentOf(backup.walFile);
    const recovery = judge(backup, segment, grounds);
    oldest = Math.min(oldest, oldestPosition(segment, recovery.position, history));
    judged.push(recovery);
  }
  yield;
  return { segmentSize, backups: judged, history, ...windowOf(judged, history), lostSegments: lostFrom(oldest, index) };
}

interface Grounds {
  readonly faultOf: ChainFault;
  readonly reachFrom: (span: number) => Reach | undefined;
  readonly index: HistoryIndex;
  readonly segmentSize: number;
}

/** False as soon as something is known to be missing, else unknown as soon as something is not known. */
function judge(backup: Backup, segment: Segment | undefined, grounds: Grounds): BackupRecovery {
  const { faultOf, reachFrom, index, segmentSize } = grounds;
  const { start, missing, uncovered } = segment === undefined
    ? {}
    : standing(ownSegments(backup, segment, segmentSize), index);
  const located = start === undefined ? { backup } : { backup, position: start.position };
  const fault = faultOf(backup);
  if (fault !== "") return { ...located, restorable: false, reason: fault };
  if (segment === undefined) {
    return { ...located, restorable: undefined, reason: unreadableReason(backup.walFile, segmentSize) };
  }
  if (missing !== undefined) {
    const reason = missingReason(missing.segment, missing.span, index, segmentSize);
    return { ...located, restorable: false, reason };
  }
  if (uncovered !== undefined) {
    return { ...located, restorable: undefined, reason: uncoveredReason(uncovered, index, segmentSize) };
  }
  const reach = start === undefined ? undefined : reachFrom(start.span);
  return { ...located, restorable: true, reason: "", ...(reach === undefined ? {} : { reach }) };
}

/** The reach from a usable span, made once for each run: many backups share one. */
function reaches({ history, runEnd }: HistoryIndex, size: number): (span: number) => Reach | undefined {
  const made = new Map<number, Reach>();
  return (span) => {
    const end = runEnd[span];
    const last = end === undefined ? undefined : history.spans[end];
    if (end === undefined || last === undefined) return undefined;
    const reach = made.get(end) ?? {
      lsn: BigInt(last.last + 1) * BigInt(size),
      segment: formatSegment({ timeline: last.timeline, number: last.last }, size),
      position: last.position + last.last - last.first + 1,
    };
    made.set(end, reach);
    return reach;
  };
}
