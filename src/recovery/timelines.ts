import { type Backup, sentinelTime } from "../walg/backup_list.ts";
import { DEFAULT_SEGMENT_SIZE, timelineHex } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import type { WalVerify } from "../walg/wal_verify.ts";
import type { Course, Own } from "./history.ts";
import { type MissingHistory, MOST_NAMES, type OtherSystem } from "./recovery.ts";

/** What tells the timeline that recovery goes to. */
export interface CurrentFacts {
  readonly archive: WalArchive;
  /** The last good answer of wal-verify; absent where there is none that counts. */
  readonly verify: WalVerify | undefined;
  /** The newest backup's own segments. */
  readonly newest: Own | undefined;
  /** Whether several database systems share the archive: then its timelines may be another's. */
  readonly isShared: boolean;
  /** Whether the archive was looked at before wal-verify saw the cluster. */
  readonly isArchiveOlder: boolean;
}

/**
 * The timeline that recovery goes to: the cluster's, unless the archive has one that came from it since.
 *
 * @returns undefined where nothing tells it
 */
export function currentTimeline(facts: CurrentFacts): number | undefined {
  const { archive, verify, newest, isShared, isArchiveOlder } = facts;
  const cluster = verify?.timeline.current ?? verify?.integrity.ranges.at(-1)?.timeline;
  if (isShared) return cluster ?? newest?.timeline;
  const highest = highestTimeline(archive);
  if (cluster === undefined) return highest ?? newest?.timeline;
  const known = allTimelines(archive);
  // The cluster was promoted since the archive was looked at: what was there then still holds.
  const isNew = isArchiveOlder && !known.includes(cluster);
  const before = isNew ? known.filter((timeline) => timeline < cluster) : [];
  if (before.length > 0) return before.reduce((a, b) => Math.max(a, b));
  return known.filter((timeline) => comesFrom(timeline, cluster, archive))
    .reduce((a, b) => Math.max(a, b), cluster);
}

/** The highest timeline that has a segment or a `.history` file; undefined where none has. */
export function highestTimeline(archive: WalArchive): number | undefined {
  return allTimelines(archive).reduce<number | undefined>((a, b) => Math.max(a ?? b, b), undefined);
}

/** The timelines that have a segment or a `.history` file, in no order. */
export function allTimelines({ timelines, histories }: WalArchive): readonly number[] {
  return [...new Set([...timelines.keys(), ...histories.keys()])];
}

function comesFrom(timeline: number, ancestor: number, { parents }: WalArchive): boolean {
  // A parent's number is always lower, so that this ends.
  let at: number | undefined = timeline;
  while (at !== undefined && at > ancestor) at = parents.get(at)?.timeline;
  return at === ancestor && timeline !== ancestor;
}

/** What tells which `.history` files are missing. */
export interface HistoryFacts {
  readonly archive: WalArchive;
  /** The current history. */
  readonly course: Course;
  /** Those of the system that counts. */
  readonly backups: Iterable<{ readonly backup: Backup; readonly own: Own }>;
}

/**
 * The `.history` files without which recovery does not get to the current timeline.
 *
 * PostgreSQL's `latest` is the highest number up to which it can count without a missing one; a timeline on the way that
 * was left long ago counts, too.
 */
export function missingHistories({ archive, course, backups }: HistoryFacts): readonly MissingHistory[] {
  const current = course.legs.at(-1)?.timeline ?? 0;
  let lowest = Infinity;
  for (const { own } of backups) lowest = Math.min(lowest, own.timeline);
  const missing: MissingHistory[] = [];
  const { root } = course;
  const add = (timeline: number, isOnHistory: boolean, cutsOff: boolean): void => {
    const file = archive.histories.get(timeline);
    missing.push({
      timeline,
      file: file?.name ?? `${timelineHex(timeline).toUpperCase()}.history`,
      cause: file === undefined ? "missing" : "unreadable",
      isOnHistory,
      cutsOff,
    });
  };
  if (root > 1) {
    const cutsOff = lowest < root || [...archive.timelines.keys()].some((timeline) => timeline < root);
    if (cutsOff || root === current) add(root, true, cutsOff);
  }
  // Only a listing tells which files are there. Few clusters have more timelines than that.
  const from = archive.source === "listing" ? Math.max(lowest + 1, 2, current - MOST_COUNTED) : Infinity;
  for (let timeline = from; timeline <= current; timeline++) {
    if (timeline === root || archive.histories.has(timeline) || archive.parents.has(timeline)) continue;
    add(timeline, course.legOf.has(timeline), true);
  }
  return missing.sort((a, b) => a.timeline - b.timeline);
}

/** How many timelines before the current one are looked at. */
const MOST_COUNTED = 1000;

/** Which database systems the backups are of. */
export interface Systems {
  /** The newest backup; undefined without backups. */
  readonly newest: Backup | undefined;
  /** Of the newest backup; undefined where WAL-G names none. */
  readonly systemIdentifier: bigint | undefined;
  readonly others: readonly OtherSystem[];
  /** Whether a backup is of another system than the newest one; one of which WAL-G names none is not. */
  readonly isOther: (backup: Backup) => boolean;
}

/** Tells the systems apart: the newest backup's is the one that counts. */
export function systemsOf(backups: readonly Backup[]): Systems {
  let newest: Backup | undefined;
  const detailed = backups.filter(({ lacksDetails }) => !lacksDetails);
  for (const backup of detailed.length > 0 ? detailed : backups) {
    if (newest === undefined || sentinelTime(backup) >= sentinelTime(newest)) newest = backup;
  }
  const systemIdentifier = newest?.systemIdentifier;
  const isOther = (backup: Backup): boolean =>
    systemIdentifier !== undefined && backup.systemIdentifier !== undefined &&
    backup.systemIdentifier !== systemIdentifier;
  const others = new Map<bigint, { systemIdentifier: bigint; names: string[]; backups: number }>();
  for (const backup of backups) {
    if (!isOther(backup) || backup.systemIdentifier === undefined) continue;
    const other = others.get(backup.systemIdentifier) ??
      { systemIdentifier: backup.systemIdentifier, names: [], backups: 0 };
    others.set(backup.systemIdentifier, other);
    other.backups++;
    if (other.names.length < MOST_NAMES) other.names.push(backup.name);
  }
  return { newest, systemIdentifier, others: [...others.values()], isOther };
}

const SMALLEST = 1024 * 1024;
const LARGEST = 1024 * 1024 * 1024;
/** How many backups are looked at: as many as it takes to be sure. */
const MOST_ASKED = 500;
const NAME = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})$/;

/** 1 MiB, 2 MiB … 1 GiB: the sizes that `initdb --wal-segsize` takes, in bytes. */
export const SEGMENT_SIZES: readonly number[] = Array.from(
  { length: Math.log2(LARGEST / SMALLEST) + 1 },
  (_, doublings) => SMALLEST * 2 ** doublings,
);

/**
 * The cluster's segment size in bytes: the one for which most backups started in the file that WAL-G names.
 *
 * 16 MiB where it is among the best (a backup in the first segment of a log fits many sizes) and without backups; else
 * the smallest of the best.
 */
export function inferSegmentSize(backups: readonly Backup[]): number {
  const agreeing = new Float64Array(SEGMENT_SIZES.length);
  const step = Math.ceil(backups.length / MOST_ASKED);
  for (let nth = 0; nth < backups.length; nth += step) {
    const { walFile = "", startLsn = 0n } = backups[nth] ?? {};
    const [, log, place] = NAME.exec(walFile) ?? [];
    if (log === undefined || place === undefined || parseInt(log, 16) !== Number(startLsn >> 32n)) continue;
    const [low, index] = [Number(startLsn & 0xffff_ffffn), parseInt(place, 16)];
    for (const [at, size] of SEGMENT_SIZES.entries()) {
      if (Math.floor(low / size) === index) agreeing[at] = (agreeing[at] ?? 0) + 1;
    }
  }
  const most = Math.max(...agreeing);
  const best = SEGMENT_SIZES.filter((_, at) => agreeing[at] === most);
  return best.find((size) => size === DEFAULT_SEGMENT_SIZE) ?? best[0] ?? DEFAULT_SEGMENT_SIZE;
}
