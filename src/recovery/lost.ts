import type { Segment } from "../walg/segment.ts";
import { MISSING_LOST } from "../walg/verified_wal.ts";
import type { History, Span } from "./history.ts";
import type { HistoryIndex } from "./history_index.ts";
import { isOlder } from "./reason.ts";

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
