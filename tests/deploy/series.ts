/** The names of the contract: every series that an exporter shows somewhere in its life. */
export const SERIES: readonly string[] = [
  "walg_backup_info",
  "walg_backup_start_timestamp",
  "walg_backup_finish_timestamp",
  "walg_backup_compressed_size_bytes",
  "walg_backup_uncompressed_size_bytes",
  "walg_backups",
  "walg_wal_verify_status",
  "walg_wal_integrity_status",
  "walg_storage_up",
  "walg_storage_latency_seconds",
  "walg_pitr_window_seconds",
  "walg_errors_total",
  "walg_backup_list_duration_seconds",
  "walg_wal_verify_duration_seconds",
  "walg_scrape_errors_total",
  "walg_scrape_success",
  "walg_scrape_last_success_timestamp_seconds",
  "walg_scrape_duration_seconds",
  "walg_wal_segments",
  "walg_wal_current_timeline",
  "walg_wal_highest_storage_timeline",
  "walg_backup_last_finish_timestamp_seconds",
  "walg_backup_last_duration_seconds",
  "walg_backups_compressed_size_bytes",
  "walg_backups_permanent",
  "walg_backup_storage_info",
  "walg_backups_series_left_out",
  "walg_version_info",
  "walg_exporter_build_info",
  "walg_backup_restorable",
  "walg_recovery_until_lsn_bytes",
  "walg_recovery_until_timestamp_seconds",
  "walg_recovery_window_start_timestamp_seconds",
  "walg_recovery_window_seconds",
  "walg_wal_at_risk_segments",
  "walg_wal_lost_segments",
  "walg_archive_segments",
  "walg_archive_bytes",
  "walg_archive_newest_segment_timestamp_seconds",
  "walg_backup_complete",
  "walg_backup_stored_bytes",
  "walg_storage_bytes",
  "walg_unfinished_backups",
  "walg_unfinished_backup_last_upload_timestamp_seconds",
  "walg_cluster_info",
  "walg_problem",
  "walg_restore_drill_success",
  "walg_restore_drill_last_success_timestamp_seconds",
  "walg_restore_drill_duration_seconds",
  "walg_restore_drill_restored_bytes",
  "walg_restore_drill_recovered_until_timestamp_seconds",
  "process_cpu_seconds_total",
  "process_resident_memory_bytes",
  "process_start_time_seconds",
];

/** The names of what an exporter of several clusters shows beside those. */
export const FLEET_SERIES: readonly string[] = [
  "walg_exporter_clusters",
  "walg_exporter_clusters_refused",
  "walg_exporter_runs_waiting",
  "walg_exporter_longest_wait_seconds",
];

/** The names of series in a PromQL expression, each once. */
export function seriesOf(expr: string): string[] {
  const names = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(
    /(?<![\w:$])(?:(?:walg|process|job|instance|instance_type):?\w*[:_][\w:]+|up|ALERTS)(?![\w:])/g,
  );
  const labels = new Set(["backup_name", "instance_type", "job", "instance"]);
  return [...new Set([...names].map(([name]) => name))].filter((name) => !labels.has(name));
}
