import {
  BigValueColorMode,
  BigValueGraphMode,
  type DataqueryBuilder,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  MappingType,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  StatBuilder,
  TableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  TimeSeriesBuilder,
  type ValueMapping,
  VizLegendOptionsBuilder,
} from "./sdk.ts";
import { DATASOURCE } from "./queries.ts";

/** A panel's title, a sentence that says what it shows, its unit (Grafana's id) and its place: 24 columns make a row. */
export interface PanelOptions {
  readonly title: string;
  readonly description: string;
  readonly queries: readonly DataqueryBuilder[];
  readonly unit?: string;
  readonly span: number;
  readonly height?: number;
}

/** From which value on which colour. */
export type Steps = readonly (readonly [from: number | null, colour: string])[];

/** Nothing is fine, anything is not. */
export const ANY_IS_BAD: Steps = [[null, "green"], [1, "red"]];

/** The texts of series that say yes or no. */
export const YES_NO: ValueMapping = {
  type: MappingType.ValueToText,
  options: { "1": { text: "yes", color: "green", index: 0 }, "0": { text: "no", color: "red", index: 1 } },
};

/** One number. */
export function stat(options: PanelOptions, steps: Steps = [[null, "blue"]]): StatBuilder {
  const panel = new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false))
    .thresholds(thresholds(steps));
  return common(panel, options, 4);
}

/** Lines over time. */
export function lines(options: PanelOptions): TimeSeriesBuilder {
  return common(timeSeries().fillOpacity(8).lineInterpolation(LineInterpolation.Linear), options, 8);
}

/** Values that hold until the next, as lines with steps. */
export function steps(options: PanelOptions): TimeSeriesBuilder {
  return common(timeSeries().fillOpacity(8).lineInterpolation(LineInterpolation.StepAfter), options, 8);
}

/** Parts of a whole that hold until the next, as areas on one another. */
export function areas(options: PanelOptions): TimeSeriesBuilder {
  const panel = timeSeries().fillOpacity(40).lineInterpolation(LineInterpolation.StepAfter)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  return common(panel, options, 8);
}

/** Counts of each interval as bars on one another. */
export function bars(options: PanelOptions): TimeSeriesBuilder {
  const panel = timeSeries().drawStyle(GraphDrawStyle.Bars).fillOpacity(60)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  return common(panel, options, 8);
}

/** A table of latest values: queries joined by their common labels. */
export function table(options: PanelOptions): TableBuilder {
  return common(new TableBuilder().withTransformation({ id: "merge", options: {} }), options, 10);
}

function timeSeries(): TimeSeriesBuilder {
  const legend = new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom).calcs(["lastNotNull"]);
  return new TimeSeriesBuilder().legend(legend).axisSoftMin(0);
}

function thresholds(steps: Steps): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));
}

function common<P extends StatBuilder | TimeSeriesBuilder | TableBuilder>(
  panel: P,
  { title, description, queries, unit = "short", span, height }: PanelOptions,
  usualHeight: number,
): P {
  panel.title(title).description(description).datasource(DATASOURCE).unit(unit).span(span);
  panel.height(height ?? usualHeight).targets([...queries]);
  return panel;
}
