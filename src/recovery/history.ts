import type { Lsn } from "../walg/segment.ts";
import { FOUND } from "../walg/wal_verify.ts";

/** The status of segments that the archive has not. */
export const MISSING = "MISSING";
/** The status of segments that are an object of zero bytes. */
export const EMPTY_OBJECT = "EMPTY";
/** The status of segments that are an uncompressed object of another size than the segment size. */
export const WRONG_SIZE = "WRONG_SIZE";
/** The status of a segment of which only the parent timeline's file is there, which serves up to the switch. */
export const PARTLY_FOUND = "PARTLY_FOUND";
/** The status of segments that nothing is known of. */
export const NOT_KNOWN = "NOT_KNOWN";

/** Neighbouring segments of one timeline that share a status. */
export interface Span {
  readonly timeline: number;
  /** The number of its first segment. */
  readonly first: number;
  /** The number of its last segment. */
  readonly last: number;
  /** FOUND; MISSING and the others above, or, where wal-verify is the source, its words. */
  readonly status: string;
  /** Where its first segment stands: 0 for the first one of the history. */
  readonly position: number;
  /** Up to where a {@link PARTLY_FOUND} segment serves. */
  readonly until?: Lsn;
}

/** The segments along a history, oldest first, without a gap: what is not there stands in it, too. */
export interface History {
  readonly spans: readonly Span[];
  /** How many segments, so how many positions, it holds. */
  readonly segments: number;
}

/** Whether recovery can replay all of the segments. */
export function isUsable({ status }: Span): boolean {
  return status === FOUND;
}

/** Whether the segments are known not to be there whole. */
export function isGone({ status }: Span): boolean {
  return status !== FOUND && status !== PARTLY_FOUND && status !== NOT_KNOWN;
}

/** Whether the segments are objects that end a recovery with FATAL. */
export function isInTheWay({ status }: Span): boolean {
  return status === EMPTY_OBJECT || status === WRONG_SIZE;
}

/** A history, and what it answers at once, however many spans it has. Numbers below are indexes into its spans. */
export interface Line {
  readonly history: History;
  /** For each span that begins a usable run, the last one of it; itself where it is not usable. */
  readonly runEnd: Uint32Array;
  /** For each span, the first one from it on that is known to be gone; the number of spans where none is. */
  readonly nextGone: Uint32Array;
  /** The newest usable span; -1 where none is. */
  readonly newestFound: number;
  /** Whether what lies after its end is known not to be there; else nothing is known of it. */
  readonly isEndKnown: boolean;
}

/** Indexes a history. */
export function lineOf(history: History, isEndKnown: boolean): Line {
  const { spans } = history;
  const count = spans.length;
  const [runEnd, nextGone] = [new Uint32Array(count), new Uint32Array(count)];
  let newestFound = -1;
  for (let at = count - 1; at >= 0; at--) {
    const [span, next] = [spans[at], spans[at + 1]];
    if (span === undefined) continue;
    const usable = isUsable(span);
    if (usable && newestFound < 0) newestFound = at;
    runEnd[at] = !usable || next === undefined
      ? at
      : isUsable(next)
      ? runEnd[at + 1] ?? at
      : next.status === PARTLY_FOUND
      ? at + 1
      : at;
    nextGone[at] = isGone(span) ? at : nextGone[at + 1] ?? count;
  }
  return { history, runEnd, nextGone, newestFound, isEndKnown };
}

/** The index of the span that holds segment `number`; undefined where none does. */
export function spanAt({ spans }: History, number: number): number | undefined {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.last ?? Infinity) < number) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span.first <= number ? low : undefined;
}
