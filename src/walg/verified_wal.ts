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
