import { type Family, gauge, type Sample } from "../base/family.ts";
import { unixSeconds } from "../base/time.ts";
import { type BackupFiles, type StoredBackup, unfinishedBackups } from "../walg/backup_files.ts";
import type { Backup } from "../walg/backup_list.ts";
import { timelineHex } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import type { BackupRecovery, Recovery } from "./recovery.ts";
import { systemsOf } from "./timelines.ts";
import { recoveryWindowSeconds } from "./window.ts";

/**
 * The families of a recovery that change only with its snapshots; `walg_recovery_window_seconds` changes with time.
 *
 * A family without samples is one whose value is not known or does not exist; it is never 0 instead.
 */
export function recoveryFamilies(recovery: Recovery): Family[] {
  const { until, windowStartTime, atRiskSegments, lostSegments, source } = recovery;
  return [
    gauge(
      "walg_backup_restorable",
      "Whether the backup can be restored, if need be to its own timeline only (1), or not (0); no series where that is not known.",
      restorable(recovery),
      ["backup_name"],
    ),
    gauge(
      "walg_recovery_until_lsn_bytes",
      "How far recovery from the backups can go through the archived WAL without a gap, as an LSN in bytes.",
      samplesOf(until === undefined ? undefined : Number(until.lsn)),
    ),
    gauge(
      "walg_recovery_until_timestamp_seconds",
      "Transactions committed until about then can be recovered, in Unix seconds; no series where no time is known.",
      samplesOf(secondsOf(until?.moment)),
    ),
    gauge(
      "walg_recovery_window_start_timestamp_seconds",
      "The moment from which on every later one up to walg_recovery_until_lsn_bytes can be recovered, in Unix seconds.",
      samplesOf(secondsOf(windowStartTime)),
    ),
    gauge(
      "walg_wal_at_risk_segments",
      "Whole WAL segments after walg_recovery_until_lsn_bytes: what losing the host now would cost. A few in flight are normal.",
      samplesOf(atRiskSegments),
    ),
    gauge(
      "walg_wal_lost_segments",
      "WAL segments since the oldest backup that are missing in the archive although later ones are there.",
      samplesOf(source === "none" ? undefined : lostSegments),
    ),
  ];
}

/** The series that changes with time, at a moment in Unix milliseconds. */
export function recoverySeries(recovery: Recovery, now: number): readonly Family[] {
  const value = recoveryWindowSeconds(recovery, now);
  if (value === undefined) return [];
  const help = "Time since the start of the recovery window (0 = no backup is restorable).";
  return [gauge("walg_recovery_window_seconds", help, [{ value }])];
}

/** The moment in Unix seconds, where it is known. */
export function secondsOf(time: number | undefined): number | undefined {
  return time === undefined ? undefined : unixSeconds(time);
}

/** The labels by which series name a timeline. */
export const TIMELINE_LABELS: readonly string[] = ["timeline_id", "timeline_hex"];

/** The values of {@link TIMELINE_LABELS}. */
export function timelineLabels(timeline: number): Record<string, string> {
  return { timeline_id: String(timeline), timeline_hex: timelineHex(timeline) };
}

/** One sample, or none where there is no value. */
export function samplesOf(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ value }];
}

/** Made anew on each walk, so that nothing of a long list is held twice. */
function restorable({ backups }: Recovery): Iterable<Sample> {
  return {
    *[Symbol.iterator](): Iterator<Sample> {
      for (const { backup, restorable } of backups) {
        if (restorable !== undefined) yield { labels: { backup_name: backup.name }, value: restorable ? 1 : 0 };
      }
    },
  };
}

/** The families of the WAL archive itself. */
export function archiveFamilies({ timelines, bytes, newestSegmentTime }: WalArchive): Family[] {
  const segments = [...timelines.values()].map(({ timeline, segments }): Sample => ({
    labels: timelineLabels(timeline),
    value: segments,
  }));
  return [
    gauge("walg_archive_segments", "WAL segments in all storages together.", segments, TIMELINE_LABELS),
    gauge("walg_archive_bytes", "Bytes of all objects of the WAL archive in all storages.", samplesOf(bytes)),
    gauge(
      "walg_archive_newest_segment_timestamp_seconds",
      "When the newest WAL segment was archived, in Unix seconds.",
      samplesOf(secondsOf(newestSegmentTime)),
    ),
  ];
}

/** The families of the backups' files; `recovered` is what recovery says of the backups to show. */
export function backupFilesFamilies(
  files: BackupFiles,
  recovered: readonly BackupRecovery[],
  listed: readonly Backup[],
): Family[] {
  const unfinished = unfinishedBackups(files, listed);
  const newest = unfinished.reduce<number | undefined>(
    (time, { lastUploadTime }) => Math.max(time ?? lastUploadTime, lastUploadTime),
    undefined,
  );
  return [
    gauge(
      "walg_backup_complete",
      "Whether all files of the backup are in a storage (1) or not (0); no series where that has not been looked at.",
      recovered.flatMap(({ backup, isComplete }) =>
        isComplete === undefined ? [] : [{ labels: { backup_name: backup.name }, value: isComplete ? 1 : 0 }]
      ),
      ["backup_name"],
    ),
    gauge(
      "walg_backup_stored_bytes",
      "Bytes of the backup's parts in the storage that has most of them.",
      recovered.flatMap(({ backup, storedBytes }) =>
        storedBytes === undefined ? [] : [{ labels: { backup_name: backup.name }, value: storedBytes }]
      ),
      ["backup_name"],
    ),
    gauge(
      "walg_unfinished_backups",
      "Folders of backups without a sentinel: uploads that go on, or died.",
      [{ value: unfinished.length }],
    ),
    gauge(
      "walg_unfinished_backup_last_upload_timestamp_seconds",
      "When the newest object of an unfinished backup was written, in Unix seconds; no series where there is none.",
      samplesOf(secondsOf(newest)),
    ),
  ];
}

/** What tells how full the storages are. */
interface StorageFacts {
  readonly archive: WalArchive | undefined;
  readonly files: BackupFiles | undefined;
  readonly listed: readonly Backup[];
}

/** What the storages are paid for, bytes by content; each content once it has been listed. */
export function storageBytes({ archive, files, listed }: StorageFacts): ReadonlyMap<StorageContent, number> {
  const bytes = new Map<StorageContent, number>();
  if (files !== undefined) {
    const unfinished = unfinishedBackups(files, listed).reduce((sum, { bytes }) => sum + bytes, 0);
    const all = bytesOf(files.backups.values()) + bytesOf(files.unfinished) + files.otherBytes;
    bytes.set("backups", all - unfinished).set("unfinished_backups", unfinished);
  }
  if (archive?.bytes !== undefined) bytes.set("wal", archive.bytes);
  return bytes;
}

/** What bytes of a storage are. */
type StorageContent = "backups" | "unfinished_backups" | "wal";

/** The family of {@link storageBytes}. */
export function storageBytesFamily(facts: StorageFacts): Family {
  const samples = [...storageBytes(facts)].map(([content, value]): Sample => ({ labels: { content }, value }));
  return gauge("walg_storage_bytes", "Bytes in all storages, by what they are.", samples, ["content"]);
}

/** Which cluster the newest backup is of, and what the operator calls it where that was said. */
export function clusterInfoFamily(backups: readonly Backup[], instanceName?: string): Family {
  const { newest } = systemsOf(backups);
  const named: Record<string, string> = instanceName === undefined ? {} : { instance_name: instanceName };
  const samples: Sample[] = newest === undefined ? [] : [{
    labels: {
      system_identifier: newest.systemIdentifier === undefined ? "" : String(newest.systemIdentifier),
      hostname: newest.hostname,
      data_dir: newest.dataDir,
      ...named,
    },
    value: 1,
  }];
  const labels = ["system_identifier", "hostname", "data_dir", ...Object.keys(named)];
  return gauge("walg_cluster_info", "Always 1; which cluster the newest backup is of.", samples, labels);
}

function bytesOf(backups: Iterable<StoredBackup>): number {
  let sum = 0;
  for (const { copies } of backups) for (const { bytes } of copies) sum += bytes;
  return sum;
}
