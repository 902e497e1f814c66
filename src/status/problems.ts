import type { Operation, Outcome, State } from "../collectors/state.ts";
import type { BackupRecovery, Recovery } from "../recovery/mod.ts";
import type { ErrorType } from "../walg/failure.ts";
import { lostSegments } from "./lost.ts";
import { lastBackup } from "./recoverable.ts";
import { type Problem, PROBLEM_CODES } from "./status.ts";
import { formatAge, formatCount, formatLength } from "./text.ts";

/** What the problems are found in; `now` is Unix milliseconds. */
export interface Facts {
  readonly state: State;
  readonly recovery: Recovery | undefined;
  /** Newest first; undefined until they were listed once. */
  readonly backups: readonly BackupRecovery[] | undefined;
  readonly now: number;
}

/** Failures that say that wal-g itself did not run. */
const NOT_RUN: readonly ErrorType[] = ["not_found", "not_permitted", "not_executable"];

/**
 * How many segments may wait to be archived before that is worth a warning: as many as WAL-G uploads at once by
 * default.
 */
const IN_FLIGHT = 16;

/** All that is wrong, worst first. */
export function problemsOf(facts: Facts): readonly Problem[] {
  const problems = [...runProblems(facts), ...backupProblems(facts), ...walProblems(facts)];
  return problems.toSorted((a, b) => PROBLEM_CODES.indexOf(a.code) - PROBLEM_CODES.indexOf(b.code));
}

function* runProblems({ state, now }: Facts): Generator<Problem> {
  const outcomes = [state["storage-check"], state["backup-list"], state["wal-verify"]];
  const notRun = outcomes.find(isNotRun)?.lastFailure;
  if (notRun) {
    const { message: cause } = notRun;
    yield { code: "walg_not_run", level: "unknown", sentence: `wal-g cannot be run: ${cause}`, cause };
  }

  const refusals = [
    refusal(
      state["storage-check"],
      { code: "storage_down", level: "critical", says: "The storage does not answer" },
      now,
    ),
    refusal(
      state["backup-list"],
      { code: "backup_list_failed", level: "critical", says: "Backups cannot be listed" },
      now,
    ),
    refusal(
      state["wal-verify"],
      { code: "wal_verify_failed", level: "warning", says: "wal-verify gives no answer" },
      now,
    ),
  ];
  for (const problem of refusals) if (problem) yield problem;
  const pending = (["backup-list", "wal-verify"] as const).filter((operation) => state[operation].last === undefined);
  if (pending.length > 0) {
    yield { code: "not_yet_run", level: "unknown", sentence: pendingSentence(pending, state, now) };
  }
}

function* backupProblems({ state, recovery, backups, now }: Facts): Generator<Problem> {
  const [newest] = backups ?? [];
  if (backups !== undefined && newest === undefined) {
    const listed = formatAge(state["backup-list"].snapshot?.time ?? now, now);
    const sentence = `There is no backup in the storage: nothing can be recovered (listed ${listed})`;
    return yield { code: "no_backups", level: "critical", sentence };
  }
  if (newest === undefined || recovery === undefined) return;
  const { backup: { name }, reason } = newest;
  const said = `the newest is ${name}: ${reason}; ${lastBackup(newest, now)}`;
  if (recovery.until === undefined) {
    const sentence = recovery.windowKnown
      ? `No backup is restorable; ${said}`
      : `No backup is known to be restorable; ${said}`;
    yield recovery.windowKnown
      ? { code: "nothing_restorable", level: "critical", sentence }
      : { code: "restorable_unknown", level: "warning", sentence };
  } else if (newest.restorable === false) {
    const sentence = `The newest backup ${name} is not restorable: ${reason}`;
    yield { code: "newest_not_restorable", level: "critical", sentence };
  }
}

function* walProblems({ state, recovery }: Facts): Generator<Problem> {
  const timeline = state["wal-verify"].snapshot?.value.timeline;
  if (timeline?.status === "FAILURE") {
    const { current = "unknown", highestInStorage = "unknown" } = timeline;
    const sentence =
      `Timeline mismatch: the storage holds timeline ${highestInStorage}, the cluster is on ${current}; ` +
      "another server may archive to the same place";
    yield { code: "timeline_mismatch", level: "critical", sentence };
  }
  const lost = recovery && lostSegments(recovery);
  if (recovery && lost) {
    const count = formatCount(recovery.lostSegments, "WAL segment");
    const where = recovery.lostSegments === 1 ? lost.first : `from ${lost.first} to ${lost.last}`;
    yield { code: "wal_lost", level: "critical", sentence: `${count} lost: ${where}; recovery cannot cross the gap` };
  }
  const waiting = recovery?.atRiskSegments ?? 0;
  if (recovery && waiting > IN_FLIGHT) {
    const sentence = `${formatCount(waiting, "WAL segment")} after ${recovery.untilSegment} not archived: ` +
      "losing this host now would lose them";
    yield { code: "wal_at_risk", level: "warning", sentence };
  }
}

function isNotRun({ last, lastFailure }: Outcome<unknown>): boolean {
  return last?.success === false && lastFailure !== undefined && NOT_RUN.includes(lastFailure.type);
}

/** What the failed last run of an operation means; undefined when it did not fail, or when wal-g did not run at all. */
function refusal(
  { last, lastFailure, snapshot, failuresInARow }: Outcome<unknown>,
  { code, level, says }: Pick<Problem, "code" | "level"> & { readonly says: string },
  now: number,
): Problem | undefined {
  if (last?.success !== false || lastFailure === undefined || NOT_RUN.includes(lastFailure.type)) return undefined;
  const { message: cause } = lastFailure;
  const runs = formatCount(failuresInARow, "failed run");
  const how = snapshot !== undefined
    ? `; last answer ${formatAge(snapshot.time, now)}, ${runs} since`
    : failuresInARow > 1
    ? `; never yet, ${runs}`
    : "";
  return { code, level, sentence: `${says}${how}: ${cause}`, cause };
}

function pendingSentence(pending: readonly Operation[], state: State, now: number): string {
  const started = Math.min(...pending.map((operation) => state[operation].runningSince ?? now));
  const run = `${pending.join(" and ")} ${pending.length === 1 ? "runs" : "run"} for the first time`;
  return `What is recoverable is not known yet: ${run}, for ${formatLength(now - started)} so far`;
}
