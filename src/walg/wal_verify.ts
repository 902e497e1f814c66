import * as v from "valibot";
import type { Pace } from "../base/clock.ts";
import { count, decode, decodeElements, parseJson, text } from "./json.ts";

/** A run of segments with one status, of `wal-g wal-verify integrity timeline --json`. */
export interface SegmentRange {
  readonly timeline: number;
  /** WAL file name of the first segment. */
  readonly start: string;
  /** WAL file name of the last segment. */
  readonly end: string;
  /** How many segments the range holds. */
  readonly segments: number;
  /** FOUND, MISSING_DELAYED, MISSING_UPLOADING, MISSING_LOST, or what WAL-G adds later. */
  readonly status: string;
}

/** What one run of `wal-verify` found. */
export interface WalVerify {
  readonly integrity: {
    /** OK, WARNING, FAILURE. */
    readonly status: string;
    /** Oldest first, along the current history; empty when WAL-G scanned nothing. */
    readonly ranges: readonly SegmentRange[];
  };
  readonly timeline: {
    readonly status: string;
    /** The cluster's timeline; undefined when WAL-G did not say. */
    readonly current: number | undefined;
    /** The highest timeline in the storage (0: none); undefined when WAL-G did not say. */
    readonly highestInStorage: number | undefined;
  };
}

/** The one status of a segment that is in the storage. */
export const FOUND = "FOUND";
/** The status of a segment that WAL-G takes for gone, by its position alone. */
export const MISSING_LOST = "MISSING_LOST";
/** The statuses whose series are always there for a listed timeline. */
export const SEGMENT_STATUSES: readonly string[] = [FOUND, "MISSING_DELAYED", "MISSING_UPLOADING", MISSING_LOST];

/** Ranges by their timeline, both in their order. */
export function rangesByTimeline(ranges: readonly SegmentRange[]): ReadonlyMap<number, readonly SegmentRange[]> {
  return Map.groupBy(ranges, ({ timeline }) => timeline);
}

/** How many segments have each status that occurs. */
export function segmentsByStatus(ranges: readonly SegmentRange[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status, segments } of ranges) counts.set(status, (counts.get(status) ?? 0) + segments);
  return counts;
}

const Range = v.pipe(
  v.object({
    timeline_id: count,
    start_segment: text,
    end_segment: text,
    segments_count: count,
    status: text,
  }),
  v.transform((range): SegmentRange => ({
    timeline: range.timeline_id,
    start: range.start_segment,
    end: range.end_segment,
    segments: range.segments_count,
    status: range.status,
  })),
);

const Frame = v.object({
  integrity: v.object({
    status: v.string(),
    details: v.nullish(
      v.custom<unknown[]>(Array.isArray, ({ received }) => `expected Array, found ${received}`),
    ),
  }),
  timeline: v.object({
    status: v.string(),
    details: v.nullish(
      v.object({ current_timeline_id: v.nullish(count), highest_storage_timeline_id: v.nullish(count) }),
    ),
  }),
});

/**
 * Decodes what `wal-g wal-verify integrity timeline --json` printed.
 *
 * @throws JsonError, DecodeError
 */
export async function decodeWalVerify(stdout: Uint8Array, pace: Pace): Promise<WalVerify> {
  const { integrity, timeline } = decode(Frame, await parseJson(stdout, pace), "");
  const ranges = await decodeElements(Range, integrity.details ?? [], "integrity.details", pace);
  return {
    integrity: { status: integrity.status, ranges },
    timeline: {
      status: timeline.status,
      current: timeline.details?.current_timeline_id ?? undefined,
      highestInStorage: timeline.details?.highest_storage_timeline_id ?? undefined,
    },
  };
}
