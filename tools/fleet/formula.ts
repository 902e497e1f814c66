/** What decides how many series an exporter shows. */
export interface SeriesShape {
  /** Backups with series of their own: all, or the newest of `-backups.max-series`. */
  readonly shown: number;
  readonly timelines: number;
  /** Storages that hold each backup; 0 before WAL-G 3.0, which does not name them. */
  readonly storages: number;
  /** Whether `-backups.max-series` is set. */
  readonly limited: boolean;
}

const FIXED = 76;
const PER_TIMELINE = 5;
const PER_BACKUP = 6;

/** The series of one exporter whose backups are all known to be restorable or not: the formula of docs/fleet.md. */
export function seriesOfExporter({ shown, timelines, storages, limited }: SeriesShape): number {
  return FIXED + Number(limited) + PER_TIMELINE * timelines + (PER_BACKUP + storages) * shown;
}
