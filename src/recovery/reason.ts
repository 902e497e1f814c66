import { formatSegment, type Segment } from "../walg/segment.ts";
import { MISSING_LOST } from "../walg/wal_verify.ts";
import type { HistoryIndex, Span } from "./history.ts";

/** What is wrong with a segment that a backup needs and that is not in the storage. */
export function missingReason(segment: Segment, spanAt: number, index: HistoryIndex, size: number): string {
  const name = formatSegment(segment, size);
  const status = index.history.spans[spanAt]?.status ?? "";
  if (spanAt > index.newestUsable) return `segment ${name} not archived yet (${status})`;
  if (status === MISSING_LOST) return `segment ${name} lost`;
  return `segment ${name} missing (${status}, but later segments are archived)`;
}

/** Why wal-verify says nothing about a segment that a backup needs. */
export function uncoveredReason(
  segment: Segment,
  { history: { spans }, timelines }: HistoryIndex,
  size: number,
): string {
  return `not covered by wal-verify: ${cause()}`;

  function cause(): string {
    const name = formatSegment(segment, size);
    const [oldest, newest] = [spans[0], spans[spans.length - 1]];
    if (oldest === undefined || newest === undefined) return "it scanned no segments";
    if (isOlder(segment, oldest)) return `segment ${name} is older than the verified range`;
    const block = timelines.get(segment.timeline);
    if (block === undefined) return `timeline ${segment.timeline} is not in the current history`;
    if ((spans[block.to - 1]?.last ?? Infinity) >= segment.number) return `segment ${name} is not in its ranges`;
    if (segment.timeline !== newest.timeline) return `timeline ${segment.timeline} was left before segment ${name}`;
    if (segment.number === newest.last + 1) return `segment ${name} was still current`;
    return `segment ${name} is newer than the verified range`;
  }
}

/** Why a backup whose WAL file is no segment of the cluster's size cannot be found in the history. */
export function unreadableReason(walFile: string, size: number): string {
  return `not covered by wal-verify: '${walFile}' is not a WAL file of ${size / 1024 / 1024} MiB segments`;
}

/** True for what lies before the first segment that wal-verify looked at, on its timeline or on an earlier one. */
export function isOlder(segment: Segment, oldest: Span): boolean {
  return segment.timeline <= oldest.timeline && segment.number < oldest.first;
}
