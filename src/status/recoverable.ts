import { formatAge, formatSecond, formatSecondFrom, isFuture } from "../base/text.ts";
import { isKnown } from "../base/time.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import { endTime } from "../walg/backup_list.ts";

/** What {@link recoverableSentence} is made from; times are Unix milliseconds. */
export interface RecoverableFacts {
  readonly recovery: Recovery;
  readonly newest: BackupRecovery | undefined;
  /** When what it rests on was asked for. */
  readonly askedTime: number;
  readonly now: number;
}

/**
 * From when and up to when recovery is possible. Never "to now", which nobody can know.
 *
 * @returns undefined where nothing is recoverable
 */
export function recoverableSentence({ recovery, newest, askedTime, now }: RecoverableFacts): string | undefined {
  const { until, windowStartTime, source } = recovery;
  if (until === undefined) return undefined;
  const asked = `${source === "archive" ? "listed" : "verified"} ${formatAge(askedTime, now)}`;
  const from = windowStartTime === undefined
    ? "Recoverable"
    : `Recoverable from ${formatSecondFrom(windowStartTime, now)}`;
  // The moment may lie within the second of the start.
  const upToTime = Math.max(until.moment ?? 0, Math.min(Math.ceil((windowStartTime ?? 0) / 1000) * 1000, now));
  const upTo = until.moment === undefined
    ? `${from} up to WAL segment ${until.segment}, ${asked}`
    : `${from} up to about ${formatSecond(upToTime)} (${formatAge(upToTime, now)}), WAL segment ${until.segment}`;
  return `${upTo}; ${lastBackup(newest, now)}`;
}

/** `last backup 2 h ago`. */
export function lastBackup(newest: BackupRecovery | undefined, now: number): string {
  if (newest === undefined) return "no backup";
  const time = endTime(newest.backup);
  if (!isKnown(time)) return "time of the last backup unknown";
  return isFuture(time, now) ? "time of the last backup in the future" : `last backup ${formatAge(time, now)}`;
}
