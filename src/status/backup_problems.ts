import { formatAge, formatBytes, formatCount, formatMinute, isFuture } from "../base/text.ts";
import { inWords } from "../base/host.ts";
import { isKnown } from "../base/time.ts";
import { backupFiles } from "../operations/backup_files.ts";
import { backupList } from "../operations/backup_list.ts";
import { answerOf, outcomeOf } from "../operations/state.ts";
import type { BackupRecovery } from "../recovery/recovery.ts";
import { fixFor } from "../walg/failure.ts";
import { type BackupFiles, type UnfinishedBackup, unfinishedBackups } from "../walg/backup_files.ts";
import { type Backup, endTime } from "../walg/backup_list.ts";
import { DEFAULT_STORAGE } from "../walg/storage_listing.ts";
import { listed, removal, unlisted } from "./archive_problems.ts";
import { type Facts, type Findings, lastBackup, type Problem } from "./status.ts";

/** A plain backup-push can make a delta on a chain that is broken. */
export const BACK_UP = "Take a full backup now: 'wal-g backup-push --full DATA_DIRECTORY'.";

const ARCHIVE_FIRST =
  "See pg_stat_archiver, and PostgreSQL's log for the errors of archive_command: the backup restores once its WAL is archived.";

const SET_CLOCK =
  "Correct the clock of the host that took it, or this host's: 'timedatectl' says whether it is synchronized. " +
  "Then take a backup. The one of that date stays the newest until its time has come or it is deleted.";

const SEPARATE =
  "Give each database system a storage prefix of its own. If the other one is no longer needed, delete its backups " +
  "with 'wal-g delete target NAME --confirm', and then its WAL.";

/** How many full backups it takes to say what is usual. */
const MIN_TO_COMPARE = 4;

/** Looks at all backups, newest first. */
export function findingsOf(backups: readonly BackupRecovery[], files: BackupFiles | undefined): Findings {
  const bad = backups.filter(({ restorable }) => restorable === false);
  const kinds = Object.groupBy(bad, ({ code }) => {
    if (code === "mixed") return "mixed";
    return code === "incomplete" || code === "ancestor_incomplete" ? "incomplete" : "broken";
  });
  const { mixed = [], incomplete = [], broken = [] } = kinds;
  const [lastMixed] = mixed;
  // What another system's backups are like says nothing of this one's.
  const full = backups.filter(({ backup, code }) => backup.type === "full" && code !== "other_system");
  const sizes = full.map(({ backup }) => backup.compressedSize).sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const [newestFull] = full;
  return {
    newestFull,
    mixed,
    incomplete,
    broken,
    isMixedOver: lastMixed !== undefined &&
      backups.slice(0, backups.indexOf(lastMixed)).some(({ code }) => code === "restorable"),
    fullSizeRatio: newestFull === undefined || full.length < MIN_TO_COMPARE || median === 0
      ? undefined
      : newestFull.backup.compressedSize / median,
    ...uploadsOf(files, backups),
  };
}

/** What is wrong with the backups, by the last good answers. */
export function* backupProblems(facts: Facts): Generator<Problem> {
  yield* newestProblems(facts);
  yield* failoverProblems(facts);
  yield* detailProblems(facts);
  yield* timeProblems(facts);
  yield* branchProblems(facts);
  yield* brokenProblems(facts);
  yield* fileProblems(facts);
}

function* detailProblems({ state }: Facts): Generator<Problem> {
  const failure = answerOf(state, backupList)?.withoutDetails;
  if (failure === undefined) return;
  const sentence = `The details of the backups cannot be listed: ${failure.message}`;
  const fix = fixFor(failure, { operation: backupList.name, command: backupList.command });
  yield { code: "backup_details_missing", level: "warning", sentence, cause: failure.message, fix };
}

function* timeProblems({ backups: [newest] = [], now }: Facts): Generator<Problem> {
  if (newest === undefined) return;
  const time = endTime(newest.backup);
  if (!isFuture(time, now)) return;
  const sentence = `The newest backup ${newest.backup.name} is dated ${formatMinute(time)}, in the future: ` +
    "how old the backups are is not known";
  yield { code: "backup_in_future", level: "warning", sentence, fix: SET_CLOCK };
}

function* newestProblems({ state, recovery, backups, now }: Facts): Generator<Problem> {
  const [newest] = backups ?? [];
  if (backups !== undefined && newest === undefined) {
    const age = formatAge(outcomeOf(state, backupList).snapshot?.time ?? now, now);
    const sentence = `There is no backup in the storage: nothing can be recovered (listed ${age})`;
    return yield { code: "no_backups", level: "critical", sentence, fix: BACK_UP };
  }
  if (newest === undefined || recovery === undefined) return;
  const { backup: { name }, restorable, reason } = newest;
  const shared = { level: "critical", fix: BACK_UP } as const;
  const isNone = !recovery.backups.some(({ restorable }) => restorable);
  if (recovery.until === undefined && !recovery.anyUnknown && (isNone || recovery.windowKnown)) {
    const what = isNone
      ? "No backup is restorable"
      : `No backup restores to the current timeline ${recovery.currentTimeline}`;
    const sentence = `${what}; the newest is ${name}: ${reason}; ${lastBackup(newest, now)}`;
    yield { ...shared, code: "nothing_restorable", sentence };
  } else if (recovery.until === undefined && restorable === undefined) {
    const sentence = "It is not known whether any backup can be restored: the newest, " +
      `${name}, is ${reason}; ${lastBackup(newest, now)}`;
    yield { code: "restorable_unknown", level: "warning", sentence };
  } else if (restorable === false) {
    const others = recovery.until === undefined ? "; whether an older one is, is not known" : "";
    const sentence = `The newest backup ${name} is not restorable: ${reason}${others}`;
    const fix = newest.code === "segment_not_archived" ? ARCHIVE_FIRST : BACK_UP;
    yield { ...shared, code: "newest_not_restorable", sentence, fix };
  }
}

function* failoverProblems({ backups: [newest] = [] }: Facts): Generator<Problem> {
  if (newest === undefined) return;
  const { name, storages } = newest.backup;
  if (storages.length === 0 || storages.includes(DEFAULT_STORAGE)) return;
  const sentence = `The newest backup ${name} is in ${inWords(storages)} only, not in the primary storage: ` +
    "it was taken while that did not answer, and is gone with the failover storage";
  const fix = `Once the primary storage answers, copy it there: 'wal-g st transfer backups --source=${storages[0]} ` +
    `--target=${DEFAULT_STORAGE}'. Or take a backup.`;
  yield { code: "newest_on_failover", level: "warning", sentence, fix };
}

function* branchProblems(
  { recovery, findings, backups = [], limits: { acceptHolesBefore } }: Facts,
): Generator<Problem> {
  if (recovery === undefined || findings === undefined) return;
  const { isMixedOver } = findings;
  const mixed = isMixedOver ? notAccepted(findings.mixed, backups[0], acceptHolesBefore) : findings.mixed;
  if (mixed.length > 0) {
    const sentence =
      `${named(mixed)} built on a backup of a timeline that the cluster left: restoring gives a mixture ` +
      `of both timelines, without an error${isMixedOver ? "; later backups are restorable" : ""}`;
    const level = isMixedOver ? "warning" : "critical";
    yield { code: "mixed_delta", level, sentence, fix: isMixedOver ? DO_NOT_RESTORE : BACK_UP };
  }
  if (recovery.newestOnBranch !== undefined) {
    const sentence =
      `The newest backup ${recovery.newestOnBranch.backup.name} is of a timeline that the cluster left: ` +
      "a delta that is built on it would restore to a mixture of both";
    const fix = `${BACK_UP} Until then a plain backup-push takes such a delta, or fails.`;
    yield { code: "newest_on_branch", level: "warning", sentence, fix };
  }
  const [other] = recovery.otherSystems;
  if (other === undefined) return;
  const count = recovery.otherSystems.reduce((sum, { backups }) => sum + backups, 0);
  const names = recovery.otherSystems.flatMap(({ names }) => names);
  const sentence = "Two database systems share this storage prefix: " +
    `${formatCount(count, "backup")} of another system than the newest (${listed(names)}) ` +
    `${count === 1 ? "does" : "do"} not count`;
  yield { code: "other_system", level: "warning", sentence, fix: SEPARATE };
}

/** Those that the operator has not accepted; the newest of all backups never is. */
function notAccepted(
  broken: readonly BackupRecovery[],
  newest: BackupRecovery | undefined,
  acceptHolesBefore = -Infinity,
): readonly BackupRecovery[] {
  return broken.filter((one) => one === newest || endTime(one.backup) >= acceptHolesBefore);
}

function* brokenProblems({ findings, backups = [], limits: { acceptHolesBefore } }: Facts): Generator<Problem> {
  if (findings === undefined) return;
  const { broken, incomplete, fullSizeRatio = 1, newestFull } = findings;
  const [newest] = backups;
  // Of the newest, newest_not_restorable says it.
  const older = (list: readonly BackupRecovery[]): readonly BackupRecovery[] =>
    notAccepted(list.filter((one) => one !== newest), newest, acceptHolesBefore);
  const lacking = older(incomplete);
  if (lacking.length > 0) {
    const sentence = `${named(lacking)} not restorable, files are gone from the storage: ${lacking[0]?.reason}`;
    const fix =
      "Find out what deletes objects under basebackups_005/ (a lifecycle rule of the bucket, a clean-up job), " +
      "and put them back if the storage keeps versions. Otherwise delete the backup with 'wal-g delete target NAME'.";
    yield { code: "backup_incomplete", level: "warning", sentence, fix };
  }
  const others = older(broken);
  // Where none is restorable, nothing_restorable says it of all.
  if (others.length > 0 && backups.some(({ restorable }) => restorable !== false)) {
    const sentence = `${named(others)} not restorable: ${others[0]?.reason}`;
    yield { code: "backup_not_restorable", level: "warning", sentence, fix: DO_NOT_RESTORE };
  }
  if (fullSizeRatio < SMALL && newestFull !== undefined) {
    const { name, compressedSize } = newestFull.backup;
    const sentence = `The newest full backup ${name} has ${formatBytes(compressedSize)}, ` +
      `${Math.round(fullSizeRatio * 100)} % of what full backups usually have`;
    yield { code: "backup_too_small", level: "warning", sentence, fix: COMPARE };
  }
}

/** A full backup of less than this part of the median may lack something. */
const SMALL = 0.3;

const COMPARE =
  "Compare its data_dir and hostname ('wal-g backup-list --detail --json') and uncompressed size with those of " +
  "the one before. Keep the older ones until it has been restored once.";

const DO_NOT_RESTORE =
  "Restore from another backup; the page says which are restorable. If it cannot be repaired, leave it to " +
  "retention; -accept-holes-before=TIME says that it is known.";

function* fileProblems({ state, findings }: Facts): Generator<Problem> {
  const files = answerOf(state, backupFiles)?.files;
  if (files === undefined || findings === undefined) return;
  const { dead } = findings;
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
  const commands = dead.flatMap(({ name, storages }) =>
    storages.map((storage) => `'${removal(storage, `basebackups_005/${name}/`)}'`)
  );
  const fix = "If no backup-push is running, remove it; the slash at the end matters: " +
    commands.slice(0, 3).join(", ") + `${commands.length > 3 ? ", …" : ""}. 'wal-g delete garbage' does not take it.`;
  return { code: "upload_died", level: "warning", sentence, fix };
}

/** Whether the unfinished backups were being uploaded, or had died, when they were listed; backups newest first. */
function uploadsOf(
  files: BackupFiles | undefined,
  backups: readonly BackupRecovery[],
): Pick<Findings, "running" | "dead"> {
  if (files === undefined) return { running: [], dead: [] };
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
