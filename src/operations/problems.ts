/** How bad a problem is; `unknown` where nothing can be said at all. */
export type ProblemLevel = "warning" | "critical" | "unknown";

/** A kind of problem: everything about it but when it is found. */
export interface ProblemKind {
  /** Its row in `check`. */
  readonly row: string;
  /** The levels that it can have. */
  readonly levels: readonly ProblemLevel[];
  /** How long Prometheus waits before it alerts (`for:`); absent for what is no fault, and has no alert. */
  readonly for?: string;
  /** What its alert says of the host; one line without a full stop. */
  readonly says: string;
}

const ONE = ["critical"] as const;
const MINOR = ["warning"] as const;
const BOTH = ["warning", "critical"] as const;

/**
 * All problems there are, by their codes: among those of one level, what is getting worse now comes before what is over.
 * The page, the API, `check`, `walg_problem` and the alerts show these and no others; a code that is not here does not
 * compile. The runbook of each is the heading of its code in docs/alerts.md.
 */
export const PROBLEMS = {
  walg_not_run: { row: "wal-g", levels: ["unknown"], for: "5m", says: "wal-g cannot be run" },
  storage_down: { row: "storage", levels: ONE, for: "5m", says: "the storage does not answer, or refuses access" },
  no_backups: { row: "backups", levels: ONE, for: "1h", says: "there is no backup" },
  nothing_restorable: { row: "newest backup", levels: ONE, for: "30m", says: "no backup is restorable" },
  wal_at_risk: { row: "WAL at risk", levels: BOTH, for: "15m", says: "WAL waits to be archived" },
  recovery_point_too_old: {
    row: "recovery point",
    levels: BOTH,
    for: "10m",
    says: "losing the host now would lose more time than is accepted",
  },
  wal_unreachable: { row: "WAL at risk", levels: BOTH, for: "15m", says: "archived WAL lies behind a gap" },
  timeline_mismatch: { row: "timeline", levels: ONE, for: "10m", says: "the archive holds another server's timeline" },
  segment_in_the_way: { row: "WAL archive", levels: BOTH, for: "10m", says: "a broken WAL segment stops restores" },
  newest_not_restorable: {
    row: "newest backup",
    levels: ONE,
    for: "15m",
    says: "the newest backup is not restorable",
  },
  drill_failed: { row: "restore drill", levels: ONE, for: "5m", says: "the last restore drill failed" },
  mixed_delta: { row: "branches", levels: BOTH, for: "15m", says: "a delta restores to a mixture of two timelines" },
  backup_list_failed: { row: "backups", levels: ONE, for: "15m", says: "backups cannot be listed" },
  backup_too_old: { row: "backup age", levels: BOTH, for: "15m", says: "the newest backup is too old" },
  wal_archive_failed: { row: "WAL listing", levels: BOTH, for: "15m", says: "the WAL archive cannot be listed" },
  wal_verify_failed: { row: "wal-verify", levels: BOTH, for: "15m", says: "wal-verify gives no answer" },
  backup_files_failed: {
    row: "backup files",
    levels: BOTH,
    for: "15m",
    says: "the files of the backups cannot be listed",
  },
  answer_too_old: { row: "answers", levels: BOTH, for: "5m", says: "what is shown is too old" },
  newest_on_failover: {
    row: "newest backup",
    levels: MINOR,
    for: "15m",
    says: "the newest backup is in failover storages only",
  },
  newest_on_branch: { row: "branches", levels: MINOR, for: "15m", says: "the next delta would be a mixture" },
  full_backup_too_old: { row: "full backup age", levels: BOTH, for: "15m", says: "the newest full backup is too old" },
  recovery_window_short: { row: "recovery window", levels: BOTH, for: "1h", says: "the recovery window is short" },
  restorable_unknown: {
    row: "newest backup",
    levels: MINOR,
    for: "30m",
    says: "it is not known whether any backup is restorable",
  },
  other_system: { row: "systems", levels: MINOR, for: "15m", says: "two database systems share a storage prefix" },
  backup_in_future: {
    row: "backup times",
    levels: MINOR,
    for: "15m",
    says: "the newest backup is dated in the future",
  },
  storage_not_listed: { row: "storages", levels: MINOR, for: "15m", says: "a storage could not be listed" },
  backup_details_missing: {
    row: "backup details",
    levels: MINOR,
    for: "15m",
    says: "details of the backups cannot be listed",
  },
  timeline_skipped: { row: "timeline", levels: MINOR, for: "15m", says: "wal-verify passes over a timeline" },
  history_missing: { row: "timeline", levels: MINOR, for: "15m", says: "a timeline's history file is missing" },
  backup_too_small: { row: "backup size", levels: MINOR, for: "15m", says: "the newest full backup is small" },
  wal_lost: { row: "WAL archive", levels: BOTH, for: "10m", says: "WAL segments are lost" },
  backup_not_restorable: { row: "older backups", levels: MINOR, for: "15m", says: "older backups are not restorable" },
  backup_incomplete: { row: "backup files", levels: MINOR, for: "15m", says: "files of backups are gone" },
  drill_result_broken: {
    row: "restore drill",
    levels: MINOR,
    for: "30m",
    says: "the result of the last restore drill cannot be used",
  },
  drill_not_run: { row: "restore drill", levels: MINOR, for: "5m", says: "the last restore drill could not be run" },
  drill_overdue: { row: "restore drill", levels: BOTH, for: "15m", says: "there was no restore drill for too long" },
  upload_died: { row: "uploads", levels: MINOR, for: "15m", says: "the upload of a backup died" },
  not_yet_run: { row: "operations", levels: ["unknown"], says: "not every operation has run yet" },
} as const satisfies Readonly<Record<string, ProblemKind>>;

/** The code of a problem. */
export type ProblemCode = keyof typeof PROBLEMS;
/** A row of `check` that problems are shown in. */
export type ProblemRow = typeof PROBLEMS[ProblemCode]["row"];

/** All codes, in their order. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** The row of a problem in `check`. */
export function rowOf(code: ProblemCode): ProblemRow {
  return PROBLEMS[code].row;
}

/** The value of `walg_problem` for a problem: that wal-g cannot be run is as bad as anything, that it has not yet is no fault. */
export function valueOf({ code, level }: { readonly code: ProblemCode; readonly level: ProblemLevel }): 0 | 1 | 2 {
  const kind: ProblemKind = PROBLEMS[code];
  if (kind.for === undefined) return 0;
  return level === "warning" ? 1 : 2;
}

/** The name of a problem's alert: `no_backups` is `WalgNoBackups`. */
export function alertOf(code: ProblemCode): string {
  const words = code.split("_").map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return words[0] === "Walg" ? words.join("") : `Walg${words.join("")}`;
}
