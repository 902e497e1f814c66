import type { SegmentRange, WalVerify } from "../walg/verified_wal.ts";
import { inOneGo } from "../pace.ts";
import { SLICE } from "./slices.ts";
import type { TimelineStatus } from "./status.ts";

const grouped = new WeakMap<WalVerify, readonly TimelineStatus[]>();

/** The ranges of wal-verify by timeline, in its order. Made once for each answer. */
export function timelinesOf(verify: WalVerify): readonly TimelineStatus[] {
  return grouped.get(verify) ?? inOneGo(groupByTimeline(verify));
}

/** {@link timelinesOf} in slices, for the first time that it is asked for. */
export function* groupByTimeline(verify: WalVerify): Generator<void, readonly TimelineStatus[]> {
  const known = grouped.get(verify);
  if (known !== undefined) return known;
  const timelines = new Map<number, { ranges: SegmentRange[]; segments: Map<string, number> }>();
  let done = 0;
  for (const range of verify.integrity.ranges) {
    if (++done % SLICE === 0) yield;
    let entry = timelines.get(range.timeline);
    if (entry === undefined) timelines.set(range.timeline, entry = { ranges: [], segments: new Map() });
    entry.ranges.push(range);
    entry.segments.set(range.status, (entry.segments.get(range.status) ?? 0) + range.segments);
  }
  const made = [...timelines].map(([timeline, entry]) => ({ timeline, ...entry }));
  grouped.set(verify, made);
  return made;
}
