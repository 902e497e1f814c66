import { formatCount, formatNumber } from "../base/text.ts";
import { answerOf } from "../operations/state.ts";
import { walArchive } from "../operations/wal_archive.ts";
import { lostForGood } from "../recovery/lost.ts";
import type { BeyondReach, Recovery } from "../recovery/recovery.ts";
import { storageArgs } from "../walg/storage_listing.ts";
import type { Facts, Problem } from "./status.ts";

const PUT_BACK =
  "If a pg_wal still holds it, archive it with 'wal-g wal-push'. If not, recovery begins with the first " +
  "backup after the gap, full or delta: take one now if there is none.";

const ACCEPT =
  "If a pg_wal still holds it, archive it with 'wal-g wal-push'. If it is gone for good, nothing gets worse " +
  "by waiting: -accept-holes-before=TIME says that it is known.";

const STOP_OTHER =
  "Another server was promoted or archives to the same place: find out which one is to continue, and stop the " +
  "other's archiving.";

/** What is wrong with the WAL archive, by the last good answers. */
export function* archiveProblems({ state, recovery, limits, now }: Facts): Generator<Problem> {
  const archive = answerOf(state, walArchive)?.archive;
  if (archive !== undefined && archive.unlisted.length > 0) yield unlisted(archive.unlisted, "WAL segments");
  if (recovery === undefined) return;
  yield* timelineProblems(recovery);
  yield* objectProblems(recovery);
  yield* lostProblems(recovery, now, limits.acceptHolesBefore);
}

function* timelineProblems(
  { timelineMismatch, missingHistories, skippedTimelines: [skipped], otherSystems }: Recovery,
): Generator<Problem> {
  // Of two systems in one prefix, each has timelines of its own: other_system says it.
  if (timelineMismatch !== undefined && otherSystems.length === 0) {
    const { current, highest } = timelineMismatch;
    const sentence = `Timeline mismatch: the storage holds timeline ${highest}, the cluster is on ${current}`;
    yield { code: "timeline_mismatch", level: "critical", sentence, fix: STOP_OTHER };
  }
  if (skipped !== undefined) {
    const { timeline, asked, instead } = skipped;
    const sentence = `wal-verify passes over timeline ${timeline} and asks for WAL segment ${asked}, which may never ` +
      "have existed: whether WAL is missing there is not known";
    const fix = `Look for ${instead} in 'wal-g st ls wal_005/': if it is there, nothing is missing. The operation ` +
      "wal-archive looks for itself: switch it on.";
    yield { code: "timeline_skipped", level: "warning", sentence, fix };
  }
  for (const { timeline, file, cause, isOnHistory, cutsOff } of missingHistories) {
    if (!isOnHistory && !cutsOff) continue;
    const what = cause === "missing" ? "is not in the archive" : "cannot be read";
    const sentence = `${file} ${what}: recovery cannot go from an earlier timeline to timeline ${timeline}, ` +
      "and what rests on that is not known";
    const fix = cause === "missing"
      ? `If a pg_wal still holds it, archive it: 'wal-g wal-push PGDATA/pg_wal/${file}'. If not, take a backup now.`
      : "Give the exporter the encryption settings that the archive is made with, or archive the file again.";
    return yield { code: "history_missing", level: "warning", sentence, fix };
  }
}

function* objectProblems({ inTheWay }: Recovery): Generator<Problem> {
  const [first] = inTheWay.toSorted((a, b) => Number(b.isAtReach) - Number(a.isAtReach));
  if (first === undefined) return;
  const what = first.isEmpty ? "is an empty object" : "has the wrong size";
  const more = inTheWay.length > 1 ? ` (and ${formatNumber(inTheWay.length - 1)} more)` : "";
  const sentence = first.isAtReach
    ? `WAL segment ${first.segment} ${what}${more}: every restore to the latest moment ends there with FATAL`
    : `WAL segment ${first.segment} ${what}${more}: a restore that comes to it ends with FATAL`;
  const push = "if a pg_wal still holds the segment, archive it again with 'wal-g wal-push'";
  yield {
    code: "segment_in_the_way",
    level: first.isAtReach ? "critical" : "warning",
    sentence,
    fix: `Remove it: '${removal(first.storage, `wal_005/${first.object}`)}'; then, ${push}.`,
  };
}

/** The command that removes what is under a path of a storage. */
export function removal(storage: string | undefined, path: string): string {
  return ["wal-g st rm", ...storageArgs(storage), path].join(" ");
}

function* lostProblems(
  { lost }: Recovery,
  now: number,
  acceptHolesBefore: number | undefined,
): Generator<Problem> {
  const gone = lost && lostForGood(lost, now, acceptHolesBefore);
  if (gone === undefined) return;
  const { first, last, segments, isBridged } = gone;
  const where = first === last ? first : `the oldest ${first}, the newest ${last}`;
  const bridged = isBridged ? "; later backups are restorable" : "";
  const sentence = `${formatCount(segments, "WAL segment")} lost: ${where}; ` +
    `no recovery from before to after that${bridged}`;
  yield { code: "wal_lost", level: isBridged ? "warning" : "critical", sentence, fix: isBridged ? ACCEPT : PUT_BACK };
}

/** Whether archived segments lie behind a gap, and what is said of that; one line. */
export function gapSentence(beyond: BeyondReach, untilSegment: string): string | undefined {
  const { unreachable, firstMissing, unknown } = beyond;
  // What could not be looked for may be there.
  if (unreachable === 0 || (firstMissing === undefined && unknown > 0)) return undefined;
  const segments = unreachable === 1
    ? "the archived WAL segment"
    : `the ${formatNumber(unreachable)} archived WAL segments`;
  const gap = firstMissing === undefined ? `The archived WAL ends after ${untilSegment}` : `${firstMissing} is missing`;
  return `${gap}: recovery stops there, and ${segments} after it cannot be reached`;
}

/** A storage that could not be listed. */
export function unlisted(storages: readonly string[], what: string): Problem {
  const sentence = `${listed(storages)} could not be listed: whether ${what} are there is not known`;
  const fix =
    "Check from this host that every failover storage answers: 'wal-g st ls -t all wal_005/' says which does not.";
  return { code: "storage_not_listed", level: "warning", sentence, fix };
}

/** The first few of a list. */
export function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")}, …`;
}
