import type { WalVerify } from "../walg/wal_verify.ts";

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
