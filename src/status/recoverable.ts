import { formatAge, formatMinuteFrom, formatSecond, formatSecondFrom, isFuture } from "../base/text.ts";
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
  const from = (format: (time: number) => string): string =>
    windowStartTime === undefined ? "Recoverable" : `Recoverable from ${format(windowStartTime)}`;
  // The start is rounded up, and the moment may lie within its second.
  const upToTime = Math.max(until.moment ?? 0, Math.ceil((windowStartTime ?? 0) / 1000) * 1000);
  const upTo = until.moment === undefined
    ? `${from(formatMinuteFrom)} up to WAL segment ${until.segment}, ${asked}`
    : `${from(formatSecondFrom)} up to about ${formatSecond(upToTime)} (${formatAge(upToTime, now)}), ` +
      `WAL segment ${until.segment}`;
  return `${upTo}; ${lastBackup(newest, now)}`;
}

/** `last backup 2 h ago`. */
export function lastBackup(newest: BackupRecovery | undefined, now: number): string {
  if (newest === undefined) return "no backup";
  const time = endTime(newest.backup);
  if (!isKnown(time)) return "time of the last backup unknown";
  return isFuture(time, now) ? "time of the last backup in the future" : `last backup ${formatAge(time, now)}`;
}
