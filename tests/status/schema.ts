import * as v from "valibot";
import { PROBLEM_CODES } from "../../src/operations/problems.ts";

/** RFC 3339 in UTC, to the millisecond. */
const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const seconds = v.pipe(v.number(), v.minValue(0));
/** `%X/%X` of its two halves: a string, since a JSON number would lose digits of the larger ones. */
const lsn = v.pipe(v.string(), v.regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/));
/** A string, since it is above 2^53. */
const identifier = v.pipe(v.string(), v.regex(/^\d{1,20}$/));
const segment = v.pipe(v.string(), v.regex(/^[0-9A-F]{24}$/));

const Summary = v.strictObject({
  level: v.picklist(["ok", "warning", "critical", "unknown"]),
  word: v.picklist(["OK", "Warning", "Critical", "Unknown"]),
  sentence: v.string(),
});

const Problem = v.strictObject({
  code: v.picklist(PROBLEM_CODES),
  level: v.picklist(["warning", "critical", "unknown"]),
  sentence: v.string(),
  effects: v.array(v.string()),
  fix: v.nullable(v.string()),
});

const Recovery = v.strictObject({
  window_start_time: v.nullable(time),
  window_seconds: v.nullable(seconds),
  until_time: v.nullable(time),
  until_certain_time: v.nullable(time),
  rpo_seconds: v.nullable(seconds),
  until_segment: v.nullable(segment),
  until_lsn: v.nullable(lsn),
  at_risk_segments: v.nullable(count),
  lost_segments: count,
  segment_size_bytes: count,
  source: v.picklist(["archive", "wal-verify", "none"]),
  current_timeline: v.nullable(count),
  system_identifier: v.nullable(identifier),
});

const LastError = v.strictObject({
  error_type: v.string(),
  message: v.string(),
  time,
  exit_code: v.nullable(count),
  stderr: v.nullable(v.string()),
  fix: v.nullable(v.string()),
});

const Operation = v.strictObject({
  operation: v.picklist(["backup-list", "wal-verify", "storage-check", "wal-archive", "backup-files", "drill-result"]),
  description: v.string(),
  outcome: v.picklist(["ok", "failed", "pending", "unsupported"]),
  last_run_time: v.nullable(time),
  last_success_time: v.nullable(time),
  duration_seconds: v.nullable(seconds),
  running_since: v.nullable(time),
  next_run_time: v.nullable(time),
  interval_seconds: seconds,
  timeout_seconds: seconds,
  failures_in_a_row: count,
  last_error: v.nullable(LastError),
});

const Drill = v.strictObject({
  outcome: v.picklist(["passed", "failed", "could_not_run"]),
  phase: v.nullable(v.picklist(["plan", "space", "fetch", "start", "recovery", "checks"])),
  reason: v.nullable(v.string()),
  last_words: v.nullable(v.string()),
  start_time: time,
  end_time: time,
  phase_seconds: v.record(v.string(), seconds),
  backup: v.nullable(v.string()),
  recovered_lsn: v.nullable(lsn),
  recovered_until: v.nullable(time),
  restored_bytes: v.nullable(count),
  checks: v.array(v.string()),
  last_success: v.nullable(v.strictObject({
    end_time: time,
    recovery_seconds: seconds,
    restored_bytes: count,
    recovered_until: v.nullable(time),
  })),
});

const Exporter = v.strictObject({
  version: v.string(),
  revision: v.string(),
  deno_version: v.string(),
  target: v.string(),
  walg_version: v.nullable(v.string()),
  walg_path: v.string(),
  walg_config_path: v.nullable(v.string()),
  sandbox: v.nullable(v.string()),
  telemetry_path: v.string(),
});

const Timeline = v.strictObject({
  timeline_id: count,
  timeline_hex: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)),
  segments: v.record(v.string(), count),
  ranges: v.array(
    v.strictObject({ start_segment: v.string(), end_segment: v.string(), segments_count: count, status: v.string() }),
  ),
});

const Wal = v.strictObject({
  verified_time: time,
  integrity_status: v.string(),
  timeline_status: v.string(),
  current_timeline: v.nullable(count),
  highest_storage_timeline: v.nullable(count),
  timelines: v.array(Timeline),
});

const Backup = v.strictObject({
  backup_name: v.string(),
  backup_type: v.picklist(["full", "delta"]),
  parent: v.nullable(v.string()),
  wal_file: v.string(),
  start_time: v.nullable(time),
  finish_time: v.nullable(time),
  modified_time: v.nullable(time),
  start_lsn: lsn,
  finish_lsn: lsn,
  pg_version: count,
  is_permanent: v.boolean(),
  compressed_size_bytes: count,
  uncompressed_size_bytes: count,
  storages: v.array(v.string()),
  restorable: v.nullable(v.boolean()),
  reason: v.nullable(v.string()),
  reason_code: v.string(),
  branch_timeline: v.nullable(count),
  is_complete: v.nullable(v.boolean()),
  stored_bytes: v.nullable(count),
  system_identifier: v.nullable(identifier),
  reach_time: v.nullable(time),
  reach_segment: v.nullable(segment),
  reach_lsn: v.nullable(lsn),
});

const Archive = v.strictObject({
  listed_time: time,
  source: v.picklist(["listing", "wal-show"]),
  storages: v.array(v.string()),
  storages_not_listed: v.array(v.string()),
  bytes: v.nullable(count),
  newest_segment_time: v.nullable(time),
  timelines: v.array(v.strictObject({
    timeline_id: count,
    timeline_hex: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)),
    parent_timeline_id: v.nullable(count),
    switch_lsn: v.nullable(lsn),
    segments: count,
  })),
});

/** What `/api/v1/status` answers; `docs/api.md` says what each field means. */
export const StatusSchema = v.strictObject({
  time,
  instance: v.strictObject({
    name: v.nullable(v.string()),
    hostname: v.nullable(v.string()),
    data_dir: v.nullable(v.string()),
    system_identifier: v.nullable(identifier),
  }),
  summary: Summary,
  problems: v.array(Problem),
  recoverable: v.nullable(v.string()),
  recovery: v.nullable(Recovery),
  operations: v.array(Operation),
  operations_off: v.array(
    v.picklist(["backup-list", "wal-verify", "storage-check", "wal-archive", "backup-files", "drill-result"]),
  ),
  restore_drill: v.nullable(Drill),
  exporter: Exporter,
  backups_listed_time: v.nullable(time),
  backup_count: v.nullable(count),
  archive: v.nullable(Archive),
  wal: v.nullable(Wal),
  backups: v.nullable(v.array(Backup)),
});

/** The JSON of a status, as a type. */
export type StatusJson = v.InferOutput<typeof StatusSchema>;
