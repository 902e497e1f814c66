/** What of Grafana's foundation SDK the dashboard is built with: the one place that names its version. */
export { type Builder, type Dataquery } from "npm:@grafana/grafana-foundation-sdk@0.0.21/cog";
export {
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VizLegendOptionsBuilder,
} from "npm:@grafana/grafana-foundation-sdk@0.0.21/common";
export {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  type DynamicConfigValue,
  MappingType,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from "npm:@grafana/grafana-foundation-sdk@0.0.21/dashboard";
export { DataqueryBuilder, PromQueryFormat } from "npm:@grafana/grafana-foundation-sdk@0.0.21/prometheus";
export { PanelBuilder as StatBuilder } from "npm:@grafana/grafana-foundation-sdk@0.0.21/stat";
export { PanelBuilder as TableBuilder } from "npm:@grafana/grafana-foundation-sdk@0.0.21/table";
export { PanelBuilder as TimeSeriesBuilder } from "npm:@grafana/grafana-foundation-sdk@0.0.21/timeseries";
