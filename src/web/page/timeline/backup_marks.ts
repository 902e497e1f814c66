import { isKnown } from "../../../base/time.ts";
import type { BackupRecovery } from "../../../recovery/recovery.ts";
import { endTime } from "../../../walg/backup_list.ts";
import type { TimeScale } from "./time_scale.ts";

/** One mark: a backup, or several that would stand on top of each other. */
export interface Mark {
  /** In percent. */
  readonly at: number;
  /** Newest first. */
  readonly backups: readonly BackupRecovery[];
}

/** From a parent's mark to a delta's, in percent. */
export interface Arc {
  readonly from: number;
  readonly to: number;
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

/** Places the backups, which are given newest first, on the scale. Those without any time are left out. */
export function markBackups(newestFirst: readonly BackupRecovery[], scale: TimeScale): BackupMarks {
  const columns = new Map<number, BackupRecovery[]>();
  const columnOf = new Map<string, number>();
  for (const entry of newestFirst) {
    const time = endTime(entry.backup);
    if (!isKnown(time)) continue;
    const column = Math.round(scale.at(time) / 100 * COLUMNS);
    columnOf.set(entry.backup.name, column);
    const there = columns.get(column);
    if (there === undefined) columns.set(column, [entry]);
    else there.push(entry);
  }
  const places = new Map<number, number>();
  const marks = [...columns].map(([column, backups]): Mark => {
    const [newest] = backups;
    const at = newest === undefined ? 0 : scale.at(endTime(newest.backup));
    places.set(column, at);
    return { at, backups };
  });
  const arcs = new Map<number, Arc>();
  for (const { backup: { name, parent } } of newestFirst) {
    const [from, to] = [columnOf.get(parent), columnOf.get(name)];
    if (parent === "" || from === undefined || to === undefined || from === to) continue;
    const key = from * 1000 + to;
    if (!arcs.has(key)) arcs.set(key, { from: places.get(from) ?? 0, to: places.get(to) ?? 0 });
  }
  return { marks, arcs: [...arcs.values()].slice(0, MAX_ARCS), arcsLeftOut: Math.max(0, arcs.size - MAX_ARCS) };
}
