import type { Backup } from "../walg/backup_list.ts";
import { formatSegment } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import { archivedTime, archiveLine } from "./archive_history.ts";
import { type Course, courseFrom, isInTheWay, liesOn, type Line, type Own, PARTLY_FOUND } from "./history.ts";
import { type MomentOf, momentsOf, type Position } from "./moments.ts";
import type { Reach } from "./recovery.ts";

/** What backups are judged on: the current history, and the branches. */
export interface Ground {
  /** Segment size in bytes. */
  readonly size: number;
  /** Whether it is the archive; else wal-verify's ranges, or nothing. */
  readonly isArchive: boolean;
  /** When it was listed, Unix milliseconds; Infinity for wal-verify's ranges, which tell of their own end. */
  readonly time: number;
  /** The storages that could not be listed. */
  readonly unlisted: readonly string[];
  /** The current history; absent where nothing is known. */
  readonly course?: Course;
  /** The segments along it. */
  readonly line?: Line;
  /** The segments of a timeline that is not part of it, or was left before. */
  readonly branchLine: (timeline: number) => Line | undefined;
  /** How far recovery goes from a span that is there. */
  readonly reachFrom: (line: Line, span: number) => Reach | undefined;
  /** The bounds of the moments at which a history's segments end. */
  readonly momentOf: (line: Line) => MomentOf;
}

/** A listed backup of the system that counts. */
export interface Member {
  readonly backup: Backup;
  readonly own: Own;
}

/** What a ground is made from. */
export interface GroundFacts {
  readonly size: number;
  readonly archive: WalArchive | undefined;
  readonly course: Course | undefined;
  readonly line: Line | undefined;
  /** The backups of the system that counts. */
  readonly members: readonly Member[];
  readonly positions: readonly Position[];
  /** Whether several systems share the archive: then only segments up to a backup's own last one count on a branch. */
  readonly isShared: boolean;
  /** When wal-verify was asked: what it found since the archive was listed had been archived by then. */
  readonly verifyTime: number | undefined;
}

/** Prepares what backups are judged on; branches are laid out when they are first asked for. */
export function groundOf(facts: GroundFacts): Ground {
  const { size, archive, course, line, members, positions, isShared, verifyTime } = facts;
  const branches = new Map<number, { readonly line: Line; readonly course: Course; readonly members: Member[] }>();
  const moments = new Map<Line, MomentOf>();
  const reaches = new Map<Line, Map<number, Reach>>();

  function branchOf(timeline: number): Line | undefined {
    if (archive === undefined || course === undefined) return undefined;
    const known = branches.get(timeline);
    if (known !== undefined) return known.line;
    const onBranch = members.filter(({ own }) => own.timeline === timeline && liesOn(course, own) !== true);
    let [from, last] = [Infinity, -1];
    for (const { own } of onBranch) [from, last] = [Math.min(from, own.first), Math.max(last, own.last)];
    const own = courseFrom([{ timeline, begin: 0, end: Infinity }]);
    const made = archiveLine(archive, own, { size, from, to: -1, limit: isShared ? last : Infinity });
    branches.set(timeline, { line: made, course: own, members: onBranch });
    return made;
  }

  /** Made once for each history that somebody asks for. */
  function momentOf(of: Line): MomentOf {
    const known = moments.get(of);
    if (known !== undefined) return known;
    const branch = [...branches.values()].find((branch) => branch.line === of);
    const facts = branch ?? { course: course ?? courseFrom([]), members: onCourse(members, course) };
    const made = momentsOf({ backups: facts.members, positions, course: facts.course, size });
    moments.set(of, made);
    return made;
  }

  function makeReach(of: Line, end: number): Reach | undefined {
    const { spans } = of.history;
    const [span, next] = [spans[end], spans[end + 1]];
    if (span === undefined) return undefined;
    const { timeline, last, status, position, first } = span;
    const isPart = status === PARTLY_FOUND;
    const listed = archive && archivedTime(archive, { timeline, number: last, size });
    // Whatever the storage's clock says, it was archived before it was listed.
    const archived = listed === undefined
      ? (archive?.source === "listing" ? verifyTime : undefined)
      : Math.min(listed, archive?.time ?? listed);
    return {
      lsn: isPart && span.until !== undefined ? span.until : BigInt(last + 1) * BigInt(size),
      segment: formatSegment({ timeline, number: last }, size),
      position: position + last - first + 1,
      ...momentOf(of)(last, archived, isPart),
      ...(!isPart && next !== undefined && isInTheWay(next) && {
        inTheWay: formatSegment({ timeline: next.timeline, number: next.first }, size),
      }),
    };
  }

  return {
    size,
    isArchive: archive !== undefined,
    time: archive?.time ?? Infinity,
    unlisted: archive?.unlisted ?? [],
    ...(course !== undefined && { course }),
    ...(line !== undefined && { line }),
    branchLine: branchOf,
    momentOf,
    reachFrom(of, span) {
      const end = of.runEnd[span];
      if (end === undefined) return undefined;
      let made = reaches.get(of);
      if (made === undefined) reaches.set(of, made = new Map());
      const reach = made.get(end) ?? makeReach(of, end);
      if (reach !== undefined) made.set(end, reach);
      return reach;
    },
  };
}

function onCourse(members: readonly Member[], course: Course | undefined): readonly Member[] {
  return course === undefined ? [] : members.filter(({ own }) => liesOn(course, own) === true);
}
