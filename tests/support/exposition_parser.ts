/** A strict reader of the text format 0.0.4 and of OpenMetrics 1.0, as far as gauges and counters go. */

export interface ParsedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: readonly ParsedSeries[];
}

/** Reads a whole exposition; it throws, naming the line, for anything that the format does not allow. */
export function parseExposition(text: string, format: "text" | "openmetrics" = "text"): Map<string, ParsedFamily> {
  const families = new Map<string, { name: string; type: string; help: string; series: ParsedSeries[] }>();
  const seen = new Set<string>();
  if (!text.endsWith("\n")) throw new Error("the last line has no newline");
  const lines = text.slice(0, -1).split("\n");
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("the last line is not # EOF");
  let current: { name: string; type: string; help: string; series: ParsedSeries[] } | undefined;
  lines.forEach((line, index) => {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`);
    };
    const [, help, helpText] = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (help !== undefined && helpText !== undefined) {
      if (families.has(help)) fail("the family stands twice");
      if (current !== undefined && current.type === "") fail("the family before has no TYPE");
      current = { name: help, type: "", help: helpText, series: [] };
      families.set(help, current);
      return;
    }
    const [, typed, type] = /^# TYPE ([a-zA-Z_:][\w:]*) (gauge|counter)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      if (current?.name !== typed || current.type !== "") fail("TYPE without its HELP above it");
      else current.type = type;
      return;
    }
    const series = parseSample(line) ?? fail("neither HELP, TYPE nor a sample");
    const family = current?.type === "counter" && format === "openmetrics" ? `${current.name}_total` : current?.name;
    if (current === undefined || series.name !== family || current.type === "") return fail("outside its family");
    const key = seriesKey(series);
    if (seen.has(key)) fail("the series stands twice");
    seen.add(key);
    current.series.push(series);
  });
  for (const { name, series } of families.values()) {
    if (series.length === 0) throw new Error(`family ${name} has no series`);
  }
  return families;
}

/** Name and sorted labels: the same for the same series. */
export function seriesKey({ name, labels }: Pick<ParsedSeries, "name" | "labels">): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => a < b ? -1 : 1);
  return `${name}${JSON.stringify(sorted)}`;
}

/** Reads one sample line; undefined when it is none. */
export function parseSample(line: string): ParsedSeries | undefined {
  const [, name, labelText, value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const labels = labelText === undefined ? {} : parseLabels(labelText);
  const number = parseValue(value);
  return labels === undefined || number === undefined ? undefined : { name, labels, value: number };
}

function parseLabels(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
  while (label.lastIndex < text.length) {
    const [, name, value] = label.exec(text) ?? [];
    if (name === undefined || value === undefined || name in labels) return undefined;
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => escaped === "n" ? "\n" : escaped);
  }
  return labels;
}

function parseValue(text: string): number | undefined {
  if (text === "+Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  if (text === "NaN") return NaN;
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** The series of all families by their key. */
export function allSeries(families: ReadonlyMap<string, ParsedFamily>): Map<string, ParsedSeries> {
  return new Map([...families.values()].flatMap(({ series }) => series.map((one) => [seriesKey(one), one] as const)));
}
