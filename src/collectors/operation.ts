/** The commands that are run, by the names that series, flags and logs give them. */
export type Operation = "backup-list" | "wal-verify" | "storage-check";

/** How the last run of an operation ended. */
export interface Run {
  readonly success: boolean;
  /** Unix milliseconds. */
  readonly endTime: number;
  readonly durationSeconds: number;
}
