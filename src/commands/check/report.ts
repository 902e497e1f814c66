import { formatCount, oneLine } from "../../base/text.ts";
import { type Limit, LIMITS, type Measure } from "../../operations/limits.ts";
import { inOrderOfNeed, OPERATIONS } from "../../operations/registry.ts";
import { type Level, levelCounts, type Status, WORST_FIRST } from "../../status/status.ts";
import { type Row, rowsOf } from "./rows.ts";
import type { Refused } from "../../cluster/sources.ts";

/** A figure for perfdata. */
interface Figure {
  readonly name: string;
  /** undefined where it is not known. */
  readonly value: number | undefined;
  readonly unit: "s" | "";
  /** Whether its limits are lower bounds. */
  readonly floor: boolean;
  readonly limit: Limit;
}

/** The whole result of a check. */
export interface Report {
  readonly level: Level;
  /** One line: the first problem and how many more there are, or what is recoverable when there is none. */
  readonly summary: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
}

/** The words and exit statuses of monitoring plugins. */
export const OUTCOMES: Readonly<Record<Level, { readonly word: string; readonly exitStatus: number }>> = {
  ok: { word: "OK", exitStatus: 0 },
  warning: { word: "WARNING", exitStatus: 1 },
  critical: { word: "CRITICAL", exitStatus: 2 },
  unknown: { word: "UNKNOWN", exitStatus: 3 },
};

/** What `check` says of a status: the same as the page. */
export function reportOf(status: Status): Report {
  const { summary: { level, sentence }, problems, time } = status;
  const summary = problems.length < 2 ? sentence : `${sentence} (and ${problems.length - 1} more)`;
  return { level, summary, time, rows: rowsOf(status), figures: figuresOf(status) };
}

/** The figures of a round, always the same ones in the same order: graphs are made by position. */
function figuresOf({ backups, recovery, operations, measures, limits }: Status): readonly Figure[] {
  const measured = (name: Measure): Figure => ({
    name,
    value: measures[name].value,
    unit: LIMITS[name].unit === "segments" ? "" : "s",
    floor: "isFloor" in LIMITS[name],
    limit: limits[name],
  });
  return [
    ...(["backup_age", "full_backup_age", "recovery_window", "at_risk_segments"] as const).map(measured),
    { name: "lost_segments", value: recovery?.lostSegments, unit: "", floor: false, limit: { warning: 0 } },
    { name: "backups", value: backups?.length, unit: "", floor: true, limit: { critical: 1 } },
    ...inOrderOfNeed(OPERATIONS).map(({ name: operation }): Figure => {
      const value = operations.find((run) => run.operation === operation)?.durationSeconds;
      return { name: `${operation.replaceAll("-", "_")}_time`, value, unit: "s", floor: false, limit: {} };
    }),
    measured("rpo"),
  ];
}

/**
 * Figures as monitoring plugins write them: `label=value[unit];warn;crit;min`, apart by a blank. `U` stands for a value
 * that is not known; `N:` for thresholds that are lower bounds.
 */
export function perfdata(figures: readonly Figure[]): string {
  return figures.map(({ name, value, unit, floor, limit: { warning, critical } }) => {
    const bounded = (bound: number | undefined): string => bound === undefined ? "" : `${bound}${floor ? ":" : ""}`;
    const shown = value === undefined ? "U" : `${Number(value.toFixed(3))}${unit}`;
    return `${name}=${shown};${bounded(warning)};${bounded(critical)};0`;
  }).join(" ");
}

/** A result as one JSON document; what is not known is null. */
export function jsonReport({ level, summary, time, rows, figures }: Report): string {
  const { word, exitStatus } = OUTCOMES[level];
  const document = {
    status: word,
    exit_status: exitStatus,
    summary,
    time: new Date(time).toISOString(),
    checks: rows.map(({ check, level, text, fix }) => ({
      check,
      status: level === "skipped" ? "SKIPPED" : OUTCOMES[level].word,
      text,
      ...(fix !== undefined && { fix }),
    })),
    figures: figures.map(({ name, value, unit, limit, floor }) => ({
      name,
      value: value ?? null,
      unit: unit === "s" ? "seconds" : "count",
      warning: limit.warning ?? null,
      critical: limit.critical ?? null,
      threshold_is: floor ? "minimum" : "maximum",
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The document of a check that could not be made. */
export function unknownJson(why: string): string {
  const { word, exitStatus } = OUTCOMES.unknown;
  return `${
    JSON.stringify({ status: word, exit_status: exitStatus, summary: why, checks: [], figures: [] }, null, 2)
  }\n`;
}

/** A result for people and for monitoring systems: the summary with perfdata, then a table. */
export function textReport({ level, summary, rows, figures }: Report): string {
  const { word } = OUTCOMES[level];
  const lines = [
    `WALG ${word} - ${plain(summary)} | ${perfdata(figures)}`,
    "",
    ...table(rows),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The one line of a check that could not be made. */
export function unknownReport(why: string): string {
  return `WALG ${OUTCOMES.unknown.word} - ${plain(why)}\n`;
}

function table(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(({ check }) => check.length)) + 2;
  return rows.flatMap(({ check, level, text, fix }) => [
    `${check.padEnd(width)}${levelWord(level).padEnd(10)}${plain(text)}`,
    ...fix === undefined ? [] : [`${" ".repeat(width + 10)}What to do: ${plain(fix)}`],
  ]);
}

function levelWord(level: Row["level"]): string {
  return level === "skipped" ? "-" : OUTCOMES[level].word;
}

/** A text on one line; monitoring systems take a bar for the beginning of perfdata. */
export function plain(text: string): string {
  return oneLine(text).replaceAll("|", "/");
}

/** The report of one cluster of several. */
interface ClusterReport {
  readonly name: string;
  readonly report: Report;
}

/** What a check of several clusters found. */
interface ClusterReports {
  readonly reported: readonly ClusterReport[];
  readonly refused: readonly Refused[];
}

/** The worst of all; a config file that cannot be used is as bad as a cluster of which nothing is known. */
export function worstLevel({ reported, refused }: ClusterReports): Level {
  const levels = reported.map(({ report }) => report.level);
  if (refused.length > 0 || reported.length === 0) levels.push("unknown");
  return WORST_FIRST.find((level) => levels.includes(level)) ?? "ok";
}

/** The result for people and for monitoring systems: the worst, how many are how, then a line for each cluster. */
export function clustersText(found: ClusterReports): string {
  const { reported, refused } = found;
  const rows = [
    ...refused.map(({ name, file, why }) => ({
      name: name ?? plain(file),
      level: "unknown" as const,
      text: `${file} ${why}`,
    })),
    ...reported.map(({ name, report: { level, summary } }) => ({ name, level, text: summary })),
  ].toSorted((a, b) => WORST_FIRST.indexOf(a.level) - WORST_FIRST.indexOf(b.level));
  const width = Math.max(0, ...rows.map(({ name }) => name.length)) + 2;
  const lines = rows.map(({ name, level, text }) =>
    `${name.padEnd(width)}${OUTCOMES[level].word.padEnd(10)}${plain(text)}`
  );
  const perfdata = [
    `clusters=${reported.length};;1:;0`,
    ...WORST_FIRST.map((level) => `${level}=${rows.filter((row) => row.level === level).length};;;0`),
  ];
  const head = `WALG ${OUTCOMES[worstLevel(found)].word} - ${summaryOf(found)} | ${perfdata.join(" ")}`;
  return [head, "", ...lines].map((line) => `${line}\n`).join("");
}

/** The same as one JSON document, with the document of each cluster. */
export function clustersJson(found: ClusterReports): string {
  const { word, exitStatus } = OUTCOMES[worstLevel(found)];
  const document = {
    status: word,
    exit_status: exitStatus,
    summary: summaryOf(found),
    clusters: found.reported.map(({ name, report }) => ({ cluster: name, ...JSON.parse(jsonReport(report)) })),
    refused: found.refused.map(({ name, file, why }) => ({ cluster: name ?? null, file, error: why })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** How many are how, and the first of the worst. */
function summaryOf({ reported, refused }: ClusterReports): string {
  const of = formatCount(reported.length, "cluster");
  const levels = reported.map(({ report }) => report.level);
  const counts = levelCounts(levels);
  const worst = WORST_FIRST.find((level) => levels.includes(level));
  const first = worst === "ok" ? undefined : reported.find(({ report }) => report.level === worst);
  const files = refused.length === 0 ? [] : [`${formatCount(refused.length, "config file")} cannot be used`];
  const words = [
    reported.length === 0
      ? "there is no cluster"
      : first === undefined
      ? `${of}, all OK`
      : `${counts.join(", ")} of ${of}`,
    ...files,
    ...first === undefined ? [] : [`${first.name}: ${first.report.summary}`],
  ];
  return plain(words.join("; "));
}
