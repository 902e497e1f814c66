import { isKnown } from "../base/time.ts";
import type { Backup } from "../walg/backup_list.ts";
import { parseSegment, segmentNumberAt } from "../walg/segment.ts";
import type { WalVerify } from "../walg/wal_verify.ts";
import type { Course, Own } from "./history.ts";

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

/**
 * Tells the moment of a segment's end, or where `isPart`, of a point in it; `archived` is when the segment was archived,
 * Unix milliseconds.
 */
export type MomentOf = (number: number, archived: number | undefined, isPart?: boolean) => Moment;

/**
 * Bounds for the moments of a history's segments.
 *
 * Until the cluster was last seen in a segment or before it, what was committed is in it. A segment was not archived
 * before its last commit, but perhaps long after: no later than the cluster was first seen beyond it.
 */
export function momentsOf({ backups, positions, course, size }: EvidenceFacts): MomentOf {
  const [within, beyond, finished]: [Sighting[], Sighting[], Sighting[]] = [[], [], []];
  for (const { backup, own } of backups) {
    if (isKnown(backup.startTime)) {
      const start = { number: segmentNumberAt(backup.startLsn, size), time: backup.startTime };
      within.push(start);
      beyond.push(start);
    }
    if (isKnown(backup.finishTime)) {
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
  return (number, archived, isPart = false) => {
    const past = firstBeyond(number);
    // Who was seen in the segment may have been beyond that point in it.
    const until = isPart ? number - 1 : number;
    // A backup may have waited long for its last segment to be archived: then the cluster was beyond it when it ended.
    const finish = Math.min(lastFinished(until), past);
    const certain = Math.max(lastWithin(until), finish);
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

/** That the cluster was in the segment after `segment`, from the first to the last time that wal-verify saw it there. */
export interface Position {
  readonly timeline: number;
  /** WAL file name of the last segment that wal-verify looked at: the cluster was in the next one. */
  readonly segment: string;
  /** Unix milliseconds. */
  readonly firstTime: number;
  /** Unix milliseconds. */
  readonly lastTime: number;
}

/** How many positions are kept: at one every five minutes, a week's. */
export const MOST_POSITIONS = 2000;

/**
 * Adds what an answer of wal-verify says of where the cluster was.
 *
 * @param positions oldest first
 * @param time when wal-verify was asked: Unix milliseconds
 * @returns oldest first; the same ones where the answer says nothing
 */
export function addPosition(positions: readonly Position[], verify: WalVerify, time: number): readonly Position[] {
  const range = verify.integrity.ranges.at(-1);
  if (range === undefined) return positions;
  const { end: segment } = range;
  // Just promoted, it has archived nothing of its timeline yet.
  const timeline = verify.timeline.current ?? range.timeline;
  const newest = positions.at(-1);
  if (newest?.timeline === timeline && newest.segment === segment) {
    return [...positions.slice(0, -1), { ...newest, lastTime: Math.max(newest.lastTime, time) }];
  }
  const added = { timeline, segment, firstTime: time, lastTime: time };
  // A timeline that goes back is another system's, or was made again.
  if (newest?.timeline === timeline && newest.segment > segment) return [added];
  const kept = [...positions, added];
  // Every second one of the older half, so that what is kept still reaches as far back.
  return kept.length <= MOST_POSITIONS ? kept : kept.filter((_, at) => at >= MOST_POSITIONS / 2 || at % 2 === 0);
}
