import type { SegmentRange, WalVerify } from "../walg/wal_verify.ts";
import type { TimelineStatus } from "./status.ts";

const grouped = new WeakMap<WalVerify, readonly TimelineStatus[]>();

/** The ranges of wal-verify by timeline, in its order. Made once for each answer. */
export function timelinesOf(verify: WalVerify): readonly TimelineStatus[] {
  const known = grouped.get(verify);
  if (known !== undefined) return known;
  const timelines = new Map<number, { ranges: SegmentRange[]; segments: Map<string, number> }>();
  for (const range of verify.integrity.ranges) {
    const entry = timelines.get(range.timeline) ?? { ranges: [], segments: new Map<string, number>() };
    entry.ranges.push(range);
    entry.segments.set(range.status, (entry.segments.get(range.status) ?? 0) + range.segments);
    timelines.set(range.timeline, entry);
  }
  const made = [...timelines].map(([timeline, entry]) => ({ timeline, ...entry }));
  grouped.set(verify, made);
  return made;
}
