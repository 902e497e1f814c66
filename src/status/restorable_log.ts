import type { Log } from "../base/log.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { newestFirst } from "../walg/backup_list.ts";

/** How many backups one line names. */
const NAMED = 4;

/**
 * Logs which backups are not restorable and why: one line each time that the set of them or a reason changes.
 *
 * @returns what to call with each recovery; the same one again, or none, logs nothing
 */
export function createRestorableLog(log: Log): (recovery: Recovery | undefined) => void {
  let logged = "";
  return (recovery) => {
    if (recovery === undefined) return;
    const bad = recovery.backups.filter(({ restorable }) => restorable === false);
    const reasons = bad.map(({ backup, reason }) => `${backup.name}: ${reason}`).sort().join("\n");
    if (reasons === logged) return;
    logged = reasons;
    if (bad.length === 0) return logGood(recovery, log);
    const [newest, ...others] = newestFirst(bad).slice(0, NAMED);
    log.warn("backups not restorable", {
      count: bad.length,
      newest: newest?.backup.name ?? "",
      reason: newest?.reason ?? "",
      ...(others.length > 0 && { before: others.map(({ backup, reason }) => `${backup.name}: ${reason}`).join("; ") }),
      ...(bad.length > NAMED && { not_named: bad.length - NAMED }),
    });
  };
}

function logGood({ backups }: Recovery, log: Log): void {
  if (backups.length === 0) return log.warn("no backup is listed any more");
  const unknown = backups.filter(({ restorable }) => restorable === undefined).length;
  if (unknown === 0) log.info("all backups restorable again", { count: backups.length });
  else log.info("no backup is known to be not restorable any more", { count: backups.length, not_known: unknown });
}
