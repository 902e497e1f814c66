import { type Backup, parentPrefix } from "../walg/backup_list.ts";
import { formatLsn } from "../walg/segment.ts";
import { type Course, liesOn, type Own } from "./history.ts";
import type { ReasonCode } from "./recovery.ts";

/** What is wrong with a backup's chain of ancestors; `isKnown` is false where it may be right. */
export interface ChainFault {
  readonly isKnown: boolean;
  readonly code: ReasonCode;
  readonly reason: string;
}

/** What chains of ancestors are judged by. */
export interface ChainFacts {
  readonly backups: readonly Backup[];
  /** In the same order. */
  readonly own: readonly (Own | undefined)[];
  /** The history of a timeline. */
  readonly courseOf: (timeline: number) => Course;
  /** What of a backup's parts is gone; "" where nothing is known to be, undefined where it cannot be known. */
  readonly goneParts: (at: number) => string | undefined;
  /** Whether a backup is of another database system than the one that counts. */
  readonly isOther: (backup: Backup) => boolean;
}

const WALKING: unique symbol = Symbol("walking");

/**
 * Follows every delta to its full backup: a delta restores from the files of all its ancestors, so each must be listed,
 * have its parts, and lie on the history of the delta. They need no WAL.
 *
 * The answers are remembered, so that long chains are walked once in all.
 *
 * @returns for each place in the list what is wrong; undefined where nothing is
 */
export function chainFaults(
  { backups, own, courseOf, goneParts, isOther }: ChainFacts,
): readonly (ChainFault | undefined)[] {
  const places = new Map<string, number>();
  for (const [at, { name }] of backups.entries()) if (!places.has(name)) places.set(name, at);
  const known = new Array<ChainFault | undefined | typeof WALKING>(backups.length);
  const isKnown = new Uint8Array(backups.length);

  function link(child: number, parent: number): ChainFault | undefined {
    const [backup, ancestor, ours, theirs] = [backups[child], backups[parent], own[child], own[parent]];
    if (backup === undefined || ancestor === undefined) return undefined;
    if (isOther(ancestor) && !isOther(backup)) {
      const reason = `ancestor overwritten: ${ancestor.name} is now a backup of another database system`;
      return { isKnown: true, code: "ancestor_missing", reason };
    }
    const gone = goneParts(parent);
    if (gone !== undefined && gone !== "") {
      return { isKnown: true, code: "ancestor_incomplete", reason: `ancestor ${ancestor.name} is incomplete: ${gone}` };
    }
    if (ours !== undefined && theirs !== undefined) {
      const course = courseOf(ours.timeline);
      const lies = liesOn(course, theirs);
      if (lies === false) return { isKnown: true, code: "mixed", reason: mixedReason(ancestor, theirs, course) };
      if (lies === undefined) return historyUnknown(ancestor, ours, theirs, course);
    }
    if (gone === undefined) {
      const reason = `not known whether ancestor ${ancestor.name} is complete: a storage could not be listed`;
      return { isKnown: false, code: "storage_not_listed", reason };
    }
    return undefined;
  }

  return backups.map((_, start) => {
    const walked: number[] = [];
    let fault: ChainFault | undefined;
    for (let at = start;;) {
      const backup = backups[at];
      if (backup === undefined) break;
      if (isKnown[at] === 1) {
        const before = known[at];
        fault = before === WALKING
          ? { isKnown: true, code: "ancestor_loop", reason: `ancestors form a loop: ${backup.name}` }
          : before;
        break;
      }
      isKnown[at] = 1;
      known[at] = WALKING;
      walked.push(at);
      if (backup.type === "full") break;
      const parent = places.get(backup.parent);
      if (parent === undefined) {
        const reason = `ancestor missing: ${parentPrefix(backup.name) ?? backup.parent}`;
        fault = { isKnown: true, code: "ancestor_missing", reason };
        break;
      }
      at = parent;
    }
    // From the oldest on: what is known to be wrong further up counts more than what may be wrong here.
    for (let nth = walked.length - 1; nth >= 0; nth--) {
      const at = walked[nth] ?? 0;
      const parent = places.get(backups[at]?.parent ?? "");
      const isLink = backups[at]?.type === "delta" && parent !== undefined && fault?.code !== "ancestor_loop";
      const here = isLink ? link(at, parent) : undefined;
      if (fault === undefined || (!fault.isKnown && here?.isKnown === true)) fault = here;
      known[at] = fault;
    }
    return fault;
  });
}

function mixedReason(ancestor: Backup, theirs: Own, { legOf }: Course): string {
  const leg = legOf.get(theirs.timeline);
  const left = leg?.endLsn === undefined ? "left" : `left at ${formatLsn(leg.endLsn)}`;
  const where = `of timeline ${theirs.timeline}, which ` +
    (leg === undefined ? "is not in its history" : `was ${left} before that backup finished`);
  return `restores to a mixture of two timelines: taken on ${ancestor.name} ${where}`;
}

function historyUnknown(ancestor: Backup, ours: Own, theirs: Own, { legOf, root }: Course): ChainFault {
  const begin = `not known whether ancestor ${ancestor.name} lies on the history of timeline ${ours.timeline}: `;
  const leg = legOf.get(theirs.timeline);
  const why = leg === undefined
    ? `what timeline ${root} comes from is not known`
    : `wal-verify does not say at which byte timeline ${theirs.timeline} was left`;
  return { isKnown: false, code: "history_unknown", reason: begin + why };
}
