import { follows, SLICE, usable } from "./history.ts";
import type { History, Span } from "./history.ts";

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

/** Indexes a history in slices: each `yield` is a chance to do something else. */
export function* indexHistory(history: History): Generator<void, HistoryIndex> {
  const { spans } = history;
  const count = spans.length;
  const timelines = new Map<number, { from: number; to: number }>();
  const [runEnd, coveredEnd, nextUnusable] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)];
  let newestUsable = -1;
  let after: Span | undefined;
  for (let at = count - 1; at >= 0; at--) {
    if (at % SLICE === SLICE - 1) yield;
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
