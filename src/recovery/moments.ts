import { ZERO_TIME } from "../base/time.ts";
import type { Backup } from "../walg/backup_list.ts";
import { parseSegment, segmentNumberAt } from "../walg/segment.ts";
import type { Course } from "./course.ts";
import type { Own } from "./extents.ts";
import type { Position } from "./positions.ts";

/** When the last transaction in a segment was committed: between two bounds, Unix milliseconds. */
export interface Moment {
  /** Until then for certain; absent without evidence. */
  readonly certain?: number;
  /** Until about then: the upper bound, never before the certain one; absent where the archive has no time. */
  readonly moment?: number;
}

/** That the cluster was in a segment at a time. */
interface Sighting {
  readonly number: number;
  /** Unix milliseconds. */
  readonly time: number;
}

/** What is known of where the cluster was, and when. */
export interface EvidenceFacts {
  /** The backups that lie on the history, with their own segments. */
  readonly backups: Iterable<{ readonly backup: Backup; readonly own: Own }>;
  readonly positions: readonly Position[];
  readonly course: Course;
  /** Segment size in bytes. */
  readonly size: number;
}

/** Tells the moment of a segment's end; `archived` is when the segment was, Unix milliseconds. */
export type MomentOf = (number: number, archived: number | undefined) => Moment;

/**
 * Bounds for the moments of a history's segments.
 *
 * Until the cluster was last seen in a segment or before it, what was committed is in it. A segment was not archived
 * before its last commit, but perhaps long after: no later than the cluster was first seen beyond it.
 */
export function momentsOf({ backups, positions, course, size }: EvidenceFacts): MomentOf {
  const [within, beyond, finished]: [Sighting[], Sighting[], Sighting[]] = [[], [], []];
  for (const { backup, own } of backups) {
    if (backup.startTime !== ZERO_TIME) {
      const start = { number: segmentNumberAt(backup.startLsn, size), time: backup.startTime };
      within.push(start);
      beyond.push(start);
    }
    if (backup.finishTime !== ZERO_TIME) {
      const finish = { number: own.last, time: backup.finishTime };
      beyond.push(finish);
      finished.push(finish);
    }
  }
  for (const { timeline, segment, firstTime, lastTime } of positions) {
    const last = parseSegment(segment, size);
    const leg = course.legOf.get(timeline);
    // Beyond where its timeline was left, the cluster was on another branch.
    if (last === undefined || leg === undefined || last.number + 1 > leg.end) continue;
    within.push({ number: last.number + 1, time: lastTime });
    beyond.push({ number: last.number + 1, time: firstTime });
  }
  const lastWithin = latestUpTo(within);
  const lastFinished = latestUpTo(finished);
  const firstBeyond = earliestAfter(beyond);
  return (number, archived) => {
    const past = firstBeyond(number);
    // A backup may have waited long for its last segment to be archived: then the cluster was beyond it when it ended.
    const finish = Math.min(lastFinished(number), past);
    const certain = Math.max(lastWithin(number), finish);
    const isCertain = certain > -Infinity;
    if (archived === undefined) return isCertain ? { certain } : {};
    const atMost = Math.min(archived, past);
    return isCertain ? { certain, moment: Math.max(certain, atMost) } : { moment: atMost };
  };
}

/** For a segment's number, the latest time of a sighting in that segment or before it; -Infinity without one. */
function latestUpTo(sightings: Sighting[]): (number: number) => number {
  sightings.sort((a, b) => a.number - b.number);
  const times = new Float64Array(sightings.length);
  let latest = -Infinity;
  for (const [at, { time }] of sightings.entries()) times[at] = latest = Math.max(latest, time);
  return (number) => times[countUpTo(sightings, number) - 1] ?? -Infinity;
}

/** For a segment's number, the earliest time of a sighting after that segment; Infinity without one. */
function earliestAfter(sightings: Sighting[]): (number: number) => number {
  sightings.sort((a, b) => a.number - b.number);
  const times = new Float64Array(sightings.length);
  let earliest = Infinity;
  for (let at = sightings.length - 1; at >= 0; at--) {
    times[at] = earliest = Math.min(earliest, sightings[at]?.time ?? Infinity);
  }
  return (number) => times[countUpTo(sightings, number)] ?? Infinity;
}

/** How many of the sightings, ascending by number, are in segment `number` or before it. */
function countUpTo(sorted: readonly Sighting[], number: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.number ?? Infinity) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
