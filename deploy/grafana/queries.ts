import { DataqueryBuilder, type DataSourceRef, PromQueryFormat } from "./sdk.ts";

/** The data source that the dashboard's variable names. */
export const DATASOURCE: DataSourceRef = { type: "prometheus", uid: "${datasource}" };

/** The labels that choose all exporters of the chosen jobs. */
export const FLEET = 'job=~"$job"';

/** The labels that choose the host of a repeated row. */
export const HOST = 'job=~"$job",instance=~"$instance"';

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

/** A per-backup series of the host with the backup's type joined to it, also while the target's labels change. */
export function withBackupType(name: string): string {
  return `${name}{${HOST}} * on (job, instance, backup_name) group_left (backup_type) ` +
    `group by (job, instance, backup_name, backup_type) (walg_backup_info{${HOST}})`;
}

/** The value of a per-backup series for the newest backup of each type. */
export function ofNewestBackup(name: string): string {
  const newest = `max by (job, instance, backup_type) (walg_backup_last_finish_timestamp_seconds{${HOST}})`;
  return `max by (instance, backup_type) (${withBackupType(name)} and on (job, instance, backup_name) ` +
    `(${withBackupType("walg_backup_finish_timestamp")} == on (job, instance, backup_type) group_left () ${newest}))`;
}
