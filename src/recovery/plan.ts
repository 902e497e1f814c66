import { isKnown } from "../base/time.ts";
import { formatSecond } from "../base/text.ts";
import { type Backup, endTime, newestFirst } from "../walg/backup_list.ts";
import { formatLsn, formatSegment, type Lsn, parseSegment, segmentNumberAt } from "../walg/segment.ts";
import { archivedTime } from "./archive_history.ts";
import { isInTheWay, NOT_KNOWN, PARTLY_FOUND, type Span, spanAt } from "./history.ts";
import { type Candidate, type PlanFacts, type Stage, type Way, wayTo } from "./plan_way.ts";
import type { BackupRecovery, Reach } from "./recovery.ts";
import { formatPrecise, type PlanRequest, sayTime, type Target } from "./target.ts";

/** What a plan says, for machines. */
export type PlanCode =
  /** Everything that was committed until then is archived. */
  | "certain"
  /** It very likely is. */
  | "probable"
  | "no_backups"
  | "nothing_restorable"
  /** The backup that was asked for is not listed. */
  | "backup_not_listed"
  /** The backup that was asked for cannot be restored. */
  | "backup_not_restorable"
  /** The timeline that was asked for is not in the archive. */
  | "timeline_not_archived"
  | "in_future"
  | "before_first"
  | "after_last"
  /** In a gap of the archive. */
  | "hole"
  /** This PostgreSQL has no such target. */
  | "not_supported"
  /** What it rests on is not known. */
  | "not_known";

/** A point that can be recovered; a time is Unix milliseconds. */
export interface Point {
  readonly time?: number;
  readonly lsn?: Lsn;
}

/** How to recover a target, or why that is not possible. */
export interface Plan {
  /** undefined where it is not known. */
  readonly possible: boolean | undefined;
  readonly code: PlanCode;
  /** One sentence without a full stop. */
  readonly reason: string;
  readonly request: PlanRequest;
  /** What is to be restored; absent where the target cannot be recovered, as is what follows. */
  readonly way?: Way;
  /** The nearest point before the target that can be recovered; only where the target cannot, and there is one. */
  readonly before?: Point;
  /** The nearest one after it. */
  readonly after?: Point;
  /** One sentence each, without a full stop. */
  readonly warnings: readonly string[];
}

/** How to recover a target by what is known. */
export function planOf(request: PlanRequest, facts: PlanFacts): Plan {
  const { assessment: { recovery, ground, own }, archive, now } = facts;
  const { target, timeline } = request;
  const { line, course, size } = ground;
  const notes: string[] = [];
  if (target.kind === "time" && target.isZoneAssumed) notes.push("The target names no time zone: it is taken as UTC");

  const not = (possible: false | undefined, code: PlanCode, reason: string, near: Nearest = {}): Plan => {
    return { possible, code, reason, request, ...near, warnings: notes };
  };
  const counting = recovery.backups.filter(({ backup, code }) =>
    code !== "other_system" && (request.backup === undefined || backup.name === request.backup)
  );
  const named = recovery.backups.find(({ backup }) => backup.name === request.backup);
  if (recovery.otherSystems.length > 0) notes.push("Backups of another database system are listed; none is used");
  if (request.backup !== undefined && named === undefined) {
    return not(false, "backup_not_listed", `There is no backup ${request.backup}`);
  }
  if (recovery.backups.length === 0) return not(false, "no_backups", "There is no backup");
  if (timeline !== undefined && archive === undefined) {
    return not(undefined, "not_known", "Without an answer of wal-archive nothing is known of single timelines");
  }
  if (timeline !== undefined && !archive?.timelines.has(timeline) && !archive?.histories.has(timeline)) {
    return not(false, "timeline_not_archived", `The archive has nothing of timeline ${timeline}`);
  }
  if (named !== undefined && named.code !== "restorable") {
    const why = `${named.backup.name} ${named.restorable === false ? "cannot be restored" : "cannot be used"}: ` +
      named.reason;
    return named.restorable === undefined && named.code !== "other_system"
      ? not(undefined, "not_known", why)
      : not(false, "backup_not_restorable", why);
  }
  const candidates = recovery.backups.flatMap((judged, at): readonly Candidate[] => {
    const segments = own[at];
    const last = judged.reach && parseSegment(judged.reach.segment, size)?.number;
    if (judged.code !== "restorable" || !counting.includes(judged)) return [];
    if (segments === undefined || judged.reach === undefined || last === undefined) return [];
    return [{ backup: judged.backup, own: segments, reach: judged.reach, last }];
  });
  const unsure = counting.filter(({ restorable }) => restorable === undefined);
  if (line === undefined || course === undefined || candidates.length === 0) {
    const [newest] = newestFirst(unsure);
    return newest !== undefined
      ? not(undefined, "not_known", `Of no backup is it known whether it can be restored: ${sayWhy(newest)}`)
      : not(
        false,
        "nothing_restorable",
        `No backup can be restored${onTimeline(timeline)}: ${newestFirst(counting).slice(0, 1).map(sayWhy).join("")}`,
      );
  }
  if (target.kind === "time" && target.time > now) {
    const reason = `${formatPrecise(target.time)} is in the future: it is ${formatSecond(now)}`;
    return not(false, "in_future", reason, nearestTo(target, candidates));
  }
  const stage: Stage = { line, course, size };
  const fit = newestFirst(candidates).filter(({ backup }) => isDone(backup, target));
  const best = target.kind === "latest"
    ? fit.find(({ reach }) => fit.every((other) => other.reach.lsn <= reach.lsn))
    : fit.find(({ reach }) => covers(reach, target));
  if (best === undefined) return { ...cannot(), warnings: notes };
  if (target.kind === "lsn" && best.backup.pgVersion > 0 && best.backup.pgVersion < 100_000) {
    return not(false, "not_supported", "PostgreSQL before version 10 cannot recover to an LSN: give a time");
  }
  const way = wayTo(target, { best, stage, facts });
  const { leftAt } = way;
  const certain = isCertain(best, target, stage) && (leftAt === undefined || target.kind === "latest");
  if (
    leftAt !== undefined && target.kind === "latest" && best.backup.pgVersion > 0 && best.backup.pgVersion < 100_000
  ) {
    const reason = "PostgreSQL before version 10 cannot stop at an LSN: after " +
      `${formatLsn(leftAt)} it would go on in what was left of the timeline before; give an earlier time`;
    return not(false, "not_supported", reason);
  }
  notes.push(...warnings(way));
  return {
    possible: true,
    code: certain ? "certain" : "probable",
    reason: possibleReason(target, best, certain),
    request,
    way,
    warnings: notes,
  };

  /** Why no candidate will do. */
  function cannot(): Plan {
    const doubt = newestFirst(unsure).find(({ backup }) =>
      isDone(backup, target) || (target.kind === "time" && !isKnown(endTime(backup)))
    );
    const near = nearestTo(target, candidates);
    const what = sayTarget(target);
    if (doubt !== undefined) {
      return not(undefined, "not_known", `It is not known whether ${what} can be recovered: ${sayWhy(doubt)}`, near);
    }
    const farthest = fit.reduce<Candidate | undefined>((a, b) => a && a.reach.lsn >= b.reach.lsn ? a : b, undefined);
    if (farthest === undefined) {
      const first = candidates.reduce((a, b) => isEarlier(a.backup, b.backup, target) ? a : b).backup;
      const when = target.kind === "lsn" ? formatLsn(first.finishLsn) : sayTime(endTime(first));
      const which = request.backup !== undefined ? first.name : `the first restorable backup${onTimeline(timeline)}`;
      return not(false, "before_first", `${what} is before ${which}, which finished at ${when}`, near);
    }
    const { reach, last } = farthest;
    const { history: { spans }, newestFound, isEndKnown } = stage.line;
    const at = spanAt(stage.line.history, last) ?? -1;
    const [end, next] = [spans[at], spans[at + 1]];
    // The parent's file ends where the timeline began: what is missing is the timeline's own.
    const gap = end?.status === PARTLY_FOUND ? { ...end, timeline: (next ?? end).timeline } : next;
    const isOpen = !isEndKnown && (gap !== next || gap === undefined || gap.status === NOT_KNOWN);
    if (isOpen) {
      const reason = `It is not known whether ${what} can be recovered: what is archived after ${reach.segment} is not`;
      return not(undefined, "not_known", reason, near);
    }
    if (target.kind === "time" && reach.moment === undefined) {
      const reason = `It is not known whether ${what} can be recovered: the archive's times are not known`;
      return not(undefined, "not_known", reason, near);
    }
    const isHole = gap !== undefined && newestFound > at;
    if (isHole) return not(false, "hole", `${what} lies in a gap: ${sayGap(gap, size)}`, near);
    const until = target.kind === "lsn" ? formatLsn(reach.lsn) : `about ${sayTime(reach.moment ?? 0)}`;
    const reason = `${what} is after the end of the archived WAL${onTimeline(timeline)}, ${until}`;
    return not(false, "after_last", reason, near);
  }

  function* warnings({ backup, reach, timeline: to, leftAt }: Way): Generator<string> {
    const newer = newestFirst(recovery.backups).filter((other) => {
      return other.code !== "restorable" && other.code !== "other_system" && other.code !== "branch" &&
        request.backup === undefined && endTime(other.backup) > endTime(backup) && isDone(other.backup, target);
    });
    for (const other of newer.slice(0, MOST_SKIPPED)) yield `Newer, but not used: ${sayWhy(other)}`;
    if (newer.length > MOST_SKIPPED) yield `Neither are ${newer.length - MOST_SKIPPED} more`;
    const chosen = recovery.backups.find((other) => other.backup === backup);
    if (chosen?.isComplete === undefined) {
      yield `Whether all files of ${backup.name} are in the storage is not known: backup-files has not seen it`;
    }
    if (backup.pgVersion === 0) {
      yield `Of which PostgreSQL ${backup.name} is, wal-g does not say: the commands are for version 12 and later`;
    }
    if (target.kind === "latest" && recovery.beyond !== undefined && recovery.beyond.unreachable > 0) {
      const gap = recovery.beyond.firstMissing ?? "a segment";
      yield `It ends after ${reach.segment}: ${gap} is missing, and ${recovery.beyond.unreachable} archived ` +
        "segments behind it cannot be reached";
    }
    if (leftAt !== undefined) {
      const where = `${formatLsn(leftAt)}, where timeline ${to} begins`;
      const why =
        "of that the next segment is not archived, and PostgreSQL goes on in what was left of the timeline before";
      yield target.kind === "latest"
        ? `It stops before ${where}: ${why}`
        : `By a time it may pass ${where}: ${why}, with all that was committed there until then; ` +
          "-to=latest stops before it";
    }
    if (archive !== undefined && archive.unlisted.length > 0) {
      yield `Not every storage could be listed (${archive.unlisted.join(", ")}): there may be more`;
    }
    const left = target.kind === "time" && leftBranch(target.time, to);
    if (left) yield left;
    yield TABLESPACES;
  }

  /** Where the cluster was on another timeline at that time, of which the history has only the beginning. */
  function leftBranch(time: number, to: number): string | undefined {
    if (archive === undefined || course === undefined || line === undefined) return undefined;
    for (const { timeline: parent, endLsn, end } of course.legs) {
      const child = course.legs[course.legs.findIndex((leg) => leg.timeline === parent) + 1];
      const beyond = archive.timelines.get(parent)?.newestTime;
      const begun = child && archive.histories.get(child.timeline)?.time;
      if (endLsn === undefined || child === undefined || beyond === undefined) continue;
      const before = archivedTime(archive, { timeline: parent, number: end - 1, size });
      const isThere = archivedTime(archive, { timeline: parent, number: end, size }) !== undefined;
      if (!isThere || before === undefined || time <= before || time > Math.min(beyond, begun ?? Infinity)) continue;
      if (to === parent) continue;
      return `At that time the cluster may have been on what it left of timeline ${parent}, which went on after ` +
        `${formatLsn(endLsn)}: for that, plan with -timeline=${parent}`;
    }
    return undefined;
  }
}

/** WAL-G lists no tablespaces, and recovery makes those that came after the backup. */
const TABLESPACES =
  "Whether there are tablespaces is not known: wal-g and PostgreSQL restore them to the folders they " +
  "had, over what is there, wherever PGDATA is; where those may hold live data, restore on another host unless " +
  "'SELECT pg_tablespace_location(oid) FROM pg_tablespace' names none";

/** How many backups that are not used are named. */
const MOST_SKIPPED = 3;

interface Nearest {
  readonly before?: Point;
  readonly after?: Point;
}

/** Whether a backup had ended at the target. */
function isDone(backup: Backup, target: Target): boolean {
  if (target.kind === "latest") return true;
  if (target.kind === "lsn") return backup.finishLsn <= target.lsn;
  return isKnown(endTime(backup)) && endTime(backup) <= target.time;
}

/** Whether what is recovered from a backup may go as far as the target. */
function covers(reach: Reach, target: Target): boolean {
  if (target.kind === "lsn") return target.lsn < reach.lsn;
  return target.kind === "latest" || target.time <= (reach.moment ?? reach.certain ?? -Infinity);
}

function isCertain({ reach, last }: Candidate, target: Target, { size }: Stage): boolean {
  if (target.kind === "latest") return true;
  // In the last segment no record need follow that LSN.
  if (target.kind === "lsn") return segmentNumberAt(target.lsn, size) < last;
  return reach.certain !== undefined && target.time <= reach.certain;
}

function isEarlier(a: Backup, b: Backup, target: Target): boolean {
  return target.kind === "lsn" ? a.finishLsn <= b.finishLsn : endTime(a) <= endTime(b);
}

/** The nearest points that can be recovered: the end of one reach before the target, the end of one backup after it. */
function nearestTo(target: Target, candidates: readonly Candidate[]): Nearest {
  if (target.kind === "latest") return {};
  let [before, after]: [Point | undefined, Point | undefined] = [undefined, undefined];
  for (const { backup, reach } of candidates) {
    const [finish, end] = [endTime(backup), reach.moment ?? reach.certain];
    const isTimed = isKnown(finish) && end !== undefined && finish <= end;
    if (target.kind === "lsn") {
      const last = reach.lsn - 1n;
      if (last < target.lsn && last > (before?.lsn ?? -1n)) before = { lsn: last, ...(isTimed && { time: end }) };
      if (backup.finishLsn > target.lsn && (after?.lsn === undefined || backup.finishLsn < after.lsn)) {
        after = { lsn: backup.finishLsn, ...(isTimed && { time: finish }) };
      }
    } else if (isTimed) {
      if (end < target.time && end > (before?.time ?? -Infinity)) before = { time: end, lsn: reach.lsn - 1n };
      if (finish > target.time && finish < (after?.time ?? Infinity)) after = { time: finish, lsn: backup.finishLsn };
    }
  }
  return { ...(before && { before }), ...(after && { after }) };
}

function possibleReason(target: Target, { reach }: Candidate, certain: boolean): string {
  const { moment, certain: known } = reach;
  const end = `${formatLsn(reach.lsn)}${moment === undefined ? "" : `, about ${sayTime(moment)}`}`;
  if (target.kind === "latest") return `The archived WAL can be recovered up to its end, ${end}`;
  const what = sayTarget(target);
  if (target.kind === "lsn") {
    return certain
      ? `${what} can be recovered: the archived WAL goes on to ${end}`
      : `${what} can probably be recovered: it is in the last archived segment, which may end before it`;
  }
  if (certain) return `${what} can be recovered: all that was committed until then is archived`;
  const until = known === undefined ? "" : ` for certain until ${sayTime(known)},`;
  return `${what} can probably be recovered: what was committed is archived${until} and until about ` +
    `${moment === undefined ? "then" : sayTime(moment)} by the times of the archive`;
}

function sayTarget(target: Target): string {
  if (target.kind === "latest") return "The latest state";
  return target.kind === "lsn" ? formatLsn(target.lsn) : formatPrecise(target.time);
}

function sayWhy({ backup, reason, restorable }: BackupRecovery): string {
  const why = reason === "" ? restorable === true ? "it is on another timeline" : "not known" : reason;
  return `${backup.name}: ${why}`;
}

function onTimeline(timeline: number | undefined): string {
  return timeline === undefined ? "" : ` along timeline ${timeline}`;
}

function sayGap(span: Span, size: number): string {
  const first = formatSegment({ timeline: span.timeline, number: span.first }, size);
  if (isInTheWay(span)) return `WAL segment ${first} is empty or has the wrong size`;
  const last = formatSegment({ timeline: span.timeline, number: span.last }, size);
  return first === last ? `WAL segment ${first} is missing` : `the WAL segments ${first} to ${last} are missing`;
}
