import type { Backup } from "../walg/backup_list.ts";
import { type Lsn, segmentNumberAt, segmentReader } from "../walg/segment.ts";
import type { Parent } from "../walg/wal_archive.ts";
import { FOUND } from "../walg/wal_verify.ts";

/** One timeline's part of a history. */
export interface Leg {
  readonly timeline: number;
  /** The number of the segment in which it begins; 0 for the oldest one. */
  readonly begin: number;
  /** Where its child left it; absent for the newest one, and where only the segment of the switch is known. */
  readonly endLsn?: Lsn;
  /** The number of the segment in which its child left it; Infinity for the newest one. */
  readonly end: number;
}

/** The history of a timeline: itself, its parent up to where it was left, and so on; oldest first. */
export interface Course {
  readonly legs: readonly Leg[];
  readonly legOf: ReadonlyMap<number, Leg>;
  /** The oldest timeline that is known to be part of it. */
  readonly root: number;
  /** Whether nothing comes before the root. */
  readonly isWhole: boolean;
}

/** The history of a timeline by what is known of each one's parent; `size` is that of a segment, in bytes. */
export function courseOf(timeline: number, parents: ReadonlyMap<number, Parent>, size: number): Course {
  const legs: Leg[] = [];
  let at: { readonly timeline: number; readonly endLsn?: Lsn; readonly end: number } = { timeline, end: Infinity };
  for (;;) {
    const parent = parents.get(at.timeline);
    const begin = parent === undefined ? 0 : segmentNumberAt(parent.switchLsn, size);
    const isPossible = parent !== undefined && parent.timeline < at.timeline;
    // Recovery to before the target timeline began names that one as the parent all the same: nothing of it is in there.
    if (isPossible && at.endLsn !== undefined && parent.switchLsn > at.endLsn) {
      at = { ...at, timeline: parent.timeline };
      continue;
    }
    legs.push({ ...at, begin: isPossible ? begin : 0 });
    if (!isPossible) break;
    at = { timeline: parent.timeline, endLsn: parent.switchLsn, end: begin };
  }
  return courseFrom(legs.reverse());
}

/** A history of these parts, oldest first. */
export function courseFrom(legs: readonly Leg[]): Course {
  const root = legs[0]?.timeline ?? 0;
  return { legs, legOf: new Map(legs.map((leg) => [leg.timeline, leg])), root, isWhole: root === 1 };
}

/** What is compared with a history: a backup's timeline, its first and last segment by number, and where it ended. */
export interface Extent {
  readonly timeline: number;
  readonly first: number;
  readonly last: number;
  readonly endLsn: Lsn;
}

/** Whether that lies on the history as a whole, to the byte; undefined where it cannot be known. */
export function liesOn(
  { legOf, root, isWhole }: Course,
  { timeline, first, last, endLsn }: Extent,
): boolean | undefined {
  const leg = legOf.get(timeline);
  if (leg === undefined) return isWhole || timeline > root ? false : undefined;
  // It cannot have begun before its timeline did: then the history is not the one that it knew.
  if (first < leg.begin) return undefined;
  if (leg.endLsn !== undefined) return endLsn <= leg.endLsn;
  if (last === leg.end) return undefined;
  return last < leg.end;
}

/** The segments that a backup needs to become consistent, of one timeline, and where it ended. */
export interface Own {
  readonly timeline: number;
  /** The number of its first one, which its WAL file is. */
  readonly first: number;
  /** The number of the one with the last byte before its finish LSN. */
  readonly last: number;
  /** Its finish LSN; its start LSN where WAL-G knows no other. */
  readonly endLsn: Lsn;
}

/** The backups' own segments, in the order of the list; undefined where that is not known. */
export function ownSegments(backups: readonly Backup[], size: number): readonly (Own | undefined)[] {
  const segmentOf = segmentReader(size);
  return backups.map(({ walFile, startLsn, finishLsn, lacksDetails }) => {
    if (lacksDetails) return undefined;
    const start = segmentOf(walFile);
    if (start === undefined) return undefined;
    const { timeline, number: first } = start;
    const last = finishLsn > 0n ? Math.max(first, segmentNumberAt(finishLsn - 1n, size)) : first;
    return { timeline, first, last, endLsn: finishLsn > startLsn ? finishLsn : startLsn };
  });
}

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
