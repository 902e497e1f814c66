import type { Family } from "../base/family.ts";
import type { Pace } from "../base/pace.ts";
import type { CommandEnd } from "../walg/command.ts";
import type { ErrorType, RunContext } from "../walg/failure.ts";

/** The commands that are run, by the names that series, flags and logs give them. */
export type Operation = "backup-list" | "wal-verify" | "storage-check";

/** What each operation runs, for people. */
export const COMMANDS: Readonly<Record<Operation, string>> = {
  "backup-list": "wal-g backup-list --detail --json",
  "wal-verify": "wal-g wal-verify integrity timeline --json",
  "storage-check": "wal-g st check read",
};

/** How the last run of an operation ended. */
export interface Run {
  readonly success: boolean;
  /** Unix milliseconds. */
  readonly endTime: number;
  readonly durationSeconds: number;
}

/** Runs wal-g with some arguments; what it ran out of time or was cancelled by is in the end it returns. */
export type RunWalg = (args: readonly string[]) => Promise<CommandEnd>;

/** What a collector works with during one run. */
export interface CollectContext<T> {
  readonly runWalg: RunWalg;
  /** What the texts of a failure need to know. */
  readonly failure: RunContext;
  /** The last good answer, to be returned as it is when nothing changed. */
  readonly previous: T | undefined;
  readonly pace: Pace;
}

/** One of the commands whose answers are shown, and how they are shown. */
export interface Collector<T> {
  readonly operation: Operation;
  /** What it finds out, for people. */
  readonly description: string;
  /** Flag defaults, as Go durations. */
  readonly defaults: { readonly interval: string; readonly timeout: string };
  /** Whether its failed runs count in `walg_scrape_errors_total`. */
  readonly countsAsScrapeError: boolean;
  /** Whether its interval grows while it fails. */
  readonly backsOff: boolean;
  /** The type of a failure that nothing else explains. */
  readonly fallbackError: ErrorType;
  /** The types of failure that can occur, whose counters start at 0. */
  readonly errorTypes: readonly ErrorType[];
  /**
   * One run.
   *
   * @throws WalgError when there is no usable answer, UnsupportedError when this wal-g has no such command
   */
  collect(context: CollectContext<T>): Promise<T>;
  /** The families that show an answer. */
  families(value: T, options: FamilyOptions): readonly Family[];
  /** The families that show how the last run went, beside those that every operation has. */
  runFamilies(last: Run): readonly Family[];
}

/** Options of the operator that bear on families. */
export interface FamilyOptions {
  /** For how many of the newest backups there are per-backup series; 0 for all. */
  readonly maxBackupSeries: number;
}

/** Thrown when this version of wal-g does not have the command. */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError";
}

/** What any run of wal-g can fail with. */
export const COMMON_ERROR_TYPES: readonly ErrorType[] = [
  "timeout",
  "not_found",
  "not_permitted",
  "not_executable",
  "killed",
  "output_too_large",
  "network",
  "access_denied",
  "postgres_down",
  "config",
];
