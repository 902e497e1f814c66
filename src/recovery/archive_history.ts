import { formatSegment } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import { FOUND } from "../walg/wal_verify.ts";
import { archivedRuns, type Run } from "./archived_runs.ts";
import type { Course, Leg } from "./course.ts";
import { type Line, lineOf, MISSING, NOT_KNOWN, PARTLY_FOUND, type Span } from "./history.ts";

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
