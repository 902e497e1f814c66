import { isKnown } from "../base/time.ts";
import type { BackupRecovery } from "../recovery/recovery.ts";
import { recoveryWindowSeconds } from "../recovery/window.ts";
import { formatLsn, timelineHex } from "../walg/segment.ts";
import type { SegmentRange } from "../walg/wal_verify.ts";
import type { FailureStatus, InstanceStatus, OperationStatus, Status } from "./status.ts";

/** How many backups or ranges are written at a time: about a millisecond's work. */
const PIECE = 200;

/** The status as JSON, in pieces: `docs/api.md` says what each field means, `schema.ts` what it may hold. */
export function* statusJson(status: Status): Generator<string, void> {
  const { cluster, time, summary, problems, recoverable, backups, listedTime, exporter } = status;
  const head = {
    ...(cluster !== undefined && { cluster }),
    time: isoTime(time),
    instance: instanceJson(status.instance),
    summary,
    problems: problems.map(({ code, level, sentence, effects = [], fix }) => ({
      code,
      level,
      sentence,
      effects,
      fix: fix ?? null,
    })),
    recoverable: recoverable ?? null,
    recovery: recoveryJson(status),
    operations: status.operations.map(operationJson),
    operations_off: status.off.map(({ operation }) => operation),
    restore_drill: drillJson(status),
    exporter: {
      version: exporter.version,
      revision: exporter.revision,
      deno_version: exporter.denoVersion,
      target: exporter.target,
      walg_version: exporter.walgVersion ?? null,
      walg_path: exporter.walgPath,
      walg_config_path: exporter.walgConfigPath ?? null,
      sandbox: exporter.sandbox ?? null,
      telemetry_path: exporter.telemetryPath,
    },
    backups_listed_time: isoTime(listedTime),
    backup_count: backups?.length ?? null,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"archive":${JSON.stringify(archiveJson(status))},"wal":`;
  yield* walJson(status);
  yield `,"backups":`;
  if (backups === undefined) yield "null";
  else yield* listJson(backups, backupJson);
  yield "}\n";
}

function* walJson({ verify, verifiedTime, timelines }: Status): Generator<string, void> {
  if (verify === undefined || timelines === undefined) return yield "null";
  const head = {
    verified_time: isoTime(verifiedTime),
    integrity_status: verify.integrity,
    timeline_status: verify.timeline,
    current_timeline: verify.currentTimeline ?? null,
    highest_storage_timeline: verify.highestStorageTimeline ?? null,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"timelines":[`;
  for (const [index, { timeline, ranges, segments }] of timelines.entries()) {
    const entry = {
      timeline_id: timeline,
      timeline_hex: timelineHex(timeline),
      segments: Object.fromEntries(segments),
    };
    yield `${index === 0 ? "" : ","}${JSON.stringify(entry).slice(0, -1)},"ranges":`;
    yield* listJson(ranges, rangeJson);
    yield "}";
  }
  yield "]}";
}

function* listJson<T>(list: readonly T[], entry: (item: T) => unknown): Generator<string, void> {
  yield "[";
  for (let from = 0; from < list.length; from += PIECE) {
    const text = list.slice(from, from + PIECE).map((item) => JSON.stringify(entry(item))).join(",");
    yield from === 0 ? text : `,${text}`;
  }
  yield "]";
}

function instanceJson({ name, hostname, dataDir, systemIdentifier }: InstanceStatus) {
  return {
    name: name ?? null,
    hostname: hostname || null,
    data_dir: dataDir || null,
    system_identifier: systemIdentifier === undefined ? null : String(systemIdentifier),
  };
}

function recoveryJson({ recovery, time }: Status) {
  if (recovery === undefined) return null;
  const { until, windowStartTime, atRiskSegments, lostSegments, segmentSize } = recovery;
  return {
    window_start_time: isoTime(windowStartTime),
    window_seconds: recoveryWindowSeconds(recovery, time) ?? null,
    until_time: isoTime(until?.moment),
    until_certain_time: isoTime(until?.certain),
    rpo_seconds: until?.moment === undefined ? null : Math.max(0, (time - until.moment) / 1000),
    until_segment: until?.segment ?? null,
    until_lsn: until === undefined ? null : formatLsn(until.lsn),
    at_risk_segments: atRiskSegments ?? null,
    lost_segments: lostSegments,
    segment_size_bytes: segmentSize,
    source: recovery.source,
    current_timeline: recovery.currentTimeline ?? null,
    system_identifier: recovery.systemIdentifier === undefined ? null : String(recovery.systemIdentifier),
  };
}

function drillJson({ drill }: Status) {
  if (drill === undefined) return null;
  const { start_time, end_time, recovered_until, last_success, reason, last_words, backup, recovered_lsn, ...rest } =
    drill;
  return {
    ...rest,
    format: undefined,
    reason: reason || null,
    last_words: last_words || null,
    backup: backup || null,
    recovered_lsn: recovered_lsn || null,
    start_time: isoTime(start_time),
    end_time: isoTime(end_time),
    recovered_until: isoTime(recovered_until ?? undefined),
    last_success: last_success && {
      ...last_success,
      end_time: isoTime(last_success.end_time),
      recovered_until: isoTime(last_success.recovered_until ?? undefined),
    },
  };
}

function backupJson({ backup, restorable, reason, code, branch, reach, isComplete, storedBytes }: BackupRecovery) {
  return {
    backup_name: backup.name,
    backup_type: backup.type,
    parent: backup.parent === "" ? null : backup.parent,
    wal_file: backup.walFile,
    start_time: isoTime(backup.startTime),
    finish_time: isoTime(backup.finishTime),
    modified_time: isoTime(backup.modifiedTime),
    start_lsn: formatLsn(backup.startLsn),
    finish_lsn: formatLsn(backup.finishLsn),
    pg_version: backup.pgVersion,
    is_permanent: backup.permanent,
    compressed_size_bytes: backup.compressedSize,
    uncompressed_size_bytes: backup.uncompressedSize,
    storages: backup.storages,
    restorable: restorable ?? null,
    reason: reason === "" ? null : reason,
    reason_code: code,
    branch_timeline: branch ?? null,
    is_complete: isComplete ?? null,
    stored_bytes: storedBytes ?? null,
    system_identifier: backup.systemIdentifier === undefined ? null : String(backup.systemIdentifier),
    reach_time: isoTime(reach?.moment),
    reach_segment: reach?.segment ?? null,
    reach_lsn: reach === undefined ? null : formatLsn(reach.lsn),
  };
}

function archiveJson({ archive, archivedTime }: Status) {
  if (archive === undefined) return null;
  return {
    listed_time: isoTime(archivedTime),
    source: archive.source,
    storages: archive.storages,
    storages_not_listed: archive.unlisted,
    bytes: archive.bytes ?? null,
    newest_segment_time: isoTime(archive.newestSegmentTime),
    timelines: [...archive.timelines.values()].map(({ timeline, segments }) => {
      const parent = archive.parents.get(timeline);
      return {
        timeline_id: timeline,
        timeline_hex: timelineHex(timeline),
        parent_timeline_id: parent?.timeline ?? null,
        switch_lsn: parent === undefined ? null : formatLsn(parent.switchLsn),
        segments,
      };
    }),
  };
}

function rangeJson({ start, end, segments, status }: SegmentRange) {
  return { start_segment: start, end_segment: end, segments_count: segments, status };
}

function operationJson(operation: OperationStatus) {
  return {
    operation: operation.operation,
    description: operation.description,
    outcome: operation.outcome,
    last_run_time: isoTime(operation.lastRunTime),
    last_success_time: isoTime(operation.lastSuccessTime),
    duration_seconds: operation.durationSeconds === undefined ? null : microseconds(operation.durationSeconds),
    running_since: isoTime(operation.runningSince),
    next_run_time: isoTime(operation.nextRunTime),
    interval_seconds: operation.intervalSeconds,
    timeout_seconds: operation.timeoutSeconds,
    failures_in_a_row: operation.failuresInARow,
    last_error: operation.lastFailure === undefined ? null : failureJson(operation.lastFailure),
  };
}

function failureJson({ type, message, time, exitCode, stderr, fix }: FailureStatus) {
  return {
    error_type: type,
    message,
    time: isoTime(time),
    exit_code: exitCode ?? null,
    stderr: stderr ?? null,
    fix: fix ?? null,
  };
}

/** RFC 3339 with milliseconds; null for a time that is not known. */
export function isoTime(time: number | undefined): string | null {
  return time !== undefined && isKnown(time) ? new Date(time).toISOString() : null;
}

/** Seconds to the microsecond: what clocks say beyond that is noise. */
function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
