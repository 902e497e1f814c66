import { type Backup, endTime } from "../walg/backup_list.ts";
import { formatLsn, formatSegment, timelineHex } from "../walg/segment.ts";
import { MISSING_LOST } from "../walg/wal_verify.ts";
import type { ChainFault } from "./ancestry.ts";
import type { Completeness } from "./completeness.ts";
import type { Ground } from "./ground.ts";
import {
  type Course,
  EMPTY_OBJECT,
  isInTheWay,
  isUsable,
  liesOn,
  type Line,
  MISSING,
  type Own,
  PARTLY_FOUND,
  type Span,
  spanAt,
} from "./history.ts";
import type { BackupRecovery, ReasonCode } from "./recovery.ts";

/** What is known of one backup beside the WAL. */
interface Candidate {
  readonly backup: Backup;
  /** Its own segments; undefined where its WAL file is no segment of the cluster's size. */
  readonly own: Own | undefined;
  readonly fault: ChainFault | undefined;
  /** undefined where its files have not been looked at. */
  readonly completeness: Completeness | undefined;
}

/** False as soon as something is known to be wrong, else unknown as soon as something is not known. */
export function judge(candidate: Candidate, ground: Ground): BackupRecovery {
  const { backup, own, fault, completeness } = candidate;
  const lies = own && ground.course && liesOn(ground.course, own);
  const isBranch = own !== undefined && ground.isArchive && lies !== true;
  const line = own === undefined ? undefined : isBranch ? ground.branchLine(own.timeline) : ground.line;
  const place = line && own && lies === true ? spanAt(line.history, own.first) : undefined;
  const span = place === undefined ? undefined : line?.history.spans[place];
  const known = {
    backup,
    ...(span !== undefined && own !== undefined && { position: span.position + own.first - span.first }),
    ...(isBranch && { branch: own.timeline }),
    ...(completeness?.isComplete !== undefined && { isComplete: completeness.isComplete }),
    ...(completeness !== undefined && { storedBytes: completeness.storedBytes }),
    ...(completeness !== undefined && completeness.lackingStorages.length > 0 &&
      { lackingStorages: completeness.lackingStorages }),
  };
  const stand = own === undefined || line === undefined ? undefined : standing(own, line, ownEnd(own, ground, lies));
  const gone = stand?.gone && own && line &&
    goneReason(nameOf(own, stand.gone, line, ground.size), stand.gone.at, line);
  // Its last segments were archived after that listing was begun.
  const isYounger = endTime(backup) >= ground.time;
  const fatal: Reason | undefined = fault?.isKnown
    ? fault
    : completeness?.isComplete === false
    ? { code: "incomplete", reason: `incomplete: ${completeness.reason}` }
    : isYounger
    ? undefined
    : gone;
  if (fatal !== undefined) return { ...known, restorable: false, code: fatal.code, reason: fatal.reason };
  const doubt = fault ?? (gone && youngerReason()) ??
    (own === undefined
      ? backup.lacksDetails ? detailsReason() : unreadableReason(backup.walFile, ground.size)
      : walDoubt(own, stand, lies, ground) ?? filesDoubt(completeness));
  if (doubt !== undefined) return { ...known, restorable: undefined, code: doubt.code, reason: doubt.reason };
  const reach = line && stand?.start !== undefined ? ground.reachFrom(line, stand.start) : undefined;
  const { code, reason } = isBranch && ground.course
    ? branchReason(own.timeline, reach?.lsn, ground.course)
    : { code: "restorable" as const, reason: "" };
  return { ...known, restorable: true, code, reason, ...(reach !== undefined && { reach }) };
}

/** How a backup's own segments stand in a history. */
interface Standing {
  /** The index of the span that holds its first segment; absent where none does. */
  readonly start?: number;
  /** Its first segment that is known not to be there, and its span's index: past the end where it is beyond all. */
  readonly gone?: { readonly number: number; readonly at: number };
  /** Its first segment of which it is not known whether it is there. */
  readonly uncovered?: number;
}

/** Looks for a backup's segments from its first to `last`. */
function standing({ timeline, first }: Own, line: Line, last: number): Standing {
  const { history: { spans }, nextGone, runEnd, isEndKnown } = line;
  const at = spanAt(line.history, first);
  const span = at === undefined ? undefined : spans[at];
  if (at === undefined || span === undefined) {
    const isAfter = (spans.at(-1)?.last ?? -1) < first;
    if (isEndKnown) return { gone: { number: first, at: isAfter ? spans.length : -1 } };
    const bad = spans[nextGone[0] ?? 0];
    const isGone = !isAfter && bad !== undefined && bad.first <= last;
    return isGone ? { gone: { number: bad.first, at: nextGone[0] ?? 0 } } : { uncovered: first };
  }
  const bad = nextGone[at] ?? spans.length;
  const badFirst = spans[bad]?.first ?? Infinity;
  // The parent's file alone ends where this timeline began: it is none of this backup's.
  const isParents = span.status === PARTLY_FOUND && span.timeline < timeline;
  if (isParents && isEndKnown) return { start: at, gone: { number: first, at } };
  if (badFirst <= last) return { start: at, gone: { number: Math.max(badFirst, first), at: bad } };
  const isThere = isUsable(span) || (span.status === PARTLY_FOUND && !isParents);
  const next = isThere ? (spans[runEnd[at] ?? at]?.last ?? first) + 1 : first;
  if (next > last) return { start: at };
  const isBeyond = next > (spans.at(-1)?.last ?? -1);
  return isBeyond && isEndKnown
    ? { start: at, gone: { number: next, at: spans.length } }
    : { start: at, uncovered: next };
}

/** By wal-verify's ranges, what lies beyond where a timeline was left says nothing of that timeline. */
function ownEnd(own: Own, { isArchive, course }: Ground, lies: boolean | undefined): number {
  if (isArchive || lies === true) return own.last;
  return Math.min(own.last, (course?.legOf.get(own.timeline)?.end ?? 0) - 1);
}

/** The name under which the history has a segment. */
function nameOf(
  own: Own,
  { number, at }: { readonly number: number; readonly at: number },
  { history }: Line,
  size: number,
): string {
  const span = history.spans[at];
  const timeline = span === undefined || span.status === PARTLY_FOUND ? own.timeline : span.timeline;
  return formatSegment({ timeline, number }, size);
}

function walDoubt(
  own: Own,
  stand: Standing | undefined,
  lies: boolean | undefined,
  ground: Ground,
): Reason | undefined {
  const { line, course, size, unlisted } = ground;
  if (line === undefined || course === undefined || stand === undefined) {
    return { code: "no_answer", reason: "not known: neither the WAL archive nor wal-verify has answered yet" };
  }
  if (ground.isArchive) {
    if (stand.uncovered === undefined) return undefined;
    return notListedReason(formatSegment({ timeline: own.timeline, number: stand.uncovered }, size), unlisted);
  }
  if (lies === true && stand.uncovered === undefined) return undefined;
  const leg = course.legOf.get(own.timeline);
  const number = lies === true ? stand.uncovered ?? own.first : Math.max(own.first, leg?.end ?? own.first);
  return uncoveredReason(own, number, { line, course, size });
}

function filesDoubt(completeness: Completeness | undefined): Reason | undefined {
  if (completeness === undefined || completeness.isComplete !== undefined) return undefined;
  return { code: "storage_not_listed", reason: "files of it were not found, but a storage could not be listed" };
}

/** A verdict in words, and for machines. */
interface Reason {
  readonly code: ReasonCode;
  readonly reason: string;
}

/** What is wrong with a segment that a backup needs and that is known not to be there. */
function goneReason(name: string, at: number, line: Line): Reason {
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
function uncoveredReason(own: Own, number: number, { line, course, size }: Verified): Reason {
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
interface Verified {
  readonly line: Line;
  readonly course: Course;
  readonly size: number;
}

/** Why a backup whose WAL file is no segment of the cluster's size cannot be found in the history. */
function unreadableReason(walFile: string, size: number): Reason {
  const reason = `not known where it began: '${walFile}' is not a WAL file of ${size / 1024 / 1024} MiB segments`;
  return { code: "not_covered", reason };
}

/** Why a backup of which only the name is listed cannot be judged. */
function detailsReason(): Reason {
  return { code: "not_covered", reason: "not known where it began and ended: its details cannot be listed" };
}

/** Why it is not known whether a segment is there. */
function notListedReason(name: string, storages: readonly string[]): Reason {
  const which = storages.length === 1 ? `storage ${storages[0]}` : `storages ${storages.join(", ")}`;
  return { code: "storage_not_listed", reason: `segment ${name} was not found, but ${which} could not be listed` };
}

/** Why a backup that ended since the archive was listed cannot be judged by its segments. */
function youngerReason(): Reason {
  return {
    code: "not_covered",
    reason: "not known until the WAL archive is listed again: it ended after that listing",
  };
}

/** What a backup of a branch can be restored to; `course` is the current history. */
function branchReason(timeline: number, reach: bigint | undefined, course: Course): Reason {
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
