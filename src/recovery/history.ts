import { FOUND } from "../walg/verified_wal.ts";
import type { SegmentRange } from "../walg/verified_wal.ts";
import { segmentReader } from "./segment_reader.ts";

/** Neighbouring segments of one timeline that share a status. */
export interface Span {
  readonly timeline: number;
  /** The number of its first segment. */
  readonly first: number;
  /** The number of its last segment. */
  readonly last: number;
  /** FOUND, MISSING_DELAYED, MISSING_UPLOADING, MISSING_LOST, or what WAL-G adds later. */
  readonly status: string;
  /** Where its first segment stands in the history: 0 for the oldest segment that wal-verify looked at. */
  readonly position: number;
}

/** The segments that `wal-verify` walked, oldest first, along the cluster's current history. */
export interface History {
  readonly spans: readonly Span[];
  /** How many segments, so how many positions, it holds. */
  readonly segments: number;
}

/** How many items are worked off between two `yield`s: about a millisecond. */
export const SLICE = 512;

/** True where recovery can replay the segments: a missing one may be gone, whatever WAL-G calls it. */
export function usable(span: Span): boolean {
  return span.status === FOUND;
}

/** True where the WAL goes on from `span` to `next` without a break; `next` may be on a child timeline. */
export function follows(span: Span, next: Span): boolean {
  return next.first === span.last + 1;
}

/**
 * The history that the ranges tell, in slices: each `yield` is a chance to do something else.
 *
 * Left out is what no history can hold: names that are no segments of this size, and ranges that go back in number on
 * their timeline or go back to a lower timeline.
 *
 * @param ranges of wal-verify, oldest first
 * @param size segment size in bytes
 */
export function* readHistory(ranges: readonly SegmentRange[], size: number): Generator<void, History> {
  const spans: Span[] = [];
  let segments = 0;
  let newest: Span | undefined;
  let done = 0;
  const segmentOf = segmentReader(size);
  for (const { start, end, status } of ranges) {
    if (++done % SLICE === 0) yield;
    const from = segmentOf(start);
    const to = end === start ? from : segmentOf(end);
    if (from === undefined || to === undefined || to.number < from.number) continue;
    const { timeline, number: first } = from;
    if (newest !== undefined && !isAfter(newest, timeline, first)) continue;
    const joined: Span | undefined = newest !== undefined && joins(newest, timeline, first, status)
      ? newest
      : undefined;
    newest = joined === undefined
      ? { timeline, first, last: to.number, status, position: segments }
      : { timeline, first: joined.first, last: to.number, status, position: joined.position };
    spans[joined === undefined ? spans.length : spans.length - 1] = newest;
    segments += to.number - first + 1;
  }
  return { spans, segments };
}

function isAfter(span: Span, timeline: number, first: number): boolean {
  return timeline > span.timeline || (timeline === span.timeline && first > span.last);
}

function joins(span: Span, timeline: number, first: number, status: string): boolean {
  return timeline === span.timeline && status === span.status && first === span.last + 1;
}
