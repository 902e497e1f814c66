import type { TimeScale } from "./time_scale.ts";
import type { WalPoint } from "./wal_points.ts";

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
