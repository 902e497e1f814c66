import { isKnown } from "../../../base/time.ts";
import type { BackupRecovery } from "../../../recovery/recovery.ts";
import { endTime } from "../../../walg/backup_list.ts";
import type { TimeScale } from "./time_scale.ts";

/** One mark: a backup, or several that would stand on top of each other. */
export interface Mark {
  /** In percent. */
  readonly at: number;
  /** The branch's row that it stands in; -1 above the main band. */
  readonly row: number;
  /** Newest first. */
  readonly backups: readonly BackupRecovery[];
}

/** From a parent's mark to a delta's. */
export interface Arc {
  readonly from: Pick<Mark, "at" | "row">;
  readonly to: Pick<Mark, "at" | "row">;
  /** Whether the delta is on another branch than its parent: it restores to a mixture. */
  readonly isMixed: boolean;
}

/** The backups on the drawing. */
export interface BackupMarks {
  /** Newest first. */
  readonly marks: readonly Mark[];
  /** Of the newest deltas. */
  readonly arcs: readonly Arc[];
  /** How many arcs between different marks are left out. */
  readonly arcsLeftOut: number;
}

/** How many marks find room side by side. */
const COLUMNS = 96;
const MAX_ARCS = 150;

/** Places the backups, which are given newest first, on the scale; those without any time are left out. */
export function markBackups(
  newestFirst: readonly BackupRecovery[],
  scale: TimeScale,
  rowOf: (branch: number) => number | undefined = () => undefined,
): BackupMarks {
  const columns = new Map<number, Mark & { readonly backups: BackupRecovery[] }>();
  const columnOf = new Map<string, number>();
  for (const entry of newestFirst) {
    const time = endTime(entry.backup);
    if (!isKnown(time)) continue;
    const at = scale.at(time);
    const row = entry.branch === undefined ? -1 : rowOf(entry.branch) ?? -1;
    const column = Math.round(at / 100 * COLUMNS) + (row + 1) * 1000;
    columnOf.set(entry.backup.name, column);
    const there = columns.get(column);
    if (there === undefined) columns.set(column, { at, row, backups: [entry] });
    else there.backups.push(entry);
  }
  const arcs = new Map<number, Arc>();
  for (const { backup: { name, parent }, code } of newestFirst) {
    const [start, end] = [columnOf.get(parent), columnOf.get(name)];
    if (parent === "" || start === undefined || end === undefined || start === end) continue;
    const [from, to] = [columns.get(start), columns.get(end)];
    // Within a branch's row there is no room for them.
    if (from === undefined || to === undefined || (from.row >= 0 && from.row === to.row)) continue;
    const key = start * 10_000 + end;
    if (!arcs.has(key)) arcs.set(key, { from, to, isMixed: code === "mixed" });
  }
  return {
    marks: [...columns.values()],
    arcs: [...arcs.values()].slice(0, MAX_ARCS),
    arcsLeftOut: Math.max(0, arcs.size - MAX_ARCS),
  };
}
