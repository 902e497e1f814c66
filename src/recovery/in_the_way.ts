import { formatSegment } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import { FOUND } from "../walg/wal_verify.ts";
import { objectName } from "./archived_runs.ts";
import type { Own } from "./extents.ts";
import type { Ground } from "./ground.ts";
import { EMPTY_OBJECT, isInTheWay, type Line, spanAt } from "./history.ts";
import { type BackupRecovery, type InTheWay, MOST_HOLES, type Reach } from "./recovery.ts";

/** What objects in the way are looked for in. */
export interface InTheWayFacts {
  readonly judged: readonly BackupRecovery[];
  /** The backups' own segments, in the same order. */
  readonly own: readonly (Own | undefined)[];
  readonly ground: Ground;
  readonly archive: WalArchive | undefined;
  /** The farthest reach. */
  readonly until: Reach | undefined;
}

/** The objects that a recovery from one of the backups comes to, on the current history and on branches. */
export function objectsInTheWay({ judged, own, ground, archive, until }: InTheWayFacts): readonly InTheWay[] {
  if (archive === undefined) return [];
  const found = new Map<string, InTheWay>();
  for (const [at, { branch, code }] of judged.entries()) {
    const segments = own[at];
    const line = branch === undefined ? ground.line : ground.branchLine(branch);
    if (segments === undefined || line === undefined || code === "other_system") continue;
    const span = spanMet(segments, line);
    const met = span === undefined ? undefined : line.history.spans[span];
    if (met === undefined) continue;
    const segment = formatSegment({ timeline: met.timeline, number: met.first }, ground.size);
    if (found.has(segment)) continue;
    found.set(segment, {
      segment,
      object: objectName(archive, { timeline: met.timeline, number: met.first }, ground.size),
      isEmpty: met.status === EMPTY_OBJECT,
      isAtReach: segment === until?.inTheWay,
    });
    if (found.size >= MOST_HOLES) break;
  }
  return [...found.values()].sort((a, b) => a.segment < b.segment ? -1 : 1);
}

/** The index of the span in the way that ends the run from a backup's first segment; undefined where none does. */
function spanMet({ first }: Own, { history, runEnd }: Line): number | undefined {
  const at = spanAt(history, first);
  const start = at === undefined ? undefined : history.spans[at];
  if (at === undefined || start === undefined) return undefined;
  if (isInTheWay(start)) return at;
  const end = runEnd[at] ?? at;
  const span = history.spans[end + 1];
  // Where only the parent's file is there, recovery ends in it and asks for nothing more.
  const goesOn = history.spans[end]?.status === FOUND && span !== undefined && isInTheWay(span);
  return goesOn ? end + 1 : undefined;
}
