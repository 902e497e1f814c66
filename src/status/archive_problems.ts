import type { State } from "../collectors/state.ts";
import type { BackupRecovery, Recovery } from "../recovery/mod.ts";
import { endTime } from "./backups.ts";
import { beyondReach, gapSentence } from "./beyond_reach.ts";
import { isFuture } from "./future.ts";
import { lostSegments } from "./lost.ts";
import { anyUnknown, lastBackup } from "./recoverable.ts";
import type { Problem } from "./status.ts";
import { formatAge, formatCount, formatMinute } from "./text.ts";

/** What the problems of the archive are found in; `now` is Unix milliseconds. */
export interface Facts {
  readonly state: State;
  readonly recovery: Recovery | undefined;
  /** Newest first; undefined until they were listed once. */
  readonly backups: readonly BackupRecovery[] | undefined;
  readonly now: number;
}

/**
 * How many segments may wait to be archived before that is worth a warning: as many as WAL-G uploads at once by
 * default.
 */
const IN_FLIGHT = 16;

// A plain backup-push can make a delta on a chain that is broken.
const BACK_UP = "Take a full backup now: 'wal-g backup-push --full DATA_DIRECTORY'.";

const PUT_BACK =
  "If a pg_wal still holds it, archive it with 'wal-g wal-push'. If not, recovery begins with the first " +
  "backup after the gap, full or delta: take one now if there is none.";

const BRIDGE =
  "Take a backup now, full or delta: recovery goes on from it. Or, if a pg_wal still holds what is missing, " +
  "archive it again with 'wal-g wal-push'.";

const SET_CLOCK =
  "Correct the clock of the host that took it, or this host's: 'timedatectl' says whether it is synchronized. " +
  "Then take a backup. The one of that date stays the newest until its time has come or it is deleted.";

/** What is wrong with the backups, by the last good answers. */
export function* backupProblems(facts: Facts): Generator<Problem> {
  yield* restorableProblems(facts);
  yield* timeProblems(facts);
}

function* timeProblems({ backups: [newest] = [], now }: Facts): Generator<Problem> {
  if (newest === undefined) return;
  const time = endTime(newest.backup);
  if (!isFuture(time, now)) return;
  const sentence = `The newest backup ${newest.backup.name} is dated ${formatMinute(time)}, in the future: ` +
    "how old the backups are cannot be told";
  yield { code: "backup_in_future", level: "warning", sentence, mend: SET_CLOCK };
}

function* restorableProblems({ state, recovery, backups, now }: Facts): Generator<Problem> {
  const [newest] = backups ?? [];
  if (backups !== undefined && newest === undefined) {
    const listed = formatAge(state["backup-list"].snapshot?.time ?? now, now);
    const sentence = `There is no backup in the storage: nothing can be recovered (listed ${listed})`;
    return yield { code: "no_backups", level: "critical", sentence, mend: BACK_UP };
  }
  if (newest === undefined || recovery === undefined) return;
  const { backup: { name }, restorable, reason } = newest;
  if (recovery.until === undefined && !anyUnknown(recovery)) {
    const sentence = `No backup is restorable; the newest is ${name}: ${reason}; ${lastBackup(newest, now)}`;
    yield { code: "nothing_restorable", level: "critical", sentence, mend: BACK_UP };
  } else if (recovery.until === undefined && restorable === undefined) {
    const sentence = "Not known yet whether any backup can be restored: the newest, " +
      `${name}, is ${reason}; ${lastBackup(newest, now)}`;
    yield { code: "restorable_unknown", level: "warning", sentence };
  } else if (restorable === false) {
    const others = recovery.until === undefined ? "; whether an older one is, is not known" : "";
    const sentence = `The newest backup ${name} is not restorable: ${reason}${others}`;
    yield { code: "newest_not_restorable", level: "critical", sentence, mend: BACK_UP };
  }
}

/** What is wrong with the WAL, by the last good answers. */
export function* walProblems({ state, recovery }: Facts): Generator<Problem> {
  const timeline = state["wal-verify"].snapshot?.value.timeline;
  if (timeline?.status === "FAILURE") {
    const { current = "unknown", highestInStorage = "unknown" } = timeline;
    yield {
      code: "timeline_mismatch",
      level: "critical",
      sentence: `Timeline mismatch: the storage holds timeline ${highestInStorage}, the cluster is on ${current}`,
      mend: "Another server was promoted or archives to the same place: find out which one is to go on, and stop the " +
        "other's archiving.",
    };
  }
  if (recovery === undefined) return;
  const lost = lostSegments(recovery);
  if (lost !== undefined) {
    const { first, last } = lost;
    const count = formatCount(recovery.lostSegments, "WAL segment");
    const where = first === last ? first : `the oldest ${first}, the newest ${last}`;
    const sentence = `${count} lost: ${where}; no recovery from before to after that`;
    yield { code: "wal_lost", level: "critical", sentence, mend: PUT_BACK };
  }
  yield* reachProblems(recovery);
}

function* reachProblems(recovery: Recovery): Generator<Problem> {
  const { atRiskSegments = 0, untilSegment = "" } = recovery;
  const beyond = beyondReach(recovery);
  if (beyond === undefined || atRiskSegments <= IN_FLIGHT) return;
  const gap = gapSentence(beyond, untilSegment);
  if (gap !== undefined) yield { code: "wal_unreachable", level: "warning", sentence: gap, mend: BRIDGE };
  if (beyond.notArchived > IN_FLIGHT) {
    yield {
      code: "wal_at_risk",
      level: "warning",
      sentence: `${formatCount(beyond.notArchived, "WAL segment")} ${
        gap === undefined ? `after ${untilSegment}` : "at the end"
      } not archived: losing this host now would lose them`,
      mend: "See pg_stat_archiver and PostgreSQL's log for what archive_command says.",
    };
  }
}
