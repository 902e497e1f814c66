import { type Lsn, segmentNumberAt } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import { archivedRuns, archivedTime } from "./archive_history.ts";
import { courseOf } from "./history.ts";
import type { Recovery } from "./recovery.ts";

/** A timeline of the archive, as far as the current history does not hold it. */
export interface Branch {
  readonly timeline: number;
  /** Where it leaves the current history: a position in that, fractions are within a segment; absent where it does not. */
  readonly fork?: number;
  /** The branch that it leaves; absent where it is none. */
  readonly from?: number;
  /** How many of its segments are there, beyond the fork. */
  readonly segments: number;
  /** When the first and the last of those were archived: Unix milliseconds; absent where that is not known. */
  readonly firstTime?: number;
  readonly lastTime?: number;
}

/** The branches of the archive that the cluster left, and those that backups lie on; ascending by timeline. */
export function branchesOf(recovery: Recovery, archive: WalArchive): readonly Branch[] {
  const { currentTimeline, segmentSize: size, otherSystems, backups, history } = recovery;
  if (currentTimeline === undefined) return [];
  const { parents } = archive;
  const course = courseOf(currentTimeline, parents, size);
  const start = history.spans[0]?.first ?? 0;
  const ofBackups = new Set(backups.flatMap(({ branch }) => branch ?? []));
  const branches: Branch[] = [];
  for (const timeline of new Set([...archive.timelines.keys(), ...ofBackups].toSorted((a, b) => a - b))) {
    const leg = course.legOf.get(timeline);
    const parent = parents.get(timeline);
    const left = leg === undefined ? parent?.switchLsn : leg.endLsn;
    // Where several systems share the archive, its timelines may be the other's.
    if (!ofBackups.has(timeline) && (leg?.end === Infinity || otherSystems.length > 0)) continue;
    const at = left === undefined ? 0 : inSegments(left, size);
    // The segment of the switch alone is no branch.
    const from = leg === undefined ? Math.floor(at) : Math.ceil(at);
    const runs = archivedRuns(archive.timelines.get(timeline), size, from).filter(({ last }) => last >= from);
    const [first, last] = [runs[0]?.first, runs.at(-1)?.last];
    if (last === undefined && !ofBackups.has(timeline)) continue;
    const trunk = leg === undefined ? parent && course.legOf.get(parent.timeline) : leg;
    const isOnTrunk = trunk !== undefined && left !== undefined && Math.floor(at) <= trunk.end && at >= start;
    const time = (number: number | undefined): number | undefined =>
      number === undefined ? undefined : archivedTime(archive, { timeline, number, size });
    const [firstTime, lastTime] = [time(first === undefined ? undefined : Math.max(first, from)), time(last)];
    branches.push({
      timeline,
      segments: runs.reduce((sum, run) => sum + run.last - Math.max(run.first, from) + 1, 0),
      ...(isOnTrunk && { fork: at - start }),
      ...(!isOnTrunk && leg === undefined && parent !== undefined && { from: parent.timeline }),
      ...(firstTime !== undefined && { firstTime }),
      ...(lastTime !== undefined && { lastTime }),
    });
  }
  return branches;
}

function inSegments(lsn: Lsn, size: number): number {
  return segmentNumberAt(lsn, size) + Number(lsn % BigInt(size)) / size;
}
