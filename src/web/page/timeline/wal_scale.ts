import { isKnown } from "../../../base/time.ts";
import type { BackupRecovery, Recovery } from "../../../recovery/recovery.ts";
import type { Backup } from "../../../walg/backup_list.ts";
import { parseSegment } from "../../../walg/segment.ts";
import type { TimeScale } from "./time_scale.ts";

/** A position in the WAL of which it is known when it was written. */
export interface WalPoint {
  /** In the history, or after its end; fractions are within a segment. */
  readonly position: number;
  /** Unix milliseconds. */
  readonly time: number;
}

/** What is known of the WAL's times. */
export interface WalPointsOptions {
  readonly recovery: Recovery;
  readonly newestFirst: readonly BackupRecovery[];
  /** When the WAL was verified: Unix milliseconds. */
  readonly verifiedTime: number;
  /** Of the cluster; undefined when WAL-G did not say. */
  readonly currentTimeline: number | undefined;
}

/**
 * The points that the backups give, ascending in both: WAL positions have no times of their own, only of a
 * backup's start and finish both LSN and time are known.
 *
 * Left out is what cannot be: a backup that ended before it began, one of after the verification, and those that
 * contradict the most others, as one of another server or of a wrong clock does.
 */
export function walPoints(options: WalPointsOptions): readonly WalPoint[] {
  const { recovery, newestFirst, verifiedTime } = options;
  const points: WalPoint[] = [];
  for (const entry of newestFirst.toReversed()) {
    const position = entry.position ?? positionAfter(entry.backup, options);
    if (position === undefined) continue;
    for (const point of pointsOf(entry.backup, position, recovery.segmentSize)) {
      if (point.time <= verifiedTime) points.push(point);
    }
  }
  points.sort((a, b) => a.time - b.time || a.position - b.position);
  return longestRise(points);
}

function pointsOf({ startLsn, startTime, finishLsn, finishTime }: Backup, position: number, size: number): WalPoint[] {
  if (!isKnown(startTime) || (isKnown(finishTime) && finishTime < startTime)) return [];
  const offset = Number(startLsn % BigInt(size));
  const start = { position: position + offset / size, time: startTime };
  if (!isKnown(finishTime) || finishLsn <= startLsn) return [start];
  return [start, { position: position + (offset + Number(finishLsn - startLsn)) / size, time: finishTime }];
}

/** Where a backup begins that is newer than the verified history and goes on from it: what was verified is older. */
function positionAfter(
  { walFile }: Backup,
  { recovery: { history: { spans, segments }, segmentSize }, currentTimeline }: WalPointsOptions,
): number | undefined {
  const [last, segment] = [spans.at(-1), parseSegment(walFile, segmentSize)];
  if (last === undefined || segment === undefined || segment.number <= last.last) return undefined;
  // A timeline that the cluster is not on may have left its history long before the end.
  if (segment.timeline !== last.timeline && segment.timeline !== currentTimeline) return undefined;
  return segments + segment.number - last.last - 1;
}

/** The longest part of the points, which ascend in time, that ascends in position. */
function longestRise(points: readonly WalPoint[]): readonly WalPoint[] {
  // For each length, the point with the least position that ends a rise of it; and for each point, the one before it.
  const ends: number[] = [];
  const before = new Int32Array(points.length);
  for (const [index, { position }] of points.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = low + high >> 1;
      if ((points[ends[middle] ?? 0]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1] ?? -1;
    ends[low] = index;
  }
  const rise: WalPoint[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const point = points[index];
    if (point !== undefined) rise.push(point);
  }
  return rise.reverse();
}

/** Where a position in the WAL stands on the drawing, in percent, and how far that is known. */
export interface WalPlace {
  /** Estimated: between two points that are known, WAL is taken to have been written evenly. */
  readonly at: number;
  /** The last place before it that is known; the same where it is known itself. */
  readonly known: number;
  /** When it was written at the earliest and at the latest: Unix milliseconds; -Infinity where nothing tells. */
  readonly earliest: number;
  readonly latest: number;
}

/** Where the WAL stands on the drawing. */
export interface WalScale {
  of(position: number): WalPlace;
  /** The last place that is known, in percent; what comes after it was written at some time until it was verified. */
  readonly known: number;
}

/**
 * Lays the WAL along the time axis.
 *
 * @param points what is known, ascending
 * @param end of what was verified, and when that was
 */
export function createWalScale(points: readonly WalPoint[], end: WalPoint, scale: TimeScale): WalScale {
  const places = points.map(({ position, time }) => ({ position, time, at: scale.at(time) }));
  // WAL from before the oldest backup has no time at all: it gets the margin.
  if (places[0] === undefined || places[0].position >= 1) places.unshift({ position: 0, time: -Infinity, at: 0 });
  const newest = places.at(-1);
  const known = newest?.at ?? 0;
  const knownPlaces = places.length;
  if (newest !== undefined && newest.position < end.position) {
    places.push({ ...end, at: Math.max(scale.at(end.time), known) });
  }
  return { of, known };

  function of(position: number): WalPlace {
    let [low, high] = [0, places.length - 1];
    while (low < high) {
      const middle = low + high >> 1;
      if ((places[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    const [from, to] = [places[low - 1], places[low]];
    if (to === undefined) return { at: 0, known: 0, earliest: -Infinity, latest: -Infinity };
    if (from === undefined || (low < knownPlaces && to.position <= position)) {
      return { at: to.at, known: to.at, earliest: to.time, latest: to.time };
    }
    const share = Math.min(1, (position - from.position) / (to.position - from.position));
    return { at: from.at + share * (to.at - from.at), known: from.at, earliest: from.time, latest: to.time };
  }
}
