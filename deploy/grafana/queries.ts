import { DataqueryBuilder, type DataSourceRef, PromQueryFormat } from "./sdk.ts";

/** The data source that the dashboard's variable names. */
export const DATASOURCE: DataSourceRef = { type: "prometheus", uid: "${datasource}" };

/** The labels that choose all exporters of the chosen jobs: for series of the exporter itself, which belong to no cluster. */
export const EXPORTERS = 'job=~"$job"';

/** The labels that choose the chosen clusters of the chosen jobs. An exporter of one cluster without a name has no such label. */
export const FLEET = `${EXPORTERS},cluster=~"$cluster"`;

/** The labels that choose the exporter of a repeated row. */
export const EXPORTER = `${EXPORTERS},instance=~"$instance"`;

/** The labels that choose the chosen clusters of a repeated row. */
export const HOST = `${EXPORTER},cluster=~"$cluster"`;

/** Where a query's series are named after its labels: Grafana's `{{label}}` stands for a label's value. */
export interface QueryOptions {
  readonly refId?: string;
  readonly legend?: string;
}

/** A query over the time shown. */
export function overTime(expr: string, { refId = "A", legend = "__auto" }: QueryOptions = {}): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).refId(refId).expr(expr).legendFormat(legend).range();
}

/** A query of the latest values. */
export function latest(expr: string, { refId = "A", legend = "__auto" }: QueryOptions = {}): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).refId(refId).expr(expr).legendFormat(legend).instant();
}

/** A query of the latest values with all their labels as columns. */
export function latestTable(expr: string, refId: string): DataqueryBuilder {
  return latest(expr, { refId }).format(PromQueryFormat.Table);
}

/**
 * For how many seconds losing the host would undo what was committed: since the last moment that can be recovered, as long as
 * WAL segments come after it. A quiet cluster, of which nothing waits, has 0.
 */
export function timeAtRisk(hosts: string): string {
  return `max by (job, instance, cluster) (time() - walg_recovery_until_timestamp_seconds{${hosts}}) ` +
    `* on (job, instance, cluster) max by (job, instance, cluster) (walg_wal_at_risk_segments{${hosts}} > bool 0)`;
}

/** Segments that are lost, less those that are overtaken while several are uploaded at once: they arrive soon. */
export function lostSegments(hosts: string): string {
  return `min_over_time(walg_wal_lost_segments{${hosts}}[15m])`;
}

/** A per-backup series of the host with the backup's type joined to it, also while the target's labels change. */
export function withBackupType(name: string): string {
  return `${name}{${HOST}} * on (job, instance, cluster, backup_name) group_left (backup_type) ` +
    `group by (job, instance, cluster, backup_name, backup_type) (walg_backup_info{${HOST}})`;
}

/** The value of a per-backup series for the newest backup of each type. */
export function ofNewestBackup(name: string): string {
  const newest = `max by (job, instance, cluster, backup_type) (walg_backup_last_finish_timestamp_seconds{${HOST}})`;
  return `max by (instance, cluster, backup_type) (${
    withBackupType(name)
  } and on (job, instance, cluster, backup_name) ` +
    `(${
      withBackupType("walg_backup_finish_timestamp")
    } == on (job, instance, cluster, backup_type) group_left () ${newest}))`;
}
