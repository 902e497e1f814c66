import type { Recovery } from "../recovery/mod.ts";
import { formatSegment } from "../walg/segment.ts";
import { FOUND } from "../walg/verified_wal.ts";
import { formatNumber } from "./text.ts";

/** The segments after the farthest reach, told apart; together they are `atRiskSegments`. */
export interface BeyondReach {
  /** Missing at the end, with no archived one after them. */
  readonly notArchived: number;
  /** Missing, with archived ones after them. */
  readonly missing: number;
  /** Archived, but behind the gap where recovery stops. */
  readonly unreachable: number;
  /** WAL file name of the first missing one of that gap; absent where there is no such gap. */
  readonly firstMissing?: string;
}

const found = new WeakMap<Recovery, BeyondReach | undefined>();

/** What lies after the farthest reach; undefined when there is no reach. Made once for each recovery. */
export function beyondReach(recovery: Recovery): BeyondReach | undefined {
  if (!found.has(recovery)) found.set(recovery, count(recovery));
  return found.get(recovery);
}

function count({ history: { spans }, until, segmentSize }: Recovery): BeyondReach | undefined {
  if (until === undefined) return undefined;
  const newestFound = spans.findLastIndex(({ status }) => status === FOUND);
  let [notArchived, missing, unreachable] = [0, 0, 0];
  let firstMissing: string | undefined;
  for (let at = spans.length - 1; at >= 0; at--) {
    const span = spans[at];
    if (span === undefined || span.position < until.position) break;
    const length = span.last - span.first + 1;
    if (at > newestFound) notArchived += length;
    else if (span.status === FOUND) unreachable += length;
    else {
      missing += length;
      firstMissing = formatSegment({ timeline: span.timeline, number: span.first }, segmentSize);
    }
  }
  return { notArchived, missing, unreachable, ...(firstMissing !== undefined && { firstMissing }) };
}

/** Whether archived segments lie behind a gap, and what is said of that; one line. */
export function gapSentence({ unreachable, firstMissing }: BeyondReach, untilSegment: string): string | undefined {
  if (unreachable === 0) return undefined;
  const segments = unreachable === 1
    ? "the archived WAL segment"
    : `the ${formatNumber(unreachable)} archived WAL segments`;
  const gap = firstMissing === undefined
    ? `The archived WAL does not go on after ${untilSegment}`
    : `${firstMissing} is missing`;
  return `${gap}: recovery stops there, and ${segments} after it cannot be reached`;
}
