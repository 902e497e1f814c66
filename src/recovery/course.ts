import type { Backup } from "../walg/backup_list.ts";
import { type Lsn, segmentNumberAt } from "../walg/segment.ts";
import type { Parent } from "../walg/wal_archive.ts";
import { segmentReader } from "./segment_size.ts";

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
