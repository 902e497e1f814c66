import { AnnotationQueryBuilder, type Builder, type Dashboard } from "./sdk.ts";
import { DATASOURCE, HOST } from "./queries.ts";

type Annotation = NonNullable<NonNullable<Dashboard["annotations"]["list"]>[number]>;

/** A mark on every panel where a backup was finished: Grafana reads the value as the time, in milliseconds. */
export function annotations(): Builder<Annotation>[] {
  return [
    new AnnotationQueryBuilder()
      .name("Backups")
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor("green")
      .expr(`walg_backup_finish_timestamp{${HOST}} * 1000`)
      .useValueForTime(true)
      .titleFormat("{{instance}}")
      .textFormat("{{backup_name}}")
      .step("60s"),
  ];
}
