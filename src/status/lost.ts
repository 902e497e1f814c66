import type { Recovery } from "../recovery/mod.ts";
import { formatSegment } from "../walg/segment.ts";
import { FOUND, MISSING_LOST } from "../walg/verified_wal.ts";

/** WAL file names of the oldest and of the newest lost segment. */
export interface LostSegments {
  readonly first: string;
  readonly last: string;
}

const found = new WeakMap<Recovery, LostSegments | undefined>();

/** Where the lost segments of a recovery are; undefined when none is lost. Made once for each recovery. */
export function lostSegments(recovery: Recovery): LostSegments | undefined {
  if (recovery.lostSegments === 0) return undefined;
  if (!found.has(recovery)) found.set(recovery, search(recovery));
  return found.get(recovery);
}

/** Counts back from the newest usable segment until all lost ones are met. */
function search({ history: { spans }, lostSegments, segmentSize }: Recovery): LostSegments | undefined {
  const newestUsable = spans.findLastIndex(({ status }) => status === FOUND);
  const name = (timeline: number, number: number): string => formatSegment({ timeline, number }, segmentSize);
  let last: string | undefined;
  let left = lostSegments;
  for (let at = newestUsable; at >= 0; at--) {
    const span = spans[at];
    if (span?.status !== MISSING_LOST) continue;
    last ??= name(span.timeline, span.last);
    const length = span.last - span.first + 1;
    if (length >= left) return { first: name(span.timeline, span.last - left + 1), last };
    left -= length;
  }
  return undefined;
}
