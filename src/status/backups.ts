import type { BackupList } from "../collectors/backup_list.ts";
import type { BackupRecovery, Recovery } from "../recovery/mod.ts";
import { type Backup, ZERO_TIME } from "../walg/backup.ts";
import { inOneGo } from "../pace.ts";

const sorted = new WeakMap<object, readonly BackupRecovery[]>();

/**
 * The backups, newest first; of two of the same time, the one that was listed later.
 *
 * Made once for each recovery, or for each list while there is none.
 */
export function newestFirst(list: BackupList, recovery: Recovery | undefined): readonly BackupRecovery[] {
  return sorted.get(recovery ?? list) ?? inOneGo(sortNewestFirst(list, recovery));
}

/** {@link newestFirst} in slices, for the first time that it is asked for. */
export function* sortNewestFirst(
  list: BackupList,
  recovery: Recovery | undefined,
): Generator<void, readonly BackupRecovery[]> {
  const key = recovery ?? list;
  const known = sorted.get(key);
  if (known !== undefined) return known;
  const backups = recovery?.backups ?? list.backups.map(unverified);
  yield;
  const times = Float64Array.from(backups, ({ backup }) => endTime(backup));
  const order = Uint32Array.from(backups, (_, index) => index).reverse();
  yield;
  // Stable, so that the reversed order decides between equals.
  order.sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0));
  yield;
  const rows = Array.from(order, (index) => backups[index]).filter((row) => row !== undefined);
  sorted.set(key, rows);
  return rows;
}

/** When a backup ended; where WAL-G does not know, when its sentinel was written: Unix milliseconds. */
export function endTime({ finishTime, modifiedTime }: Backup): number {
  return finishTime === ZERO_TIME ? modifiedTime : finishTime;
}

function unverified(backup: Backup): BackupRecovery {
  return { backup, restorable: undefined, reason: "wal-verify has not answered yet" };
}
