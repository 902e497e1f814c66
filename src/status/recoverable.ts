import { formatAge, formatMinuteFrom, isFuture } from "../base/text.ts";
import { isKnown } from "../base/time.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import { endTime } from "../walg/backup_list.ts";

/** What {@link recoverableSentence} is made from; times are Unix milliseconds. */
export interface RecoverableFacts {
  readonly recovery: Recovery;
  readonly newest: BackupRecovery | undefined;
  readonly verifiedTime: number;
  readonly now: number;
}

/**
 * From when and up to where recovery is possible. Never "to now", which nobody can know.
 *
 * @returns undefined where nothing is recoverable
 */
export function recoverableSentence({ recovery, newest, verifiedTime, now }: RecoverableFacts): string | undefined {
  const { untilSegment, windowStartTime } = recovery;
  if (untilSegment === undefined) return undefined;
  const from = windowStartTime === undefined ? "" : ` from ${formatMinuteFrom(windowStartTime)}`;
  const verified = `up to WAL segment ${untilSegment}, verified ${formatAge(verifiedTime, now)}`;
  return `Recoverable${from} ${verified}; ${lastBackup(newest, now)}`;
}

/** `last backup 2 h ago`. */
export function lastBackup(newest: BackupRecovery | undefined, now: number): string {
  if (newest === undefined) return "no backup";
  const time = endTime(newest.backup);
  if (!isKnown(time)) return "time of the last backup unknown";
  return isFuture(time, now) ? "time of the last backup in the future" : `last backup ${formatAge(time, now)}`;
}

/** Whether there are backups of which it is not known if they are restorable. */
export function anyUnknown({ backups }: Recovery): boolean {
  return backups.some(({ restorable }) => restorable === undefined);
}
