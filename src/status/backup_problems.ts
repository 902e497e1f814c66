import { formatAge, formatBytes, formatCount, formatMinute, isFuture } from "../base/text.ts";
import { inWords } from "../base/manifest.ts";
import { isKnown } from "../base/time.ts";
import { backupFiles } from "../operations/backup_files.ts";
import { backupList } from "../operations/backup_list.ts";
import { answerOf, outcomeOf } from "../operations/state.ts";
import type { BackupRecovery } from "../recovery/recovery.ts";
import { fixFor } from "../walg/advice.ts";
import { type BackupFiles, type UnfinishedBackup, unfinishedBackups } from "../walg/backup_files.ts";
import { type Backup, endTime } from "../walg/backup_list.ts";
import { type ArchiveFacts, listed, unlisted } from "./archive_problems.ts";
import { lastBackup } from "./recoverable.ts";
import type { Problem } from "./status.ts";

// A plain backup-push can make a delta on a chain that is broken.
const BACK_UP = "Take a full backup now: 'wal-g backup-push --full DATA_DIRECTORY'.";

const SET_CLOCK =
  "Correct the clock of the host that took it, or this host's: 'timedatectl' says whether it is synchronized. " +
  "Then take a backup. The one of that date stays the newest until its time has come or it is deleted.";

const SEPARATE =
  "Give each database system a storage prefix of its own. If the other one is no longer needed, delete its backups " +
  "with 'wal-g delete target NAME --confirm', and then its WAL.";

/** What is wrong with the backups, by the last good answers. */
export function* backupProblems(facts: ArchiveFacts): Generator<Problem> {
  yield* newestProblems(facts);
  yield* failoverProblems(facts);
  yield* detailProblems(facts);
  yield* timeProblems(facts);
  yield* branchProblems(facts);
  yield* fileProblems(facts);
}

function* detailProblems({ state }: ArchiveFacts): Generator<Problem> {
  const failure = answerOf(state, backupList)?.withoutDetails;
  if (failure === undefined) return;
  const sentence = `The details of the backups cannot be listed: ${failure.message}`;
  const fix = fixFor(failure, { operation: backupList.name, command: backupList.command });
  const check = backupList.check.row;
  yield { code: "backup_details_missing", check, urgency: 62, level: "warning", sentence, cause: failure.message, fix };
}

function* timeProblems({ backups: [newest] = [], now }: ArchiveFacts): Generator<Problem> {
  if (newest === undefined) return;
  const time = endTime(newest.backup);
  if (!isFuture(time, now)) return;
  const sentence = `The newest backup ${newest.backup.name} is dated ${formatMinute(time)}, in the future: ` +
    "how old the backups are is not known";
  yield { code: "backup_in_future", check: "backup times", urgency: 55, level: "warning", sentence, fix: SET_CLOCK };
}

function* newestProblems({ state, recovery, backups, now }: ArchiveFacts): Generator<Problem> {
  const [newest] = backups ?? [];
  if (backups !== undefined && newest === undefined) {
    const age = formatAge(outcomeOf(state, backupList).snapshot?.time ?? now, now);
    const sentence = `There is no backup in the storage: nothing can be recovered (listed ${age})`;
    const check = backupList.check.row;
    return yield { code: "no_backups", check, urgency: 110, level: "critical", sentence, fix: BACK_UP };
  }
  if (newest === undefined || recovery === undefined) return;
  const { backup: { name }, restorable, reason } = newest;
  const shared = { check: "newest backup", level: "critical", fix: BACK_UP } as const;
  if (recovery.until === undefined && !recovery.anyUnknown && !recovery.backups.some(({ restorable }) => restorable)) {
    const sentence = `No backup is restorable; the newest is ${name}: ${reason}; ${lastBackup(newest, now)}`;
    yield { ...shared, code: "nothing_restorable", urgency: 105, sentence };
  } else if (recovery.until === undefined && restorable === undefined) {
    const sentence = "It is not known whether any backup can be restored: the newest, " +
      `${name}, is ${reason}; ${lastBackup(newest, now)}`;
    yield { code: "restorable_unknown", check: "newest backup", urgency: 60, level: "warning", sentence };
  } else if (restorable === false) {
    const others = recovery.until === undefined ? "; whether an older one is, is not known" : "";
    const sentence = `The newest backup ${name} is not restorable: ${reason}${others}`;
    yield { ...shared, code: "newest_not_restorable", urgency: 100, sentence };
  }
}

/** WAL-G's name of the storage that is not for failover. */
const PRIMARY_STORAGE = "default";

function* failoverProblems({ backups: [newest] = [] }: ArchiveFacts): Generator<Problem> {
  if (newest === undefined) return;
  const { name, storages } = newest.backup;
  if (storages.length === 0 || storages.includes(PRIMARY_STORAGE)) return;
  const sentence = `The newest backup ${name} is in ${inWords(storages)} only, not in the primary storage: ` +
    "it was taken while that did not answer, and is gone with the failover storage";
  const fix = `Once the primary storage answers, copy it there: 'wal-g st transfer backups --source=${storages[0]} ` +
    `--target=${PRIMARY_STORAGE}'. Or take a backup.`;
  yield { code: "newest_on_failover", check: "newest backup", urgency: 58, level: "warning", sentence, fix };
}

function* branchProblems({ recovery, backups = [] }: ArchiveFacts): Generator<Problem> {
  if (recovery === undefined) return;
  const mixed = backups.filter(({ code }) => code === "mixed");
  if (mixed.length > 0) {
    const sentence =
      `${named(mixed)} built on a backup of a timeline that the cluster left: restoring gives a mixture ` +
      "of both timelines, without an error";
    const check = "branches";
    yield { code: "mixed_delta", check, urgency: 98, level: "critical", sentence, fix: BACK_UP };
  } else if (recovery.newestOnBranch !== undefined) {
    const sentence =
      `The newest backup ${recovery.newestOnBranch.backup.name} is of a timeline that the cluster left: ` +
      "a delta that is built on it would restore to a mixture of both";
    const fix = `${BACK_UP} Until then a plain backup-push takes such a delta, or fails.`;
    yield { code: "newest_on_branch", check: "branches", urgency: 70, level: "warning", sentence, fix };
  }
  const [other] = recovery.otherSystems;
  if (other === undefined) return;
  const count = recovery.otherSystems.reduce((sum, { backups }) => sum + backups, 0);
  const names = recovery.otherSystems.flatMap(({ names }) => names);
  const sentence = "Two database systems share this storage prefix: " +
    `${formatCount(count, "backup")} of another system than the newest (${listed(names)}) ` +
    `${count === 1 ? "does" : "do"} not count`;
  yield { code: "other_system", check: "systems", urgency: 65, level: "warning", sentence, fix: SEPARATE };
}

function* fileProblems({ state, backups = [] }: ArchiveFacts): Generator<Problem> {
  // Of the newest, newest_not_restorable says it.
  const incomplete = backups.slice(1).filter(({ code }) => code === "incomplete" || code === "ancestor_incomplete");
  if (incomplete.length > 0) {
    const [first] = incomplete;
    const sentence = `${named(incomplete)} not restorable, files are gone from the storage: ${first?.reason}`;
    const fix =
      "Find out what deletes objects under basebackups_005/ (a lifecycle rule of the bucket, a clean-up job), " +
      "and put them back if the storage keeps versions. Otherwise delete the backup with 'wal-g delete target NAME'.";
    yield { code: "backup_incomplete", check: "backup files", urgency: 75, level: "warning", sentence, fix };
  }
  const files = answerOf(state, backupFiles)?.files;
  if (files === undefined) return;
  const { dead } = uploadsOf(files, backups);
  if (dead.length > 0) yield deadUpload(dead);
  if (files.unlisted.length > 0) yield unlisted(files.unlisted, "the backups' files");
}

function deadUpload(dead: readonly UnfinishedBackup[]): Problem {
  const [first] = dead;
  const bytes = dead.reduce((sum, one) => sum + one.bytes, 0);
  const sentence = dead.length === 1
    ? `The upload of ${first?.name} died on ${formatMinute(first?.lastUploadTime ?? 0)}: ${formatBytes(bytes)} are left`
    : `${formatCount(dead.length, "upload")} of backups died, the last on ` +
      `${formatMinute(Math.max(...dead.map((one) => one.lastUploadTime)))}: ${formatBytes(bytes)} are left`;
  const fix = "If no backup-push is running, remove it; the slash at the end matters: " +
    dead.slice(0, 3).map(({ name }) => `'wal-g st rm basebackups_005/${name}/'`).join(", ") +
    `${dead.length > 3 ? ", …" : ""}. 'wal-g delete garbage' does not take it.`;
  return { code: "upload_died", check: "backup files", urgency: 25, level: "warning", sentence, fix };
}

/** Backups without a sentinel. */
export interface Uploads {
  readonly running: readonly UnfinishedBackup[];
  readonly dead: readonly UnfinishedBackup[];
}

/** Whether the unfinished backups are being uploaded, or died, as they were when they were listed; backups newest first. */
export function uploadsOf(files: BackupFiles, backups: readonly BackupRecovery[]): Uploads {
  const all = backups.map(({ backup }) => backup);
  const oldest = files.startTime - longestUpload(all);
  const { running = [], dead = [] } = Object.groupBy(
    unfinishedBackups(files, all),
    ({ lastUploadTime }) => lastUploadTime < oldest ? "dead" : "running",
  );
  return { running, dead };
}

/** An upload that wrote nothing for longer died, milliseconds: the longest that one of the last backups took. */
function longestUpload(backups: readonly Backup[]): number {
  const took = backups.slice(0, 10).map(({ startTime, finishTime }) => isKnown(startTime) ? finishTime - startTime : 0);
  return Math.max(MIN_UPLOAD_MS, ...took);
}

const MIN_UPLOAD_MS = 3_600_000;

function named(backups: readonly BackupRecovery[]): string {
  const [first] = backups;
  if (backups.length === 1) return `${first?.backup.name} is`;
  return `${formatCount(backups.length, "backup")} (${listed(backups.map(({ backup }) => backup.name))}) are`;
}
