import { archivedTime } from "../../../recovery/archive_history.ts";
import { branchesOf } from "../../../recovery/branches.ts";
import { isUsable, NOT_KNOWN, PARTLY_FOUND, type Span } from "../../../recovery/history.ts";
import type { BackupRecovery, Recovery } from "../../../recovery/recovery.ts";
import { isKnown } from "../../../base/time.ts";
import { type Backup, endTime } from "../../../walg/backup_list.ts";
import { formatSegment, parseSegment } from "../../../walg/segment.ts";
import type { WalArchive } from "../../../walg/wal_archive.ts";
import type { TimeScale } from "./time_axis.ts";

/** A position in the WAL of which it is known when it was written. */
interface WalPoint {
  /** In the history, or after its end; fractions are within a segment. */
  readonly position: number;
  /** Unix milliseconds. */
  readonly time: number;
}

/** What is known of the WAL. */
export interface WalFacts {
  readonly recovery: Recovery;
  readonly newestFirst: readonly BackupRecovery[];
  /** When that was asked for which `recovery` rests on: Unix milliseconds. */
  readonly askedTime: number;
  /** Where it rests on the archive. */
  readonly archive?: WalArchive | undefined;
}

/** Of more spans or backups than that, only some are asked for their times: the others are hardly seen. */
const SAMPLED = 500;

/**
 * The points of which the time is known, ascending in both: where segments are there, when they were archived, and of a
 * backup's start and finish both LSN and time.
 *
 * Left out is what cannot be: a backup that ended before it began, one of after the listing, and those that contradict
 * the most others, as one of another server or of a wrong clock does, and segments that were archived late or copied.
 */
export function walPoints({ recovery, newestFirst, askedTime, archive }: WalFacts): readonly WalPoint[] {
  const { history: { spans }, segmentSize: size, until } = recovery;
  const points: WalPoint[] = [];
  for (const entry of sampled(newestFirst)) {
    const position = entry.position ?? positionAfter(entry, recovery);
    if (position === undefined) continue;
    for (const point of pointsOf(entry.backup, position, size)) if (point.time <= askedTime) points.push(point);
  }
  for (const { timeline, first, last, position } of archive === undefined ? [] : sampled(spans.filter(isUsable))) {
    for (const number of new Set([first, last])) {
      const time = archive && archivedTime(archive, { timeline, number, size });
      if (time !== undefined) points.push({ position: position + number - first + 1, time });
    }
  }
  const { position: end = -1, moment } = until ?? {};
  if (moment === undefined) return longestRise(points);
  // The end of what can be recovered is where it is said to be.
  const agreeing = points.filter(({ position, time }) =>
    position === end ? false : position < end ? time <= moment : time >= moment
  );
  return longestRise([...agreeing, { position: end, time: moment }]);
}

/** Not more than {@link SAMPLED}, the first and the last among them. */
function sampled<T>(list: readonly T[]): readonly T[] {
  const step = Math.ceil(list.length / (SAMPLED - 1));
  return step <= 1 ? list : list.filter((_, at) => at % step === 0 || at === list.length - 1);
}

function pointsOf({ startLsn, startTime, finishLsn, finishTime }: Backup, position: number, size: number): WalPoint[] {
  if (!isKnown(startTime) || (isKnown(finishTime) && finishTime < startTime)) return [];
  const offset = Number(startLsn % BigInt(size));
  const start = { position: position + offset / size, time: startTime };
  if (!isKnown(finishTime) || finishLsn <= startLsn) return [start];
  return [start, { position: position + (offset + Number(finishLsn - startLsn)) / size, time: finishTime }];
}

/** Where a backup begins that is newer than the history and goes on from it. */
function positionAfter(
  { backup: { walFile }, branch }: BackupRecovery,
  { history: { spans, segments }, segmentSize, currentTimeline }: Recovery,
): number | undefined {
  const [last, segment] = [spans.at(-1), parseSegment(walFile, segmentSize)];
  if (branch !== undefined || last === undefined || segment === undefined || segment.number <= last.last) return;
  // A timeline that the cluster is not on may have left its history long before the end.
  if (segment.timeline !== last.timeline && segment.timeline !== currentTimeline) return undefined;
  return segments + segment.number - last.last - 1;
}

/** The longest part of the points that ascends in both. */
function longestRise(unsorted: readonly WalPoint[]): readonly WalPoint[] {
  const points = unsorted.toSorted((a, b) => a.time - b.time || a.position - b.position);
  // For each length, the point with the least position that ends a rise of it; and for each point, the one before it.
  const ends: number[] = [];
  const before = new Int32Array(points.length);
  for (const [index, { position }] of points.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = low + high >> 1;
      if ((points[ends[middle] ?? 0]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1] ?? -1;
    ends[low] = index;
  }
  const rise: WalPoint[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const point = points[index];
    if (point !== undefined) rise.push(point);
  }
  return rise.reverse();
}

/** Where a position in the WAL stands on the drawing, in percent, and how far that is known. */
interface WalPlace {
  /** Estimated: between two points that are known, WAL is taken to have been written evenly. */
  readonly at: number;
  /** The last place before it that is known; the same where it is known itself. */
  readonly known: number;
  /** When it was written at the earliest and at the latest: Unix milliseconds; -Infinity where nothing tells. */
  readonly earliest: number;
  readonly latest: number;
}

/** A stretch of WAL on the drawing; places are in percent. */
export interface Strip {
  readonly left: number;
  /** Up to where its times are known; from there to its right end it was written at some time. */
  readonly known: number;
  readonly right: number;
  /** `present`, `hole` (missing, with WAL after it), `unsure` (not known) or `waiting` (not archived yet). */
  readonly kind: "present" | "hole" | "unsure" | "waiting";
  /** Segments of the holes that it holds; 0 when present. */
  readonly segments: number;
  /** The WAL file name of its first segment, and its status. */
  readonly first: string;
  readonly status: string;
}

/** A branch on the drawing; places are in percent. */
export interface Lane {
  readonly timeline: number;
  readonly left: number;
  readonly right: number;
  /** Below the main band, from 0 on. */
  readonly row: number;
  /** The row of what it leaves: -1 for the main band; absent where that is not known. */
  readonly fromRow?: number;
  readonly segments: number;
  /** How many backups lie on it. */
  readonly backups: number;
  /** Whether there is room for its name. */
  readonly isNamed: boolean;
}

/** The WAL on the drawing. */
export interface WalStrips {
  readonly strips: readonly Strip[];
  /** Where timelines other than the first begin; `left` is where the one before it was left. */
  readonly switches: readonly { readonly timeline: number; readonly left: number; readonly at: number }[];
  readonly lanes: readonly Lane[];
  /** Where the farthest reach is; absent where there is none. */
  readonly reach?: WalPlace;
}

/** Holes closer together than this are drawn as one, in percent. */
const RESOLUTION = 0.4;

/** Lays the WAL along the time axis. */
export function layWal(facts: WalFacts, scale: TimeScale): WalStrips {
  const { recovery: { history: { spans, segments }, segmentSize, until }, askedTime, archive } = facts;
  const wal = createWalScale(walPoints(facts), { position: segments, time: askedTime }, scale);
  const newestUsable = spans.findLastIndex(isThere);
  const laid: Laid[] = [];
  const switches: { timeline: number; left: number; at: number }[] = [];
  let timeline = spans[0]?.timeline;
  let left = wal.of(0).at;
  for (const [index, span] of spans.entries()) {
    const length = span.last - span.first + 1;
    const right = wal.of(span.position + length).at;
    const isSwitch = span.timeline !== timeline;
    if (isSwitch) {
      // After recovery to an earlier moment nothing was written until its timeline began.
      const began = archive?.histories.get(span.timeline)?.time;
      const at = Math.min(right, Math.max(left, began === undefined ? left : scale.at(began)));
      switches.push({ timeline: timeline = span.timeline, left, at });
      left = at;
    }
    const kind = isThere(span)
      ? "present"
      : span.status === NOT_KNOWN
      ? "unsure"
      : index < newestUsable
      ? "hole"
      : "waiting";
    const count = kind === "present" ? 0 : length;
    const joined = isSwitch ? undefined : joinable(laid, kind, left);
    if (joined === undefined) {
      laid.push({ left, right, kind, segments: count, span });
    } else {
      joined.right = right;
      joined.segments += count;
    }
    left = right;
  }
  const reach = until && wal.of(until.position);
  const strips = laid.map(({ span, ...strip }): Strip => ({
    ...strip,
    known: knownOf(strip, wal.known, reach),
    first: formatSegment({ timeline: span.timeline, number: span.first }, segmentSize),
    status: span.status,
  }));
  return { strips, switches, lanes: layBranches(facts, wal, scale), ...(reach && { reach }) };
}

function isThere(span: Span): boolean {
  return isUsable(span) || span.status === PARTLY_FOUND;
}

/** A strip that still grows; `span` is the first one in it. */
interface Laid {
  readonly left: number;
  right: number;
  readonly kind: Strip["kind"];
  segments: number;
  readonly span: Span;
}

/** Up to where it is known that a strip goes: to the end but for the last WAL of all, and the last that is reached. */
function knownOf({ left, right, kind }: Omit<Laid, "span">, known: number, reach: WalPlace | undefined): number {
  if (kind !== "present") return right;
  const isReached = reach !== undefined && left < reach.at && reach.at <= right;
  return Math.max(left, Math.min(right, known, isReached ? reach.known : right));
}

/** The strip that goes on: one of the same kind, or a gap that the next one is too close to. */
function joinable(laid: Laid[], kind: Strip["kind"], left: number): Laid | undefined {
  const last = laid[laid.length - 1];
  if (last?.kind === kind) return last;
  const before = laid[laid.length - 2];
  if (kind !== "hole" || before?.kind !== "hole" || left - before.left >= RESOLUTION) return undefined;
  laid.pop();
  return before;
}

/** Where the WAL stands on the drawing. */
interface WalScale {
  of(position: number): WalPlace;
  /** The last place that is known, in percent; what comes after it was written at some time until it was asked for. */
  readonly known: number;
}

/**
 * Lays positions along the time axis.
 *
 * @param points what is known, ascending
 * @param end of the history, and when that was asked for
 */
function createWalScale(points: readonly WalPoint[], end: WalPoint, scale: TimeScale): WalScale {
  const places = points.map(({ position, time }) => ({ position, time, at: scale.at(time) }));
  const [first] = places;
  // WAL from before the oldest backup gets the margin.
  if (first === undefined || first.position > 1 || first.time < (scale.pieces[0]?.from ?? 0)) {
    places.unshift({ position: 0, time: -Infinity, at: 0 });
  }
  const newest = places.at(-1);
  const known = newest?.at ?? 0;
  const knownPlaces = places.length;
  /** Where it was last looked: positions are mostly asked for in ascending order. */
  let low = 0;
  if (newest !== undefined && newest.position < end.position) {
    places.push({ ...end, at: Math.max(scale.at(end.time), known) });
  }
  return { of, known };

  function of(position: number): WalPlace {
    if ((places[low - 1]?.position ?? -Infinity) >= position) low = 0;
    while (low < places.length - 1 && (places[low]?.position ?? 0) < position) low++;
    const [from, to] = [places[low - 1], places[low]];
    if (to === undefined) return { at: 0, known: 0, earliest: -Infinity, latest: -Infinity };
    if (from === undefined || (low < knownPlaces && to.position <= position)) {
      return { at: to.at, known: to.at, earliest: to.time, latest: to.time };
    }
    const share = Math.min(1, (position - from.position) / (to.position - from.position));
    return { at: from.at + share * (to.at - from.at), known: from.at, earliest: from.time, latest: to.time };
  }
}

/** How many rows of branches there are at most. */
const MOST_ROWS = 3;
/** The room that a branch's name takes, in percent. */
const NAME_ROOM = 13;

/**
 * Lays the branches in rows, those that were left last on top, so that no stem crosses them; where there are too many,
 * the last row holds the rest.
 */
function layBranches({ recovery, newestFirst, archive }: WalFacts, wal: WalScale, scale: TimeScale): readonly Lane[] {
  if (archive === undefined) return [];
  const backups = Map.groupBy(newestFirst, ({ branch }) => branch);
  const branches = branchesOf(recovery, archive).map(({ timeline, fork, from, segments, firstTime, lastTime }) => {
    const times = (backups.get(timeline) ?? []).map(({ backup }) => endTime(backup));
    const ends = [...times, ...lastTime === undefined ? [] : [lastTime]].filter(isKnown).map(scale.at);
    // What comes after it in the history was written by another timeline, perhaps much later.
    const left = fork === undefined ? Math.min(...ends, scale.at(firstTime ?? Infinity)) : wal.of(Math.floor(fork)).at;
    const lane = { timeline, segments, backups: times.length, left, right: Math.max(left, ...ends) };
    return { lane, from: fork === undefined ? from : 0 };
  });
  const begins: number[] = [];
  const rowOf = new Map([[0, -1]]);
  const named = new Set<number>();
  for (const { lane: { timeline, left, right } } of branches.toSorted((a, b) => b.lane.left - a.lane.left)) {
    const free = begins.findIndex((begin) => right + NAME_ROOM < begin);
    if (free >= 0 || begins.length < MOST_ROWS) named.add(timeline);
    const row = free >= 0 ? free : Math.min(begins.length, MOST_ROWS - 1);
    begins[row] = Math.min(begins[row] ?? Infinity, left);
    rowOf.set(timeline, row);
  }
  return branches.map(({ lane, from = -1 }) => {
    const [row, fromRow] = [rowOf.get(lane.timeline) ?? 0, rowOf.get(from)];
    return { ...lane, row, isNamed: named.has(lane.timeline), ...(fromRow !== undefined && { fromRow }) };
  });
}
