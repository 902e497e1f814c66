import { formatLsn, formatSegment, timelineHex } from "../walg/segment.ts";
import { MISSING_LOST } from "../walg/wal_verify.ts";
import type { Course, Own } from "./course.ts";
import { EMPTY_OBJECT, isInTheWay, type Line, MISSING, PARTLY_FOUND, type Span } from "./history.ts";
import type { ReasonCode } from "./recovery.ts";

/** A verdict in words, and for machines. */
export interface Reason {
  readonly code: ReasonCode;
  readonly reason: string;
}

/** What is wrong with a segment that a backup needs and that is known not to be there. */
export function goneReason(name: string, at: number, line: Line): Reason {
  const span = line.history.spans[at];
  const status = span?.status ?? MISSING;
  if (span !== undefined && isInTheWay(span)) {
    const what = status === EMPTY_OBJECT ? "is an empty object" : "is not compressed and has the wrong size";
    return { code: "segment_empty", reason: `segment ${name} ${what}` };
  }
  const isLast = at > line.newestFound;
  const word = status === MISSING || status === PARTLY_FOUND ? "" : status;
  if (isLast) {
    return {
      code: "segment_not_archived",
      reason: `segment ${name} not archived yet${word === "" ? "" : ` (${word})`}`,
    };
  }
  const isLost = word === "" || word === MISSING_LOST;
  const reason = isLost ? `segment ${name} lost` : `segment ${name} missing (${word}, but later segments are archived)`;
  return { code: "segment_lost", reason };
}

/** Why wal-verify says nothing about a segment that a backup needs. */
export function uncoveredReason(own: Own, number: number, { line, course, size }: Verified): Reason {
  return { code: "not_covered", reason: `not covered by wal-verify: ${cause()}` };

  function cause(): string {
    const { timeline } = own;
    const { spans } = line.history;
    const name = formatSegment({ timeline, number }, size);
    const [oldest, newest] = [spans[0], spans.at(-1)];
    if (oldest === undefined || newest === undefined) return "it scanned no segments";
    if (isOlder(timeline, number, oldest)) return `segment ${name} is older than the verified range`;
    const leg = course.legOf.get(timeline);
    if (leg === undefined) return `timeline ${timeline} is not in the current history`;
    if (own.last > leg.end) return `timeline ${timeline} was left before segment ${name}`;
    if (own.last === leg.end) return `timeline ${timeline} was left in segment ${name}, it does not say at which byte`;
    if (number <= newest.last) return `segment ${name} is not in its ranges`;
    if (number === newest.last + 1) return `segment ${name} was still current`;
    return `segment ${name} is newer than the verified range`;
  }
}

/** The history that wal-verify tells; `size` is that of a segment, in bytes. */
export interface Verified {
  readonly line: Line;
  readonly course: Course;
  readonly size: number;
}

/** Why a backup whose WAL file is no segment of the cluster's size cannot be found in the history. */
export function unreadableReason(walFile: string, size: number): Reason {
  const reason = `not known where it began: '${walFile}' is not a WAL file of ${size / 1024 / 1024} MiB segments`;
  return { code: "not_covered", reason };
}

/** Why a backup of which only the name is listed cannot be judged. */
export function detailsReason(): Reason {
  return { code: "not_covered", reason: "not known where it began and ended: its details cannot be listed" };
}

/** Why it is not known whether a segment is there. */
export function notListedReason(name: string, storages: readonly string[]): Reason {
  const which = storages.length === 1 ? `storage ${storages[0]}` : `storages ${storages.join(", ")}`;
  return { code: "storage_not_listed", reason: `segment ${name} was not found, but ${which} could not be listed` };
}

/** Why a backup that ended since the archive was listed cannot be judged by its segments. */
export function youngerReason(): Reason {
  return {
    code: "not_covered",
    reason: "not known until the WAL archive is listed again: it ended after that listing",
  };
}

/** What a backup of a branch can be restored to; `course` is the current history. */
export function branchReason(timeline: number, reach: bigint | undefined, course: Course): Reason {
  const upTo = reach === undefined ? "" : `, up to ${formatLsn(reach)}`;
  const { root, isWhole } = course;
  const cutOff = !isWhole && timeline < root
    ? `: the history of timeline ${root} (${timelineHex(root).toUpperCase()}.history) cannot be read`
    : "";
  const target = `recovery_target_timeline = '${timeline}'`;
  return { code: "branch", reason: `restorable to timeline ${timeline} only (${target})${upTo}${cutOff}` };
}

/** True for what lies before the first segment that wal-verify looked at, on its timeline or on an earlier one. */
function isOlder(timeline: number, number: number, oldest: Span): boolean {
  return timeline <= oldest.timeline && number < oldest.first;
}
