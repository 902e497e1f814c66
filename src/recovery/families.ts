import { type Family, gauge, type Sample } from "../base/family.ts";
import { unixSeconds } from "../base/time.ts";
import { timelineHex } from "../walg/segment.ts";
import type { Recovery } from "./recovery.ts";
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
