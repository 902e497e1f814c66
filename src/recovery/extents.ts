import type { Backup } from "../walg/backup_list.ts";
import { type Lsn, segmentNumberAt } from "../walg/segment.ts";
import { segmentReader } from "./segment_reader.ts";

/** The segments that a backup needs to become consistent, of one timeline, and where it ended. */
export interface Own {
  readonly timeline: number;
  /** The number of its first one, which its WAL file is. */
  readonly first: number;
  /** The number of the one with the last byte before its finish LSN. */
  readonly last: number;
  /** Its finish LSN; its start LSN where WAL-G knows no other. */
  readonly endLsn: Lsn;
}

/** The backups' own segments, in the order of the list; undefined where the WAL file is no segment of that size. */
export function ownSegments(backups: readonly Backup[], size: number): readonly (Own | undefined)[] {
  const segmentOf = segmentReader(size);
  return backups.map(({ walFile, startLsn, finishLsn }) => {
    const start = segmentOf(walFile);
    if (start === undefined) return undefined;
    const { timeline, number: first } = start;
    const last = finishLsn > 0n ? Math.max(first, segmentNumberAt(finishLsn - 1n, size)) : first;
    return { timeline, first, last, endLsn: finishLsn > startLsn ? finishLsn : startLsn };
  });
}
