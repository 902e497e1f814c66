import type { Log } from "../base/log.ts";
import type { BackupRecovery, Recovery } from "../recovery/recovery.ts";
import { endTime } from "../walg/backup_list.ts";

/** How many backups one line names. */
const NAMED = 4;

type Row = Pick<BackupRecovery, "backup" | "reason">;

/**
 * Logs which backups are not restorable and why: one line each time that the set of them or a reason changes.
 *
 * @returns what to call with each recovery; the same one again, or none, logs nothing
 */
export function createRestorableLog(log: Log): (recovery: Recovery | undefined) => void {
  let last: WeakRef<Recovery> | undefined;
  let logged: ReadonlyMap<string, string> = new Map();
  return (recovery) => {
    if (recovery === undefined || recovery === last?.deref()) return;
    last = new WeakRef(recovery);
    const bad = recovery.backups.filter(({ restorable }) => restorable === false);
    const reasons = new Map(bad.map(({ backup, reason }) => [backup.name, reason]));
    const changed = !isSame(logged, reasons);
    logged = reasons;
    if (!changed) return;
    if (bad.length === 0) return logGood(recovery, log);
    const [newest, ...others] = newestOf(bad);
    log.warn("backups not restorable", {
      count: reasons.size,
      newest: newest?.backup.name ?? "",
      reason: newest?.reason ?? "",
      ...(others.length > 0 && { before: others.map(({ backup, reason }) => `${backup.name}: ${reason}`).join("; ") }),
      ...(reasons.size > NAMED && { not_named: reasons.size - NAMED }),
    });
  };
}

function logGood({ backups }: Recovery, log: Log): void {
  if (backups.length === 0) return log.warn("no backup is listed any more");
  const unknown = backups.filter(({ restorable }) => restorable === undefined).length;
  if (unknown === 0) log.info("all backups restorable again", { count: backups.length });
  else log.info("no backup is known to be not restorable any more", { count: backups.length, not_known: unknown });
}

function isSame(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): boolean {
  return before.size === now.size && [...now].every(([name, reason]) => before.get(name) === reason);
}

/** The few that ended last, newest first, each name once: in one pass, as there may be thousands. */
function newestOf(rows: readonly Row[]): readonly Row[] {
  const newest: Row[] = [];
  for (const row of rows) {
    const { name } = row.backup;
    const time = endTime(row.backup);
    if (newest.some(({ backup }) => backup.name === name)) continue;
    const at = newest.findIndex(({ backup }) => time >= endTime(backup));
    newest.splice(at < 0 ? newest.length : at, 0, row);
    if (newest.length > NAMED) newest.pop();
  }
  return newest;
}
