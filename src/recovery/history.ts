import { parseSegment, type Segment } from "../walg/segment.ts";
import { FOUND, MISSING_LOST, type SegmentRange } from "../walg/wal_verify.ts";
import { isOlder } from "./reason.ts";

/** The timeline and the log of a WAL file name, which neighbours share. */
const PREFIX_LENGTH = 16;

/**
 * {@link parseSegment} for many names in a row, several times as fast: what neighbours share is read once.
 *
 * @param size segment size in bytes
 */
export function segmentReader(size: number): (name: string) => Segment | undefined {
  const perLog = 0x1_0000_0000 / size;
  let prefix = "";
  let log: Segment | undefined;
  return (name) => {
    if (log === undefined || !name.startsWith(prefix)) {
      prefix = name.slice(0, PREFIX_LENGTH);
      log = parseSegment(`${prefix}00000000`, size);
    }
    const place = placeInLog(name);
    return log === undefined || place >= perLog ? undefined : { timeline: log.timeline, number: log.number + place };
  };
}

/** The last eight hex digits of a WAL file name; Infinity where that is no such name. */
function placeInLog(name: string): number {
  if (name.length !== PREFIX_LENGTH + 8) return Infinity;
  let place = 0;
  for (let at = PREFIX_LENGTH; at < name.length; at++) {
    const code = name.charCodeAt(at);
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x41 && code <= 0x46 ? code - 0x37 : Infinity;
    place = place * 16 + digit;
  }
  return place;
}

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

/** True where recovery can replay the segments: a missing one may be gone, whatever WAL-G calls it. */
export function usable(span: Span): boolean {
  return span.status === FOUND;
}

/** True where the WAL goes on from `span` to `next` without a break; `next` may be on a child timeline. */
export function follows(span: Span, next: Span): boolean {
  return next.first === span.last + 1;
}

/**
 * The history that the ranges tell.
 *
 * Left out is what no history can hold: names that are no segments of this size, and ranges that go back in number on
 * their timeline or go back to a lower timeline.
 *
 * @param ranges of wal-verify, oldest first
 * @param size segment size in bytes
 */
export function readHistory(ranges: readonly SegmentRange[], size: number): History {
  const spans: Span[] = [];
  let segments = 0;
  let newest: Span | undefined;
  const segmentOf = segmentReader(size);
  for (const { start, end, status } of ranges) {
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

/** What a history answers at once, however many spans it has. Every number in it is an index into its spans. */
export interface HistoryIndex {
  readonly history: History;
  /** The spans of each timeline: from `from` up to but without `to`. */
  readonly timelines: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
  /** For each span, the last one of the unbroken usable run that it is in; itself where it is not usable. */
  readonly runEnd: Uint32Array;
  /** For each span, the last one up to which its timeline goes on without a break, whatever the status. */
  readonly coveredEnd: Uint32Array;
  /** For each span, the first one from it on that is not usable; the number of spans where all are. */
  readonly nextUnusable: Uint32Array;
  /** The newest usable span; -1 where none is. */
  readonly newestUsable: number;
}

/** Indexes a history. */
export function indexHistory(history: History): HistoryIndex {
  const { spans } = history;
  const count = spans.length;
  const timelines = new Map<number, { from: number; to: number }>();
  const [runEnd, coveredEnd, nextUnusable] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)];
  let newestUsable = -1;
  let after: Span | undefined;
  for (let at = count - 1; at >= 0; at--) {
    const span = spans[at];
    if (span === undefined) continue;
    const joined = after !== undefined && follows(span, after) ? after : undefined;
    const runsOn = joined !== undefined && usable(span) && usable(joined);
    runEnd[at] = runsOn ? runEnd[at + 1] ?? at : at;
    coveredEnd[at] = joined?.timeline === span.timeline ? coveredEnd[at + 1] ?? at : at;
    nextUnusable[at] = usable(span) ? nextUnusable[at + 1] ?? count : at;
    if (usable(span) && newestUsable < 0) newestUsable = at;
    const block = timelines.get(span.timeline);
    timelines.set(span.timeline, { from: at, to: block?.to ?? at + 1 });
    after = span;
  }
  return { history, timelines, runEnd, coveredEnd, nextUnusable, newestUsable };
}

/** The first span of `[from, to)`, all of one timeline, that ends at segment `number` or later; `to` where none does. */
export function firstSpanEndingFrom(spans: readonly Span[], from: number, to: number, number: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.last ?? Infinity) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The first position whose WAL a backup that starts in `segment` may need: its own, or the start of the history for one
 * that is older than it.
 *
 * @returns Infinity for a backup that the history does not reach
 */
export function oldestPosition(segment: Segment | undefined, position: number | undefined, history: History): number {
  if (position !== undefined) return position;
  const oldest = history.spans[0];
  return segment !== undefined && oldest !== undefined && startsBefore(segment, oldest) ? 0 : Infinity;
}

/** True for what begins before the history does, or on an earlier timeline in its first segment. */
function startsBefore(segment: Segment, oldest: Span): boolean {
  return isOlder(segment, oldest) || (segment.timeline < oldest.timeline && segment.number === oldest.first);
}

/** How many MISSING_LOST segments from position `from` on have a FOUND one after them: WAL-G also calls the tail lost. */
export function lostFrom(from: number, { history, newestUsable }: HistoryIndex): number {
  let lost = 0;
  for (const [at, span] of history.spans.entries()) {
    if (at > newestUsable) break;
    const end = span.position + span.last - span.first + 1;
    if (span.status === MISSING_LOST) lost += Math.max(0, end - Math.max(span.position, from));
  }
  return lost;
}
