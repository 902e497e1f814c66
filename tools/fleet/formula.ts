import { PROBLEM_CODES } from "../../src/operations/problems.ts";

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

/** All but a series for each problem. */
const FIXED = 120;
const PER_TIMELINE = 6;
const PER_BACKUP = 8;

/**
 * The series of one exporter whose backups are all known to be restorable or not, and complete or not, while none is
 * unfinished: the formula of docs/fleet.md.
 */
export function seriesOfExporter({ shown, timelines, storages, limited }: SeriesShape): number {
  return FIXED + PROBLEM_CODES.length + Number(limited) + PER_TIMELINE * timelines + (PER_BACKUP + storages) * shown;
}
