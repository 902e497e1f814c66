import { formatSegment, segmentReader, timelineHex } from "../walg/segment.ts";
import { FOUND, type SegmentRange } from "../walg/wal_verify.ts";
import {
  type Course,
  courseFrom,
  isGone,
  isUsable,
  type Leg,
  type Line,
  lineOf,
  NOT_KNOWN,
  type Span,
} from "./history.ts";
import type { MissingHistory, SkippedTimeline } from "./recovery.ts";

/** The current history as wal-verify's ranges tell it. */
export interface VerifiedHistory {
  readonly line: Line;
  readonly course: Course;
  /** The oldest timeline of it, where its `.history` is evidently not there. */
  readonly cutOff: MissingHistory | undefined;
  /** What it passed over; nothing is known of the segments that it asked for instead. */
  readonly skipped: readonly SkippedTimeline[];
}

/** Where a backup begins. */
export interface Start {
  readonly timeline: number;
  readonly number: number;
}

/**
 * The history that the ranges tell.
 *
 * Left out is what no history can hold: names that are no segments of this size, and ranges that go back in number on
 * their timeline or go back to a lower timeline.
 *
 * @param ranges of wal-verify, oldest first
 * @param size segment size in bytes
 * @param starts of the listed backups
 */
export function verifiedHistory(
  ranges: readonly SegmentRange[],
  size: number,
  starts: readonly (Start | undefined)[],
): VerifiedHistory {
  const spans = readSpans(ranges, size);
  const cutOff = forgetBefore(spans, starts);
  const skipped = forgetSkipped(spans, size, starts);
  const [oldest, newest] = [spans[0], spans[spans.length - 1]];
  const segments = oldest === undefined || newest === undefined ? 0 : newest.last - oldest.first + 1;
  return { line: lineOf({ spans, segments }, false), course: courseFrom(legsOf(spans)), cutOff, skipped };
}

function readSpans(ranges: readonly SegmentRange[], size: number): Span[] {
  const spans: Span[] = [];
  const segmentOf = segmentReader(size);
  let start = 0;
  let newest: Span | undefined;
  const add = (span: Omit<Span, "position">): void => {
    if (newest === undefined) start = span.first;
    const joins = newest?.timeline === span.timeline && newest.status === span.status && newest.last + 1 === span.first;
    const first = joins ? newest?.first ?? span.first : span.first;
    newest = { timeline: span.timeline, first, last: span.last, status: span.status, position: first - start };
    spans[joins ? spans.length - 1 : spans.length] = newest;
  };
  for (const { start: name, end, status } of ranges) {
    const from = segmentOf(name);
    const to = end === name ? from : segmentOf(end);
    if (from === undefined || to === undefined || to.number < from.number) continue;
    const { timeline, number: first } = from;
    if (newest !== undefined && (timeline < newest.timeline || first <= newest.last)) continue;
    if (newest !== undefined && first > newest.last + 1) {
      add({ timeline: newest.timeline, first: newest.last + 1, last: first - 1, status: NOT_KNOWN });
    }
    add({ timeline, first, last: to.number, status });
  }
  return spans;
}

/**
 * Where a timeline's `.history` is gone, wal-verify goes on looking for its segments where it had none yet, and calls
 * them missing: that shows where backups of lower timelines began in them.
 */
function forgetBefore(spans: Span[], starts: readonly (Start | undefined)[]): MissingHistory | undefined {
  const [oldest] = spans;
  if (oldest === undefined || isUsable(oldest) || oldest.timeline === 1) return undefined;
  const isCutOff = starts.some((start) => {
    return start !== undefined && start.timeline < oldest.timeline && start.number >= oldest.first;
  });
  if (!isCutOff) return undefined;
  for (const [at, span] of spans.entries()) {
    if (span.timeline !== oldest.timeline || span.status === FOUND) break;
    spans[at] = { ...span, status: NOT_KNOWN };
  }
  const { timeline } = oldest;
  const file = `${timelineHex(timeline).toUpperCase()}.history`;
  return { timeline, file, cause: "missing", isOnHistory: true, cutsOff: true };
}

/**
 * wal-verify passes over a timeline that was left exactly at the end of a segment, asks for that segment on the next
 * timeline, where it never was, and calls it missing; unless a backup shows that it was.
 */
function forgetSkipped(
  spans: Span[],
  size: number,
  starts: readonly (Start | undefined)[],
): readonly SkippedTimeline[] {
  const skipped: SkippedTimeline[] = [];
  for (const [at, span] of spans.entries()) {
    const [before, after] = [spans[at - 1], spans[at + 1]];
    const { timeline, first: number } = span;
    const isFirst = before !== undefined && before.timeline + 1 < timeline && after?.timeline === timeline;
    if (!isFirst || !isGone(span) || !isUsable(after) || span.last !== number) continue;
    if (starts.some((start) => start?.timeline === timeline && start.number === number)) continue;
    spans[at] = { ...span, status: NOT_KNOWN };
    skipped.push({
      timeline: timeline - 1,
      asked: formatSegment({ timeline, number }, size),
      instead: formatSegment({ timeline: timeline - 1, number }, size),
    });
  }
  return skipped;
}

function legsOf(spans: readonly Span[]): readonly Leg[] {
  const legs: Leg[] = [];
  for (const { timeline, first } of spans) {
    const last = legs.at(-1);
    if (last?.timeline === timeline) continue;
    if (last !== undefined) legs[legs.length - 1] = { ...last, end: first };
    legs.push({ timeline, begin: legs.length === 0 ? 0 : first, end: Infinity });
  }
  return legs;
}
