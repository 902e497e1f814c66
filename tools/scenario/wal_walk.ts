import { DEFAULT_SEGMENT_SIZE, formatSegment } from "../../src/walg/segment.ts";
import { FOUND, MISSING_LOST, type SegmentRange } from "../../src/walg/wal_verify.ts";
import type { Random } from "./random.ts";

const MISSING_UPLOADING = "MISSING_UPLOADING";
/** WAL-G takes so many of the newest missing segments for still being uploaded. */
const UPLOAD_CONCURRENCY = 16;

/** What a walk over the WAL is made from. */
export interface WalkOptions {
  /** The segments it goes from and to, both included. */
  readonly first: number;
  readonly last: number;
  /** Where timeline 2 begins; undefined with one timeline. */
  readonly switchSegment: number | undefined;
  /** How many ranges it is to have. */
  readonly ranges: number;
}

interface Span {
  readonly timeline: number;
  readonly first: number;
  readonly last: number;
}

/**
 * The segment ranges that `wal-verify` would print, oldest first: all found but single segments and, where the count
 * asks for it, the newest few.
 *
 * @throws RangeError when there are too few segments for so many ranges
 */
export function generateWalk(options: WalkOptions, random: Random): SegmentRange[] {
  const { first, last, switchSegment, ranges } = options;
  const spans: Span[] = switchSegment === undefined
    ? [{ timeline: 1, first, last }]
    : switchSegment <= first
    ? [{ timeline: 2, first, last }]
    : [{ timeline: 1, first, last: switchSegment - 1 }, { timeline: 2, first: switchSegment, last }];
  const uploading = (ranges - spans.length) % 2 === 0 ? 0 : random.integer(1, 4);
  const holes = (ranges - spans.length - Math.min(uploading, 1)) / 2;
  const firstSpan = spans[0];
  const lastSpan = spans.at(-1);
  if (firstSpan === undefined || lastSpan === undefined || holes < 0) {
    throw new RangeError(`Cannot walk ${spans.length} timelines in ${ranges} ranges: give at least ${spans.length}`);
  }
  spans[spans.length - 1] = { ...lastSpan, last: last - uploading };
  const share = spans.length === 1 ? 1 : (firstSpan.last - first + 1) / (last - first + 1);
  // A short timeline has no room for its share.
  const early = spans.length === 1
    ? holes
    : Math.min(room(firstSpan), Math.max(Math.floor(holes * share), holes - room(spans[1])));

  const walk: SegmentRange[] = [];
  for (const [index, span] of spans.entries()) {
    let from = span.first;
    for (const hole of placeHoles(span, index === 0 ? early : holes - early, random)) {
      walk.push(range(span.timeline, from, hole - 1, FOUND), range(span.timeline, hole, hole, MISSING_LOST));
      from = hole + 1;
    }
    walk.push(range(span.timeline, from, span.last, FOUND));
  }
  if (uploading > 0) walk.push(range(lastSpan.timeline, last - uploading + 1, last, MISSING_UPLOADING));
  return relabel(walk, UPLOAD_CONCURRENCY - uploading);
}

/** How many holes fit into a span, no two of them side by side and none at its ends. */
function room(span: Span | undefined): number {
  return span === undefined ? 0 : Math.max(0, Math.floor((span.last - span.first - 1) / 2));
}

/** Segments inside a span, no two of them side by side, spread over the whole of it. */
function placeHoles({ first, last }: Span, count: number, random: Random): number[] {
  const width = (last - first - 1) / count;
  if (count > 0 && width < 2) throw new RangeError(`Cannot place ${count} gaps in ${last - first + 1} segments`);
  return Array.from({ length: count }, (_, index) => {
    const from = first + 1 + Math.floor(index * width);
    return random.integer(from, first + Math.floor((index + 1) * width) - 1);
  });
}

/** Gives the newest `count` lost ranges the word that WAL-G has for them, whatever became of them. */
function relabel(walk: SegmentRange[], count: number): SegmentRange[] {
  let left = count;
  return walk.reverse().map((item) => {
    if (item.status !== MISSING_LOST || left === 0) return item;
    left--;
    return { ...item, status: MISSING_UPLOADING };
  }).reverse();
}

function range(timeline: number, first: number, last: number, status: string): SegmentRange {
  const [start, end] = [first, last].map((number) => formatSegment({ timeline, number }, DEFAULT_SEGMENT_SIZE));
  return { timeline, start: start ?? "", end: end ?? "", segments: last - first + 1, status };
}
