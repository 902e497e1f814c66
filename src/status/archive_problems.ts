import type { State } from "../collectors/state.ts";
import type { BackupRecovery, Recovery } from "../recovery/mod.ts";
import { lostSegments } from "./lost.ts";
import { lastBackup } from "./recoverable.ts";
import type { Problem } from "./status.ts";
import { formatAge, formatCount } from "./text.ts";

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

const BACK_UP = "Take a full backup now: 'wal-g backup-push' with the data directory.";

const PUT_BACK =
  "If a pg_wal still holds it, archive it with 'wal-g wal-push'. If not, recovery begins with the first " +
  "full backup after the gap: take one if there is none.";

/** What is wrong with the backups, by the last good answers. */
export function* backupProblems({ state, recovery, backups, now }: Facts): Generator<Problem> {
  const [newest] = backups ?? [];
  if (backups !== undefined && newest === undefined) {
    const listed = formatAge(state["backup-list"].snapshot?.time ?? now, now);
    const sentence = `There is no backup in the storage: nothing can be recovered (listed ${listed})`;
    return yield { code: "no_backups", level: "critical", sentence, mend: BACK_UP };
  }
  if (newest === undefined || recovery === undefined) return;
  const { backup: { name }, reason } = newest;
  const said = `restorable; the newest is ${name}: ${reason}; ${lastBackup(newest, now)}`;
  if (recovery.until === undefined && recovery.windowKnown) {
    yield { code: "nothing_restorable", level: "critical", sentence: `No backup is ${said}`, mend: BACK_UP };
  } else if (recovery.until === undefined) {
    yield { code: "restorable_unknown", level: "warning", sentence: `No backup is known to be ${said}` };
  } else if (newest.restorable === false) {
    const sentence = `The newest backup ${name} is not restorable: ${reason}`;
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
  const { atRiskSegments = 0, untilSegment } = recovery;
  if (atRiskSegments > IN_FLIGHT) {
    yield {
      code: "wal_at_risk",
      level: "warning",
      sentence: `${formatCount(atRiskSegments, "WAL segment")} after ${untilSegment} not archived: ` +
        "losing this host now would lose them",
      mend: "See pg_stat_archiver and PostgreSQL's log for what archive_command says.",
    };
  }
}
