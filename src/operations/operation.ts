import type { Family } from "../base/family.ts";
import type { Pace } from "../base/clock.ts";
import type { CommandEnd, CommandOptions } from "../walg/command.ts";
import type { ErrorType, RunContext } from "../walg/failure.ts";
import type { ProblemCode } from "./problems.ts";

/** How the last run of an operation ended. */
export interface Run {
  readonly success: boolean;
  /** Unix milliseconds. */
  readonly endTime: number;
  readonly durationSeconds: number;
}

/**
 * Runs wal-g with some arguments; that it ran out of time or was cancelled is in the end it returns. With `onStdout`,
 * nothing of its stdout is kept. It has what is left of the operation's time, or the `timeout` where that is less.
 */
export type RunWalg = (
  args: readonly string[],
  options?: Partial<Pick<CommandOptions, "onStdout" | "timeout">>,
) => Promise<CommandEnd>;

/** What an operation works with during one run. */
export interface CollectContext<T> {
  readonly runWalg: RunWalg;
  /** The file that the result of the last restore drill is in. */
  readonly drillFile: string;
  /** What the texts of a failure need to know. */
  readonly failure: RunContext;
  /** The last good answer, to be returned as it is when nothing changed. */
  readonly previous: T | undefined;
  readonly pace: Pace;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Options of the operator that bear on families. */
export interface FamilyOptions {
  /** For how many of the newest backups there are per-backup series; 0 for all. */
  readonly maxBackupSeries: number;
}

/** How an operation does, as its words are made from it. */
export interface Progress<T> {
  readonly outcome: "ok" | "failed" | "pending" | "unsupported";
  /** The last good answer. */
  readonly value: T | undefined;
  /** The last run; undefined before the first one has ended. */
  readonly last: Run | undefined;
}

/** A figure at the top of the page. */
export interface Tile {
  readonly name: string;
  readonly value: string;
  /** One line below the value. */
  readonly more: string;
  readonly level?: "critical" | "warning";
}

/** One command whose answers are shown: everything about it. All else goes through the registry of these. */
export interface Operation<T> {
  /** As series, flags and logs name it. */
  readonly name: string;
  /** What it finds out, for people: `whether the storage answers`. */
  readonly description: string;
  /** What it runs, as a person would type it. */
  readonly command: string;
  /** Flag defaults, as Go durations. */
  readonly defaults: { readonly interval: string; readonly timeout: string };
  /** Whether an interval of 0 switches it off; without it nothing could be said. */
  readonly canBeOff: boolean;
  /** The operations without whose success it has no chance, such as the check of the storage it reads. */
  readonly needs: readonly string[];
  /** The operations whose first run its own first run waits for. */
  readonly waitsFor: readonly string[];
  /** Whether it runs wal-g: where runs take turns, it waits for its own. */
  readonly runsWalg: boolean;
  /** Whether it asks a running PostgreSQL. */
  readonly asksPostgres: boolean;
  /** Whether its failed runs count in `walg_scrape_errors_total`. */
  readonly countsAsScrapeError: boolean;
  /** Whether its interval grows while it fails. */
  readonly backsOff: boolean;
  /** Whether `/-/ready` waits for its first run. */
  readonly readyAfterFirstRun: boolean;
  /** Whether what is recoverable rests on its answers. */
  readonly recoveryRestsOnIt: boolean;
  /** Whether its last good answer stays while runs fail. */
  readonly keepsAnswer: boolean;
  /** Whether `-snapshot.max-age` takes the series of an old answer away. */
  readonly expires: boolean;
  /** The type of a failure that nothing else explains. */
  readonly fallbackError: ErrorType;
  /** The types of failure that can occur, whose counters start at 0. */
  readonly errorTypes: readonly ErrorType[];
  /** The problem that a failed run is. */
  readonly problem: FailureProblem;
  /** What an answer says in the row of `check` that its problem has. */
  readonly check: { fine(value: T, last: Run): string };
  /** Its step in `doctor`, and what an answer says there. */
  readonly doctor: { readonly step: string; fine(value: T): string };
  /** Its figure on the page, beside its row in the table of operations; undefined where it has none. */
  tile(progress: Progress<T>, now: number): Tile | undefined;
  /**
   * One run.
   *
   * @throws WalgError when there is no usable answer, UnsupportedError when this wal-g has no such command
   */
  collect(context: CollectContext<T>): Promise<T>;
  /** The families that show an answer. */
  families(value: T, options: FamilyOptions): readonly Family[];
  /** Makes what shows families of an answer that change with time, at a moment in Unix milliseconds; undefined for none. */
  live(value: T): ((now: number) => readonly Family[]) | undefined;
  /** The families that show how the last run went, beside those that every operation has. */
  runFamilies(last: Run): readonly Family[];
}

/** How a failed run is reported to people. */
export interface FailureProblem {
  readonly code: ProblemCode;
  /** At first; critical once the answer before it is older than `-max-answer-age`. */
  readonly level: "warning" | "critical";
  /** One line that the cause follows: `The storage does not answer`. */
  says(type: ErrorType): string;
  /** What is unknown as long as there never was an answer, to be added to it; "" where that is plain. */
  readonly unknown: string;
  /** What to do about it, where what wal-g says cannot tell. */
  readonly fix?: string;
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

/** What most operations have in common: a declaration spreads it, and names what is different. */
export const USUAL = {
  canBeOff: true,
  needs: ["storage-check"],
  waitsFor: [],
  runsWalg: true,
  asksPostgres: false,
  countsAsScrapeError: false,
  backsOff: true,
  readyAfterFirstRun: true,
  recoveryRestsOnIt: true,
  keepsAnswer: true,
  expires: true,
  fallbackError: "command_failed",
  errorTypes: [...COMMON_ERROR_TYPES, "invalid_output", "command_failed"],
  tile: () => undefined,
  families: () => [],
  live: () => undefined,
  runFamilies: () => [],
} as const satisfies Partial<Operation<unknown>>;
