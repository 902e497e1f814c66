import { type Backup, parentPrefix } from "../walg/backup_list.ts";

/** Tells what is wrong with a backup's chain of ancestors; "" where it is whole. */
export type ChainFault = (backup: Backup) => string;

/**
 * Follows every delta to its full backup: a delta restores from the files of all its ancestors, so each must be listed.
 *
 * The answers are remembered, so that long chains are walked once in all.
 */
export function chainFaults(backups: readonly Backup[]): ChainFault {
  const listed = new Map<string, Backup>();
  for (const backup of backups) {
    if (!listed.has(backup.name)) listed.set(backup.name, backup);
  }
  // null marks the backups of the walk that is going on: to meet one again is a loop.
  const known = new Map<string, string | null>();
  return (backup) => {
    const walked: string[] = [];
    let fault = "";
    for (let at: Backup = backup;;) {
      const before = known.get(at.name);
      if (before !== undefined) {
        fault = before ?? `ancestors form a loop: ${at.name}`;
        break;
      }
      known.set(at.name, null);
      walked.push(at.name);
      if (at.type === "full") break;
      const parent = listed.get(at.parent);
      if (parent === undefined) {
        fault = `ancestor missing: ${parentPrefix(at.name) ?? at.parent}`;
        break;
      }
      at = parent;
    }
    for (const name of walked) known.set(name, fault);
    return fault;
  };
}
