import type { Backup } from "../walg/backup_list.ts";
import { MOST_NAMES, type OtherSystem } from "./recovery.ts";

/** Which database systems the backups are of. */
export interface Systems {
  /** The newest backup; undefined without backups. */
  readonly newest: Backup | undefined;
  /** Of the newest backup; undefined where WAL-G names none. */
  readonly systemIdentifier: bigint | undefined;
  readonly others: readonly OtherSystem[];
  /** Whether a backup is of another system than the newest one; one of which WAL-G names none is not. */
  readonly isOther: (backup: Backup) => boolean;
}

/** Tells the systems apart: the newest backup's is the one that counts. */
export function systemsOf(backups: readonly Backup[]): Systems {
  let newest: Backup | undefined;
  for (const backup of backups) if (newest === undefined || endTime(backup) >= endTime(newest)) newest = backup;
  const systemIdentifier = newest?.systemIdentifier;
  const isOther = (backup: Backup): boolean =>
    systemIdentifier !== undefined && backup.systemIdentifier !== undefined &&
    backup.systemIdentifier !== systemIdentifier;
  const others = new Map<bigint, { systemIdentifier: bigint; names: string[]; backups: number }>();
  for (const backup of backups) {
    if (!isOther(backup) || backup.systemIdentifier === undefined) continue;
    const other = others.get(backup.systemIdentifier) ??
      { systemIdentifier: backup.systemIdentifier, names: [], backups: 0 };
    others.set(backup.systemIdentifier, other);
    other.backups++;
    if (other.names.length < MOST_NAMES) other.names.push(backup.name);
  }
  return { newest, systemIdentifier, others: [...others.values()], isOther };
}

/** When its sentinel was written, by which WAL-G finds the newest; where that is not known, when it ended. */
function endTime({ modifiedTime, finishTime }: Backup): number {
  return Math.max(modifiedTime, finishTime);
}
