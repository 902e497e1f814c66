import type { Backup } from "../walg/backup_list.ts";
import { type Segment, segmentNumberAt } from "../walg/segment.ts";
import { firstSpanEndingFrom, follows, type HistoryIndex, type Span, usable } from "./history.ts";

/** The segments that a backup needs to become consistent: of one timeline, by number. */
export interface OwnSegments {
  readonly timeline: number;
  readonly first: number;
  readonly last: number;
}

/** How a backup's own segments stand in the history. */
export interface Standing {
  /** The index of the span that holds its first segment, and that segment's position; absent where none does. */
  readonly start?: { readonly span: number; readonly position: number };
  /** Its first segment that is known not to be in the storage, as the history names it, and the span of it. */
  readonly missing?: { readonly segment: Segment; readonly span: number };
  /** Its first segment that the history does not hold. */
  readonly uncovered?: Segment;
}

/** A backup's own segments: from `start`, which its WAL file is, to the one with the last byte before its finish LSN. */
export function ownSegments(backup: Backup, start: Segment, size: number): OwnSegments {
  const finish = backup.finishLsn > 0n ? segmentNumberAt(backup.finishLsn - 1n, size) : start.number;
  return { timeline: start.timeline, first: start.number, last: Math.max(start.number, finish) };
}

/**
 * Finds a backup's own segments in the history.
 *
 * A timeline's last segment may be copied to its child, where the timeline was left in the middle of it: that one
 * segment past the timeline's end is served by the child's segment of the same number. So is a backup that lies in it as a
 * whole where the history begins there.
 */
export function standing(own: OwnSegments, index: HistoryIndex): Standing {
  const block = index.timelines.get(own.timeline);
  if (block === undefined) return standingAtBeginning(own, index);
  const { spans } = index.history;
  const left = segmentOfSwitch(spans, block.to);
  const at = firstSpanEndingFrom(spans, block.from, block.to, own.first);
  const span = at < block.to ? spans[at] : undefined;

  const start = span !== undefined && span.first <= own.first
    ? { span: at, position: span.position + own.first - span.first }
    : left !== undefined && left.first === own.first
    ? { span: block.to, position: left.position }
    : undefined;
  const located = start === undefined ? {} : { start };

  const bad = index.nextUnusable[at] ?? spans.length;
  const badSpan = bad < block.to ? spans[bad] : undefined;
  if (badSpan !== undefined && badSpan.first <= own.last) {
    const number = Math.max(badSpan.first, own.first);
    return { ...located, missing: { segment: { timeline: own.timeline, number }, span: bad } };
  }
  if (left !== undefined && !usable(left) && own.first <= left.first && left.first <= own.last) {
    return { ...located, missing: { segment: { timeline: left.timeline, number: left.first }, span: block.to } };
  }
  const next = firstUncovered(own, start?.span, index, left);
  return next > own.last ? located : { ...located, uncovered: { timeline: own.timeline, number: next } };
}

/** How a backup of a timeline that the history does not hold stands: only where its first segment is its child's first. */
function standingAtBeginning({ timeline, first, last }: OwnSegments, { history: { spans } }: HistoryIndex): Standing {
  const [oldest] = spans;
  const isServed = timeline + 1 === oldest?.timeline && first === oldest.first && last === first;
  if (!isServed) return { uncovered: { timeline, number: first } };
  const start = { span: 0, position: oldest.position };
  if (usable(oldest)) return { start };
  return { start, missing: { segment: { timeline: oldest.timeline, number: first }, span: 0 } };
}

/** The child's first span where it goes on from the timeline whose spans end before index `to`. */
function segmentOfSwitch(spans: readonly Span[], to: number): Span | undefined {
  const [last, next] = [spans[to - 1], spans[to]];
  return last !== undefined && next !== undefined && follows(last, next) ? next : undefined;
}

function firstUncovered(
  own: OwnSegments,
  start: number | undefined,
  { history: { spans }, coveredEnd }: HistoryIndex,
  left: Span | undefined,
): number {
  const span = start === undefined ? undefined : spans[coveredEnd[start] ?? start];
  if (span === undefined) return own.first;
  const next = span.timeline === own.timeline ? span.last + 1 : own.first;
  return left?.first === next ? next + 1 : next;
}
