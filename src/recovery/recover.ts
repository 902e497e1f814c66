import type { Pace } from "../base/clock.ts";
import type { BackupFiles } from "../walg/backup_files.ts";
import type { Backup } from "../walg/backup_list.ts";
import { parseSegment } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import { FOUND, type WalVerify } from "../walg/wal_verify.ts";
import { chainFaults } from "./ancestry.ts";
import { archiveLine, type Run } from "./archive_history.ts";
import { completenessIn } from "./completeness.ts";
import { type Course, courseFrom, courseOf, liesOn, type Line, type Own, ownSegments } from "./history.ts";
import { type Ground, groundOf, type Member } from "./ground.ts";
import { lostSegments, objectsInTheWay } from "./lost.ts";
import { judge } from "./judge.ts";
import type { Position } from "./moments.ts";
import type { BackupRecovery, MissingHistory, Recovery, SkippedTimeline } from "./recovery.ts";
import {
  currentTimeline,
  highestTimeline,
  inferSegmentSize,
  missingHistories,
  type Systems,
  systemsOf,
} from "./timelines.ts";
import { verifiedHistory } from "./verified_history.ts";
import { windowOf } from "./window.ts";

/** What a recovery is made from; times are Unix milliseconds. */
export interface RecoveryFacts {
  /** In the order of the list. */
  readonly backups: readonly Backup[];
  /** The last good answer of wal-archive; absent while there is none: then wal-verify's ranges stand in for it. */
  readonly archive?: WalArchive | undefined;
  /** The last good answer of wal-verify. */
  readonly verify?: WalVerify | undefined;
  /** When wal-verify was asked for it. */
  readonly verifyTime?: number | undefined;
  /** Where the cluster was seen, of `addPosition`. */
  readonly positions?: readonly Position[] | undefined;
  /** The last good answer of backup-files. */
  readonly files?: BackupFiles | undefined;
  /** Recovery goes to this timeline of the archive; absent for the current one. */
  readonly timeline?: number | undefined;
}

/** What is recoverable, and what that was judged on. */
export interface Assessment {
  readonly recovery: Recovery;
  readonly ground: Ground;
  /** The backups' own segments, in the order of the list. */
  readonly own: readonly (Own | undefined)[];
}

/** What is recoverable by what WAL-G last said. */
export function recover(facts: RecoveryFacts): Recovery {
  return assess(facts).recovery;
}

/** The same, with what it was judged on. */
export function assess(facts: RecoveryFacts): Assessment {
  const stages = assessInStages(facts);
  for (;;) {
    const { done, value } = stages.next();
    if (done) return value;
  }
}

/** The same with pauses between its stages, so that scrapes are answered meanwhile. */
export async function recoverAtPace(facts: RecoveryFacts, pace: Pace): Promise<Recovery> {
  return (await assessAtPace(facts, pace)).recovery;
}

/** {@link assess} with such pauses. */
export async function assessAtPace(facts: RecoveryFacts, pace: Pace): Promise<Assessment> {
  const stages = assessInStages(facts);
  for (;;) {
    const { done, value } = stages.next();
    if (done) return value;
    await pace();
  }
}

/** How many backups are judged between two pauses. */
const BATCH = 500;

function* assessInStages(facts: RecoveryFacts): Generator<void, Assessment> {
  const { backups, files, archive } = facts;
  const systems = systemsOf(backups);
  const size = inferSegmentSize(backups.filter((backup) => !systems.isOther(backup)));
  const own = ownSegments(backups, size);
  const members = membersOf(backups, own, systems);
  yield;
  const world = worldOf(facts, { size, own, members, systems });
  yield;
  const isShared = systems.others.length > 0;
  const { positions = [], verifyTime } = facts;
  const ground = groundOf({ size, archive, ...world, members, positions, isShared, verifyTime });
  const completenessOf = files && completenessIn(files, backups);
  const completeness = backups.map((backup) => backup.lacksDetails ? undefined : completenessOf?.(backup));
  yield;
  const faults = chainFaults({
    backups,
    own,
    courseOf: world.courseOf,
    isOther: systems.isOther,
    goneParts: (at) => {
      const { servesDeltas, reason } = completeness[at] ?? { servesDeltas: true, reason: "" };
      return servesDeltas === undefined ? undefined : servesDeltas ? "" : reason;
    },
  });
  yield;
  const judged: BackupRecovery[] = [];
  for (const [at, backup] of backups.entries()) {
    if (at % BATCH === BATCH - 1) yield;
    judged.push(
      systems.isOther(backup)
        ? ofOtherSystem(backup, systems)
        : judge({ backup, own: own[at], fault: faults[at], completeness: completeness[at] }, ground),
    );
  }
  const { line, course, currentTimeline } = world;
  yield;
  const window = windowOf(judged, { line, course, size });
  const lost = line && lostSegments({
    line,
    standing: course === undefined ? [] : members.filter(({ own }) => standsOn(course, own) || precedes(own, world)),
    newestStart: newestStart(judged, own),
    archive,
    size,
  });
  yield;
  const mismatch = mismatchOf(facts, currentTimeline);
  const newest = judged.find(({ backup }) => backup === systems.newest);
  const newestOwn = systems.newest && own[backups.indexOf(systems.newest)];
  const isOnBranch = newestOwn !== undefined && course !== undefined && liesOn(course, newestOwn) === false;
  const recovery: Recovery = {
    source: archive !== undefined ? "archive" : facts.verify !== undefined ? "wal-verify" : "none",
    segmentSize: size,
    backups: judged,
    history: line?.history ?? { spans: [], segments: 0 },
    ...(currentTimeline !== undefined && { currentTimeline }),
    ...window,
    ...waitingOf(facts, { course, size, window }),
    lostSegments: lost?.segments ?? 0,
    ...(lost !== undefined && { lost }),
    inTheWay: objectsInTheWay({ judged, own, ground, archive, until: window.until }),
    missingHistories: world.missingHistories,
    skippedTimelines: world.skipped ?? [],
    ...(mismatch !== undefined && { timelineMismatch: mismatch }),
    ...(systems.systemIdentifier !== undefined && { systemIdentifier: systems.systemIdentifier }),
    otherSystems: systems.others,
    ...(isOnBranch && newest !== undefined && { newestOnBranch: newest }),
    anyUnknown: judged.some(({ restorable, code }) => restorable === undefined && code !== "other_system"),
  };
  return { recovery, ground, own };
}

/**
 * Of the segments after the reach, those that wait for certain. What the cluster has written since the archive was listed
 * may have been archived since, too.
 */
function waitingOf(
  { archive, positions = [] }: RecoveryFacts,
  { course, size, window: { until, beyond, atRiskSegments } }: {
    readonly course: Course | undefined;
    readonly size: number;
    readonly window: ReturnType<typeof windowOf>;
  },
): Pick<Recovery, "waitingSegments"> {
  if (until === undefined || beyond === undefined || atRiskSegments === undefined) return {};
  if (archive === undefined) return { waitingSegments: atRiskSegments };
  const { notArchived, missing, unreachable, unknown } = beyond;
  const reach = parseSegment(until.segment, size)?.number ?? 0;
  const written = positions.reduce((most, { timeline, segment, firstTime }) => {
    const last = firstTime <= archive.time ? parseSegment(segment, size) : undefined;
    const leg = course?.legOf.get(timeline);
    return last === undefined || leg === undefined || last.number > leg.end
      ? most
      : Math.max(most, last.number - reach);
  }, 0);
  const atEnd = Math.min(notArchived, Math.max(0, written - missing - unreachable - unknown));
  // What lies behind a gap that is only not known to be closed may be reached.
  return { waitingSegments: missing + (missing > 0 ? unreachable : 0) + atEnd };
}

function ofOtherSystem(backup: Backup, { systemIdentifier }: Systems): BackupRecovery {
  const reason = `of another database system: its system identifier is ${backup.systemIdentifier}, that of the ` +
    `newest backup is ${systemIdentifier}`;
  return { backup, restorable: undefined, code: "other_system", reason };
}

function membersOf(
  backups: readonly Backup[],
  own: readonly (Own | undefined)[],
  { isOther }: Systems,
): readonly Member[] {
  return backups.flatMap((backup, at) => {
    const segments = own[at];
    return segments === undefined || isOther(backup) ? [] : [{ backup, own: segments }];
  });
}

/** The current history, and those of other timelines. */
interface World {
  readonly course: Course | undefined;
  readonly line: Line | undefined;
  readonly currentTimeline: number | undefined;
  readonly courseOf: (timeline: number) => Course;
  readonly missingHistories: readonly MissingHistory[];
  /** Whether it is what wal-verify's ranges tell. */
  readonly isVerified?: boolean;
  /** What wal-verify passed over. */
  readonly skipped?: readonly SkippedTimeline[];
}

interface WorldFacts {
  readonly size: number;
  readonly own: readonly (Own | undefined)[];
  readonly members: readonly Member[];
  readonly systems: Systems;
}

function worldOf(facts: RecoveryFacts, { size, own, members, systems }: WorldFacts): World {
  const { archive, backups } = facts;
  const verify = countingVerify(facts, members, systems);
  if (archive === undefined) return verifiedWorld(facts, { size, own, members, systems });
  const isShared = systems.others.length > 0;
  const newest = systems.newest && own[backups.indexOf(systems.newest)];
  const isArchiveOlder = facts.verifyTime !== undefined && archive.time < facts.verifyTime;
  const current = facts.timeline ?? currentTimeline({ archive, verify, newest, isShared, isArchiveOlder });
  const known = remembered((timeline) => courseOf(timeline, archive.parents, size));
  if (current === undefined) {
    return { course: undefined, line: undefined, currentTimeline: undefined, courseOf: known, missingHistories: [] };
  }
  const course = known(current);
  const standing = members.filter(({ own }) => standsOn(course, own));
  const from = standing.reduce((first, { own }) => Math.min(first, own.first), Infinity);
  const to = clusterEnd(verify, course, size);
  const own0 = standing.reduce((last, { own }) => Math.max(last, own.last), -1);
  const limit = isShared ? Math.max(to, own0) : Infinity;
  const since = isArchiveOlder && verify !== undefined ? foundRuns(verify, current, size) : [];
  return {
    course,
    line: archiveLine(archive, course, { size, from, to, limit, since }),
    currentTimeline: current,
    courseOf: known,
    missingHistories: missingHistories({ archive, course, backups: members }),
  };
}

function verifiedWorld({ backups, verify }: RecoveryFacts, { size, own, systems }: WorldFacts): World {
  const alone = remembered((timeline): Course => courseFrom([{ timeline, begin: 0, end: Infinity }]));
  if (verify === undefined) {
    return { course: undefined, line: undefined, currentTimeline: undefined, courseOf: alone, missingHistories: [] };
  }
  const starts = backups.map((backup, at) => {
    const segments = systems.isOther(backup) ? undefined : own[at];
    return segments && { timeline: segments.timeline, number: segments.first };
  });
  const { line, course, cutOff, skipped } = verifiedHistory(verify.integrity.ranges, size, starts);
  const current = verify.timeline.current ?? course.legs.at(-1)?.timeline;
  const upTo = remembered((timeline): Course => {
    const at = course.legs.findIndex((leg) => leg.timeline === timeline);
    if (at < 0) return alone(timeline);
    const leg = { timeline, begin: course.legs[at]?.begin ?? 0, end: Infinity };
    return courseFrom([...course.legs.slice(0, at), leg]);
  });
  return {
    course,
    line,
    courseOf: upTo,
    isVerified: true,
    skipped,
    currentTimeline: current,
    missingHistories: cutOff === undefined ? [] : [cutOff],
  };
}

/** Makes each timeline's history once. */
function remembered(make: (timeline: number) => Course): (timeline: number) => Course {
  const made = new Map<number, Course>();
  return (timeline) => {
    const course = made.get(timeline) ?? make(timeline);
    made.set(timeline, course);
    return course;
  };
}

/** With several systems, what wal-verify said before the first backup of the one that counts is another's. */
function countingVerify(
  { verify, verifyTime }: RecoveryFacts,
  members: readonly Member[],
  { others }: Systems,
): WalVerify | undefined {
  if (verify === undefined || verifyTime === undefined || others.length === 0) return verify;
  const first = members.reduce((time, { backup }) => Math.min(time, backup.startTime), Infinity);
  return verifyTime >= first ? verify : undefined;
}

/** The number of the last segment before the cluster's current one, by wal-verify; -1 where it does not say. */
function clusterEnd(verify: WalVerify | undefined, { legOf }: Course, size: number): number {
  const range = verify?.integrity.ranges.at(-1);
  const last = range && parseSegment(range.end, size);
  const leg = last && legOf.get(last.timeline);
  return last === undefined || leg === undefined || last.number > leg.end ? -1 : last.number;
}

/** What wal-verify found on a timeline, ascending. */
function foundRuns({ integrity }: WalVerify, timeline: number, size: number): readonly Run[] {
  return integrity.ranges.flatMap(({ start, end, status }): Run[] => {
    const [first, last] = [parseSegment(start, size), parseSegment(end, size)];
    if (status !== FOUND || first?.timeline !== timeline || last === undefined) return [];
    return [{ first: first.number, last: last.number, status }];
  });
}

/** Whether a backup's first segment is part of the history, even if its end is not. */
function standsOn({ legOf }: Course, { timeline, first }: Own): boolean {
  const leg = legOf.get(timeline);
  return leg !== undefined && first <= leg.end;
}

/** Whether a backup is older than what wal-verify looked at, on an earlier timeline that leads there. */
function precedes({ timeline, first }: Own, { line, course, isVerified, missingHistories }: World): boolean {
  const oldest = line?.history.spans[0];
  if (!isVerified || course === undefined || oldest === undefined || missingHistories.length > 0) return false;
  return timeline < course.root && first <= oldest.first;
}

function newestStart(judged: readonly BackupRecovery[], own: readonly (Own | undefined)[]): number {
  let newest = -1;
  for (const [at, { code }] of judged.entries()) {
    if (code === "restorable") newest = Math.max(newest, own[at]?.first ?? -1);
  }
  return newest;
}

function mismatchOf(
  { archive, verify }: RecoveryFacts,
  current: number | undefined,
): { readonly current: number; readonly highest: number } | undefined {
  const said = verify?.timeline;
  if (said?.status === "FAILURE" && said.current !== undefined && said.highestInStorage !== undefined) {
    return { current: said.current, highest: said.highestInStorage };
  }
  const highest = archive && highestTimeline(archive);
  if (current === undefined || highest === undefined || highest <= current) return undefined;
  return { current, highest };
}
