import { formatCount, formatNumber, formatSeconds, isFuture } from "../base/text.ts";
import { isKnown } from "../base/time.ts";
import { levelBeyond, LIMITS, type Measure, worstOf } from "../operations/limits.ts";
import { walVerify } from "../operations/wal_verify.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import { recoveryWindowSeconds } from "../recovery/window.ts";
import { endTime } from "../walg/backup_list.ts";
import { gapSentence } from "./archive_problems.ts";
import { BACK_UP } from "./backup_problems.ts";
import type { Facts, Measured, Problem } from "./status.ts";

/** Everything that has a limit, as it is now. */
export function measuresOf({ recovery, backups, findings, now }: Facts): Readonly<Record<Measure, Measured>> {
  return {
    backup_age: ageOf(backups, backups?.[0], { what: "backup", now }),
    full_backup_age: ageOf(backups, findings?.newestFull, { what: "full backup", now }),
    recovery_window: windowLength(recovery, now),
    rpo: recovery?.until?.moment === undefined
      ? { reason: "it is not known up to when recovery is possible" }
      : { value: Math.max(0, Math.floor((now - recovery.until.moment) / 1000)) },
    at_risk_segments: recovery?.atRiskSegments === undefined
      ? { reason: recovery === undefined ? NO_ANSWER : "no backup is known to be restorable" }
      : { value: recovery.atRiskSegments },
  };
}

const NO_ANSWER = "what is recoverable is not known";

function ageOf(
  backups: Facts["backups"],
  newest: BackupRecovery | undefined,
  { what, now }: { readonly what: string; readonly now: number },
): Measured {
  if (backups === undefined) return { reason: "backups have not been listed" };
  if (newest === undefined) return { reason: `there is no ${what}` };
  const ended = endTime(newest.backup);
  if (!isKnown(ended)) return { reason: `wal-g does not say when ${newest.backup.name} ended` };
  if (isFuture(ended, now)) return { reason: `${newest.backup.name} is dated in the future` };
  return { value: Math.max(0, Math.floor((now - ended) / 1000)) };
}

function windowLength(recovery: Recovery | undefined, now: number): Measured {
  if (recovery === undefined) return { reason: NO_ANSWER };
  const seconds = recoveryWindowSeconds(recovery, now);
  if (seconds === undefined || (recovery.until === undefined && recovery.anyUnknown)) {
    return { reason: "it is not known which backups are restorable" };
  }
  if (recovery.until === undefined) {
    return { value: 0, reason: recovery.backups.length === 0 ? "there is no backup" : "no backup is restorable" };
  }
  if (isFuture(recovery.windowStartTime ?? 0, now)) {
    return { reason: "the backup that it begins with is dated in the future" };
  }
  return { value: Math.floor(seconds) };
}

/** A length or a count as people say it. */
export function measureText(measure: Measure, value: number): string {
  if (LIMITS[measure].unit === "segments") return formatCount(value, "WAL segment");
  return value < 10 ? `${value} s` : formatSeconds(value);
}

/** What is beyond its limit. */
export function* limitProblems(
  facts: Facts,
  measures: Readonly<Record<Measure, Measured>>,
): Generator<Problem> {
  const { recovery, backups, findings, limits } = facts;
  const [newest] = backups ?? [];
  if (newest !== undefined) {
    const shared = { code: "backup_too_old", fix: LATE } as const;
    yield* ageProblem("backup_age", newest, { ...shared, what: "newest backup" });
    const full = { code: "full_backup_too_old", fix: `${BACK_UP} ${LATE}`, what: "newest full backup" } as const;
    yield* ageProblem("full_backup_age", findings?.newestFull, full);
  }
  yield* windowProblem();
  yield* rpoProblem();
  if (recovery !== undefined) yield* reachProblems(recovery);

  function* ageProblem(
    measure: "backup_age" | "full_backup_age",
    backup: BackupRecovery | undefined,
    { what, ...shared }: Pick<Problem, "code" | "fix"> & { readonly what: string },
  ): Generator<Problem> {
    const { value, reason = "" } = measures[measure];
    const limit = limits[measure];
    const level = value !== undefined ? levelBeyond(measure, value, limit) : backup === undefined
      ? worstOf(limit)
      // Of one that is dated in the future, backup_in_future says it.
      : worstOf(limit) && !isKnown(endTime(backup.backup))
      ? "warning"
      : undefined;
    if (level === undefined) return;
    const sentence = value === undefined
      ? `The age of the ${what} is not known: ${reason}`
      : `The ${what} ended ${measureText(measure, value)} ago, ${beyond(measure, level)}`;
    yield { ...shared, level, sentence };
  }

  function* windowProblem(): Generator<Problem> {
    const { value, reason } = measures.recovery_window;
    const limit = limits.recovery_window;
    if (recovery === undefined || worstOf(limit) === undefined) return;
    const level = value === undefined ? "warning" : levelBeyond("recovery_window", value, limit);
    if (level === undefined) return;
    const sentence = value === undefined
      ? `The recovery window is not known: ${reason}`
      : `The recovery window is ${measureText("recovery_window", value)}, ${beyond("recovery_window", level)}`;
    yield { code: "recovery_window_short", level, sentence, fix: KEEP };
  }

  /** A quiet cluster, or one that is stopped, loses nothing by waiting: only while whole segments wait. */
  function* rpoProblem(): Generator<Problem> {
    const { value } = measures.rpo;
    const { waitingSegments = 0 } = recovery ?? {};
    const isVerifyOff = !facts.state.operations.some(({ name }) => name === walVerify.name);
    const level = value !== undefined && (waitingSegments > 0 || isVerifyOff)
      ? levelBeyond("rpo", value, limits.rpo)
      : undefined;
    if (value === undefined || level === undefined) return;
    const waits = waitingSegments > 0 ? `${formatCount(waitingSegments, "whole WAL segment")} after it` : UNSEEN;
    const sentence = `The last moment that can be recovered was ${measureText("rpo", value)} ago, ` +
      `${beyond("rpo", level)}: losing this host now would lose what came since (${waits})`;
    yield {
      code: "recovery_point_too_old",
      level,
      sentence,
      fix: waitingSegments > 0 ? ARCHIVER : `${ARCHIVER} ${QUIET}`,
    };
  }

  function* reachProblems({ beyond: after, waitingSegments = 0, untilSegment = "" }: Recovery): Generator<Problem> {
    const limit = limits.at_risk_segments;
    const level = levelBeyond("at_risk_segments", waitingSegments, limit);
    if (after === undefined || level === undefined) return;
    const gap = gapSentence(after, untilSegment);
    if (gap !== undefined) yield { code: "wal_unreachable", level, sentence: gap, fix: BRIDGE };
    const atEnd = Math.min(after.notArchived, waitingSegments);
    const endLevel = levelBeyond("at_risk_segments", atEnd, limit);
    if (endLevel === undefined) return;
    const where = gap === undefined ? `after ${untilSegment}` : "at the end";
    const sentence =
      `${formatCount(atEnd, "WAL segment")} ${where} not archived: losing this host now would lose them, ` +
      "and pg_wal grows";
    yield { code: "wal_at_risk", level: endLevel, sentence, fix: ARCHIVER };
  }

  function beyond(measure: Measure, level: "warning" | "critical"): string {
    const limit = limits[measure][level] ?? 0;
    const text = measure === "at_risk_segments" ? formatNumber(limit) : measureText(measure, limit);
    return `${"isFloor" in LIMITS[measure] ? "less" : "more"} than ${text}`;
  }
}

const LATE = "See the log of the job that takes backups; if they are taken less often on purpose, raise the limit " +
  "(-warn-backup-age, -max-backup-age, -warn-full-backup-age, -max-full-backup-age).";
const KEEP = "Keep more backups and WAL ('wal-g delete' removes too much), or look for a gap in the WAL.";
const ARCHIVER = "See pg_stat_archiver, and PostgreSQL's log for the errors of archive_command.";
const UNSEEN = "wal-verify is off, so whether WAL waits is not known";
const QUIET = "If the cluster is only quiet, set archive_timeout, or -warn-rpo=none and -max-rpo=none.";
const BRIDGE =
  "Take a backup now, full or delta: recovery continues from it. Or, if a pg_wal still holds what is missing, " +
  "archive it again with 'wal-g wal-push'.";
