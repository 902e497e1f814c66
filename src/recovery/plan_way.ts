import { isKnown } from "../base/time.ts";
import { type Backup, endTime } from "../walg/backup_list.ts";
import { formatSegment, type Lsn, parseSegment, segmentNumberAt } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import { FOUND } from "../walg/wal_verify.ts";
import { archivedRuns, archivedTime, storedBytes } from "./archive_history.ts";
import { type Course, type Line, type Own, PARTLY_FOUND, type Span, spanAt } from "./history.ts";
import type { Assessment } from "./recover.ts";
import type { BackupRecovery, InTheWay, Reach } from "./recovery.ts";
import { sayTime, type Target } from "./target.ts";

/** What is to be restored. */
export interface Way {
  readonly backup: Backup;
  /** Why that one: one sentence without a full stop. */
  readonly why: string;
  /** The backups whose files it needs too, the full one first. */
  readonly ancestors: readonly Backup[];
  /** Bytes of it and its ancestors before compression. */
  readonly backupBytes: number;
  /** What `recovery_target_timeline` has to be. */
  readonly timeline: number;
  /** WAL file name of the first segment to be replayed. */
  readonly firstSegment: string;
  /** WAL file name of the last one; for a time, about. */
  readonly lastSegment: string;
  readonly segments: number;
  /** Bytes of these segments. */
  readonly walBytes: number;
  /** What of them is in the storage; absent where sizes are not known. */
  readonly storedWalBytes?: number;
  readonly reach: Reach;
  /** An object that has to be removed first, as recovery would end at it with FATAL. */
  readonly inTheWay?: InTheWay;
  /**
   * Set where the target itself may not end recovery before the end of what is archived along the history, and
   * PostgreSQL would then go on in what was left of a timeline: the LSN before which it has to stop.
   */
  readonly leftAt?: Lsn;
}

/** What a plan is made from. */
export interface PlanFacts {
  /** Of the timeline that the request names, where it names one. */
  readonly assessment: Assessment;
  readonly archive: WalArchive | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** A backup that can be restored along the history, and how far. */
export interface Candidate {
  readonly backup: Backup;
  readonly own: Own;
  readonly reach: Reach;
  /** The number of the last segment that it reaches. */
  readonly last: number;
}

/** The history that a plan goes along. */
export interface Stage {
  readonly line: Line;
  readonly course: Course;
  readonly size: number;
}

export interface WayFacts {
  readonly best: Candidate;
  readonly stage: Stage;
  readonly facts: PlanFacts;
}

/** The way to a target from a backup that reaches it. */
export function wayTo(target: Target, { best, stage, facts }: WayFacts): Way {
  const { assessment: { recovery }, archive } = facts;
  const { size, line } = stage;
  const { backup, own, reach } = best;
  const end = endOf(target, { best, stage, facts });
  const { last } = end;
  // A backup is never recovered along a timeline that it came from.
  const timeline = Math.max(end.timeline, own.timeline);
  const ancestors = ancestorsOf(backup, recovery.backups);
  const segments = last - own.first + 1;
  const stored = archive && bytesAlong(archive, line, { first: own.first, last, size });
  // A time may be met only by the first commit after it, wherever that is.
  const mayMeet = target.kind !== "lsn" || last === best.last;
  const leftAt = end.isOpen ? leftAfter(best, stage, archive) : undefined;
  const inTheWay = recovery.inTheWay.find(({ segment }) => {
    // A later timeline's object is not asked for.
    return mayMeet && segment === reach.inTheWay && (parseSegment(segment, size)?.timeline ?? 0) <= timeline;
  });
  return {
    backup,
    why: whyThat(target, best, facts),
    ancestors,
    backupBytes: [backup, ...ancestors].reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0),
    timeline,
    firstSegment: nameAt(own.first, own.timeline, stage),
    lastSegment: nameAt(last, timeline, stage),
    segments,
    walBytes: segments * size,
    ...(stored !== undefined && { storedWalBytes: stored }),
    reach,
    ...(inTheWay !== undefined && { inTheWay }),
    ...(leftAt !== undefined && { leftAt }),
  };
}

/**
 * The LSN at which a timeline begins of which nothing is archived, where the parent's file goes on after it. PostgreSQL
 * takes a segment from the newest timeline of its history that has it, and knows no end of a parent: with recovery to
 * timeline 2 and its first segment not archived, PostgreSQL 15 replayed what timeline 1 had after the switch.
 */
function leftAfter({ last, reach }: Candidate, { line, course, size }: Stage, archive?: WalArchive): Lsn | undefined {
  const span = spanOf(last, line);
  if (span === undefined) return undefined;
  if (span.status === PARTLY_FOUND) return span.until;
  const begins = course.legs.some(({ begin, timeline }) => begin === last + 1 && timeline > span.timeline);
  const isParents = begins && archive !== undefined &&
    archivedTime(archive, { timeline: span.timeline, number: last + 1, size }) !== undefined;
  return isParents ? reach.lsn : undefined;
}

/** In which segment a recovery ends, on which timeline, and whether it may go on to the end of what is archived. */
function endOf(
  target: Target,
  { best, stage, facts }: WayFacts,
): { readonly last: number; readonly timeline: number; readonly isOpen: boolean } {
  const { archive, assessment: { ground } } = facts;
  const { line, course, size } = stage;
  if (target.kind === "latest") {
    return { last: best.last, timeline: timelineAt(best.last, true, stage), isOpen: true };
  }
  if (target.kind === "lsn") {
    const last = segmentNumberAt(target.lsn, size);
    const served = spanOf(last, line)?.timeline ?? best.own.timeline;
    // Recovered along the timeline that has it, if its own file is there: nothing is then left of a later one.
    const leg = course.legs.find(({ endLsn }) => endLsn === undefined || target.lsn < endLsn);
    const isOwn = leg !== undefined && leg.timeline < served &&
      archivedRuns(archive?.timelines.get(leg.timeline), size, last)
        .some((run) => run.status === FOUND && run.first <= last && last <= run.last);
    return { last, timeline: isOwn ? leg.timeline : timelineAt(last, last === best.last, stage), isOpen: false };
  }
  const momentOf = ground.momentOf(line);
  let likely: number | undefined;
  for (let number = best.own.first; number <= best.last; number++) {
    const timeline = spanOf(number, line)?.timeline ?? 0;
    const { certain, moment } = momentOf(number, archive && archivedTime(archive, { timeline, number, size }));
    if (number >= best.own.last && moment !== undefined && moment >= target.time) likely ??= number;
    if (number < best.own.last || certain === undefined || certain < target.time) continue;
    return { last: likely ?? number, timeline: timelineAt(number, false, stage), isOpen: number === best.last };
  }
  return { last: likely ?? best.last, timeline: timelineAt(best.last, true, stage), isOpen: true };
}

/**
 * The timeline along which a recovery must go that ends with a segment: the newest one that had begun there. A later one
 * would be named as the parent of the timeline that the recovery begins.
 *
 * @param isEnd whether nothing else ends it there: then PostgreSQL must not go on in what was left of a timeline
 */
function timelineAt(number: number, isEnd: boolean, { course }: Stage): number {
  return course.legs.findLast(({ begin }) => begin <= (isEnd ? number + 1 : number))?.timeline ?? 0;
}

function spanOf(number: number, { history }: Line): Span | undefined {
  return history.spans[spanAt(history, number) ?? -1];
}

function nameAt(number: number, timeline: number, { line, size }: Stage): string {
  return formatSegment({ timeline: spanOf(number, line)?.timeline ?? timeline, number }, size);
}

function bytesAlong(
  archive: WalArchive,
  { history }: Line,
  { first, last, size }: { readonly first: number; readonly last: number; readonly size: number },
): number | undefined {
  let sum = 0;
  for (const span of history.spans.slice(spanAt(history, first) ?? 0)) {
    if (span.first > last) break;
    const part = { timeline: span.timeline, first: Math.max(first, span.first), last: Math.min(last, span.last), size };
    const bytes = storedBytes(archive, part);
    if (bytes === undefined) return undefined;
    sum += bytes;
  }
  return sum;
}

/** The full one first. */
function ancestorsOf(backup: Backup, listed: readonly BackupRecovery[]): readonly Backup[] {
  const byName = new Map(listed.map(({ backup }) => [backup.name, backup]));
  const ancestors: Backup[] = [];
  for (let at = byName.get(backup.parent); at !== undefined; at = byName.get(at.parent)) ancestors.unshift(at);
  return ancestors;
}

function whyThat(target: Target, { backup }: Candidate, { assessment: { recovery } }: PlanFacts): string {
  const alone = recovery.backups.filter(({ code }) => code === "restorable").length === 1;
  const ended = isKnown(endTime(backup))
    ? `it finished at ${sayTime(endTime(backup))}`
    : "when it finished is not known";
  if (alone) return `It is the only backup that can be restored; ${ended}`;
  return target.kind === "latest"
    ? `It is the newest of the backups that reach farthest; ${ended}`
    : `It is the newest restorable backup that finished before the target; ${ended}`;
}
