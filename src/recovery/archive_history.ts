import { formatSegment, LOG_SIZE, parseSegment } from "../walg/segment.ts";
import { DEFAULT_STORAGE } from "../walg/storage_listing.ts";
import {
  type ArchivedLog,
  type ArchivedTimeline,
  EMPTY,
  NOTHING,
  PLAIN,
  storageAt,
  type WalArchive,
} from "../walg/wal_archive.ts";
import type { ShownTimeline } from "../walg/wal_show.ts";
import { FOUND } from "../walg/wal_verify.ts";
import {
  type Course,
  EMPTY_OBJECT,
  type Leg,
  type Line,
  lineOf,
  MISSING,
  NOT_KNOWN,
  PARTLY_FOUND,
  type Span,
  WRONG_SIZE,
} from "./history.ts";

/** Neighbouring segments of a timeline that share a status: FOUND, EMPTY or WRONG_SIZE. */
export interface Run {
  readonly first: number;
  readonly last: number;
  readonly status: string;
}

/** How much larger encryption makes a segment at most; a larger one is another file. */
const ENCRYPTED = 1.05;

/**
 * What the archive has of a timeline, ascending; what is between the runs is not there.
 *
 * @param size of a segment in bytes: names that no segment of that size has are left out
 * @param from the number of the first segment that matters; some before it may be told all the same
 */
export function archivedRuns(timeline: ArchivedTimeline | undefined, size: number, from = 0): readonly Run[] {
  if (timeline === undefined) return [];
  return timeline.shown === undefined ? listedRuns(timeline.logs, size, from) : shownRuns(timeline.shown, size);
}

function listedRuns(logs: readonly ArchivedLog[], size: number, from: number): readonly Run[] {
  const perLog = LOG_SIZE / size;
  const runs: Run[] = [];
  let open: { first: number; last: number; status: string } | undefined;
  for (const { log, states, sizes } of logs) {
    if (log < Math.floor(from / perLog)) continue;
    const count = Math.min(perLog, states.length);
    for (let place = 0; place < count; place++) {
      const state = states[place] ?? NOTHING;
      if (state === NOTHING) continue;
      const status = state === EMPTY
        ? EMPTY_OBJECT
        : state === PLAIN && !isWhole(sizes[place] ?? 0, size)
        ? WRONG_SIZE
        : FOUND;
      const number = log * perLog + place;
      if (open !== undefined && open.last === number - 1 && open.status === status) open.last = number;
      else runs.push(open = { first: number, last: number, status });
    }
  }
  return runs;
}

/** Without a suffix a segment is as large as it is, or a little larger where it is encrypted. */
function isWhole(bytes: number, size: number): boolean {
  return bytes >= size && bytes <= size * ENCRYPTED;
}

function shownRuns({ start, end, missing }: ShownTimeline, size: number): readonly Run[] {
  const [first, last] = [parseSegment(start, size), parseSegment(end, size)];
  if (first === undefined || last === undefined) return [];
  const gone = missing.map((name) => parseSegment(name, size)?.number ?? -1);
  const runs: Run[] = [];
  let from = first.number;
  for (const number of Float64Array.from(gone).sort()) {
    if (number < from || number > last.number) continue;
    if (number > from) runs.push({ first: from, last: number - 1, status: FOUND });
    from = number + 1;
  }
  if (from <= last.number) runs.push({ first: from, last: last.number, status: FOUND });
  return runs;
}

/** A segment by its number. */
export interface SegmentAt {
  readonly timeline: number;
  readonly number: number;
  /** Segment size in bytes. */
  readonly size: number;
}

/** When a segment was archived: Unix milliseconds; undefined where it was not, or the archive has no times. */
export function archivedTime(archive: WalArchive, segment: SegmentAt): number | undefined {
  const { log, place } = placeOf(archive, segment);
  const state = log?.states[place] ?? NOTHING;
  return state === NOTHING || state === EMPTY ? undefined : log?.times[place];
}

/** The log that has a segment, where there is one, and the segment's place in it. */
function placeOf(
  archive: WalArchive,
  { timeline, number, size }: SegmentAt,
): { readonly log: ArchivedLog | undefined; readonly place: number } {
  const perLog = LOG_SIZE / size;
  const logs = archive.timelines.get(timeline)?.logs ?? [];
  return { log: logs[indexOfLog(logs, Math.floor(number / perLog))], place: number % perLog };
}

function indexOfLog(logs: readonly ArchivedLog[], log: number): number {
  let [low, high] = [0, logs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((logs[middle]?.log ?? Infinity) < log) low = middle + 1;
    else high = middle;
  }
  return logs[low]?.log === log ? low : -1;
}

/** Segments of one timeline, the first and the last included. */
export interface SegmentSpan {
  readonly timeline: number;
  readonly first: number;
  readonly last: number;
  /** Segment size in bytes. */
  readonly size: number;
}

/** The places of such segments in the logs of the archive. */
function* placesOf(
  archive: WalArchive,
  { timeline, first, last, size }: SegmentSpan,
): Generator<{ readonly log: ArchivedLog; readonly from: number; readonly to: number }> {
  const perLog = LOG_SIZE / size;
  for (const log of archive.timelines.get(timeline)?.logs ?? []) {
    const begin = log.log * perLog;
    yield { log, from: Math.max(0, first - begin), to: Math.min(log.states.length, perLog, last - begin + 1) };
  }
}

/** The earliest time at which one of these segments was archived; undefined where none is known. */
export function earliestTime(archive: WalArchive, span: SegmentSpan): number | undefined {
  let earliest = Infinity;
  for (const { log: { states, times }, from, to } of placesOf(archive, span)) {
    for (let place = from; place < to; place++) {
      const state = states[place];
      if (state !== NOTHING && state !== EMPTY) earliest = Math.min(earliest, times[place] ?? Infinity);
    }
  }
  return earliest === Infinity ? undefined : earliest;
}

/** Bytes of these segments in the storage; undefined where sizes are not known. */
export function storedBytes(archive: WalArchive, span: SegmentSpan): number | undefined {
  if (archive.source !== "listing") return undefined;
  let bytes = 0;
  for (const { log: { sizes }, from, to } of placesOf(archive, span)) {
    for (let place = from; place < to; place++) bytes += sizes[place] ?? 0;
  }
  return bytes;
}

/** The object that is in the way under a segment's name; `storage` where it is not the first one. */
export function objectUnder(
  archive: WalArchive,
  segment: SegmentAt,
): { readonly object: string; readonly storage?: string } {
  const name = formatSegment(segment, segment.size);
  const { log, place } = placeOf(archive, segment);
  const at = log === undefined ? 0 : storageAt(log, place);
  const storage = archive.storages[at];
  // An object of the wrong size has no suffix: only then its size shows it.
  const empty = archive.emptyObjects.find((empty) => empty.storage === at && empty.name.startsWith(name));
  return {
    object: empty?.name ?? name,
    ...(storage !== undefined && storage !== DEFAULT_STORAGE && { storage }),
  };
}

/** Which part of a history is laid out. */
export interface Extent {
  /** Segment size in bytes. */
  readonly size: number;
  /** The number of the first segment that somebody needs, there or not; Infinity where nobody does. */
  readonly from: number;
  /** The number of the last segment that the cluster is known to have written, there or not; -1 where that is not known. */
  readonly to: number;
  /** Segments after this number do not count, as they may be another system's; Infinity where all do. */
  readonly limit: number;
  /** What wal-verify found on the newest timeline since the archive was listed, ascending. */
  readonly since?: readonly Run[];
}

/** The segments along a history as the archive has them. */
export function archiveLine(archive: WalArchive, course: Course, extent: Extent): Line {
  const { size, limit, since = [] } = extent;
  const isEndKnown = archive.unlisted.length === 0;
  const runsOf = new Map(course.legs.map((leg) => {
    const listed = archivedRuns(archive.timelines.get(leg.timeline), size);
    return [
      leg,
      leg.end === Infinity ? [...listed, ...clip(since, (listed.at(-1)?.last ?? -1) + 1, Infinity)] : listed,
    ];
  }));
  const parts = course.legs.map((leg) => partOf(leg, course, runsOf, size)).map((runs) => clip(runs, 0, limit));
  const found = parts.flatMap((runs) => runs.length === 0 ? [] : [runs[0]?.first ?? 0, runs.at(-1)?.last ?? 0]);
  const start = Math.min(extent.from, found[0] ?? Infinity);
  const end = Math.min(limit, Math.max(extent.to, found.at(-1) ?? -1));
  const spans: Span[] = [];
  const add = (part: Part): void => {
    const { timeline, first, last, status, until } = part;
    const position = first - start;
    spans.push(
      until === undefined
        ? { timeline, first, last, status, position }
        : { timeline, first, last, status, position, until },
    );
  };
  const absent = isEndKnown ? MISSING : NOT_KNOWN;
  for (const [at, leg] of course.legs.entries()) {
    const last = Math.min(end, (course.legs[at + 1]?.begin ?? Infinity) - 1);
    let next = Math.max(start, leg.begin);
    for (const run of parts[at] ?? []) {
      if (run.first > next) add({ timeline: leg.timeline, first: next, last: run.first - 1, status: absent });
      add(run);
      next = run.last + 1;
    }
    if (next <= last) add({ timeline: leg.timeline, first: next, last, status: absent });
  }
  const segments = spans.length === 0 ? 0 : end - start + 1;
  return lineOf({ spans, segments }, isEndKnown);
}

type Part = Run & { readonly timeline: number; readonly until?: bigint };

/**
 * What serves a leg's segments: its own files, and in the segment in which it begins the parent's if its own is not there.
 *
 * PostgreSQL asks for the newest timeline's file first, and goes back to older ones only where that is not there.
 */
function partOf(leg: Leg, { legs }: Course, runsOf: ReadonlyMap<Leg, readonly Run[]>, size: number): readonly Part[] {
  const at = legs.indexOf(leg);
  const next = legs[at + 1];
  const own = clip(runsOf.get(leg) ?? [], leg.begin, (next?.begin ?? Infinity) - 1)
    .map(({ first, last, status }): Part => ({ timeline: leg.timeline, first, last, status }));
  if (at === 0 || own[0]?.first === leg.begin || next?.begin === leg.begin) return own;
  for (let older = at - 1; older >= 0; older--) {
    const parent = legs[older];
    if (parent === undefined) break;
    const [run] = clip(runsOf.get(parent) ?? [], leg.begin, leg.begin);
    if (run !== undefined) {
      const until = parent.endLsn;
      // A switch at the segment's first byte leaves nothing that the parent's file could serve.
      if (run.status === FOUND && until === BigInt(leg.begin) * BigInt(size)) return own;
      const part = run.status === FOUND ? { ...run, status: PARTLY_FOUND, ...(until !== undefined && { until }) } : run;
      return [{ ...part, timeline: parent.timeline }, ...own];
    }
    if (parent.begin < leg.begin) break;
  }
  return own;
}

/** The runs within `[from, to]`. */
function clip<T extends Run>(runs: readonly T[], from: number, to: number): readonly T[] {
  if (runs.length === 0 || to < from) return [];
  if ((runs[0]?.first ?? 0) >= from && (runs.at(-1)?.last ?? 0) <= to) return runs;
  return runs.filter(({ first, last }) => last >= from && first <= to)
    .map((run) => ({ ...run, first: Math.max(run.first, from), last: Math.min(run.last, to) }));
}

/** WAL file name of a span's first segment. */
export function firstName({ timeline, first }: Span, size: number): string {
  return formatSegment({ timeline, number: first }, size);
}

/** WAL file name of a span's last segment. */
export function lastName({ timeline, last }: Span, size: number): string {
  return formatSegment({ timeline, number: last }, size);
}
