import * as v from "valibot";
import type { Pace } from "../base/clock.ts";
import { count, decodeElements, DecodeError, parseJson, text, uint64 } from "./json.ts";
import type { Lsn } from "./segment.ts";

/** What `wal-g wal-show --detailed-json` says of one timeline that has a segment in the first storage. */
export interface ShownTimeline {
  readonly timeline: number;
  /** 0 for the first timeline, and where its `.history` file is not there or cannot be read. */
  readonly parent: number;
  /** Where it left its parent; 0 without one. */
  readonly switchLsn: Lsn;
  /** WAL file name of its first segment in the storage. */
  readonly start: string;
  /** WAL file name of its last segment in the storage. */
  readonly end: string;
  /** How many of its segments the storage has. */
  readonly segments: number;
  /** WAL file names of those between `start` and `end` that the storage has not, in no particular order. */
  readonly missing: readonly string[];
}

const Entry = v.object({
  id: count,
  parent_id: count,
  switch_point_lsn: uint64,
  start_segment: text,
  end_segment: text,
  segments_count: count,
  missing_segments: v.nullish(v.array(v.string()), []),
});

/**
 * Decodes what `wal-g wal-show --detailed-json --without-backups` printed; `null` is an empty list.
 *
 * @throws JsonError, DecodeError
 */
export async function decodeWalShow(stdout: Uint8Array, pace: Pace): Promise<readonly ShownTimeline[]> {
  const document = await parseJson(stdout, pace);
  if (document === null) return [];
  if (!Array.isArray(document)) throw new DecodeError("the document: expected a list of timelines");
  const entries = await decodeElements(Entry, document, "", pace);
  return entries.map((entry) => ({
    timeline: entry.id,
    parent: entry.parent_id,
    switchLsn: entry.switch_point_lsn,
    start: entry.start_segment,
    end: entry.end_segment,
    segments: entry.segments_count,
    missing: entry.missing_segments,
  }));
}
