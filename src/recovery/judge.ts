import { type Backup, endTime } from "../walg/backup_list.ts";
import { formatSegment } from "../walg/segment.ts";
import type { ChainFault } from "./ancestry.ts";
import type { Completeness } from "./completeness.ts";
import { liesOn, type Own } from "./course.ts";
import type { Ground } from "./ground.ts";
import { isUsable, type Line, PARTLY_FOUND, spanAt } from "./history.ts";
import {
  branchReason,
  detailsReason,
  goneReason,
  notListedReason,
  type Reason,
  uncoveredReason,
  unreadableReason,
  youngerReason,
} from "./reason.ts";
import type { BackupRecovery } from "./recovery.ts";

/** What is known of one backup beside the WAL. */
export interface Candidate {
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
