import { oneLine } from "../../base/text.ts";
import { inOrderOfNeed, OPERATIONS } from "../../operations/registry.ts";
import type { Status } from "../../status/status.ts";
import {
  type Figure,
  type Finding,
  type Judgement,
  type Measured,
  MEASURES,
  OUTCOMES,
  type Thresholds,
} from "./judgement.ts";

/** The figures of a round, always the same ones in the same order: graphs are made by position. */
export function figuresOf(status: Status, measured: readonly Measured[], thresholds: Thresholds): readonly Figure[] {
  const { backups, recovery, operations } = status;
  return [
    ...measured.map(({ measure, value }): Figure => ({
      name: measure,
      value,
      unit: MEASURES[measure].unit,
      floor: MEASURES[measure].isFloor,
      threshold: thresholds[measure],
    })),
    { name: "lost_segments", value: recovery?.lostSegments, unit: "", floor: false, threshold: { critical: 0 } },
    { name: "backups", value: backups?.length, unit: "", floor: true, threshold: { critical: 1 } },
    ...inOrderOfNeed(OPERATIONS).map(({ name: operation }): Figure => {
      const value = operations.find((run) => run.operation === operation)?.durationSeconds;
      return { name: `${operation.replaceAll("-", "_")}_time`, value, unit: "s", floor: false, threshold: {} };
    }),
  ];
}

/**
 * Figures as monitoring plugins write them: `label=value[unit];warn;crit;min`, apart by a blank. `U` stands for a value
 * that is not known; `N:` for thresholds that must not be fallen below.
 */
export function perfdata(figures: readonly Figure[]): string {
  return figures.map(({ name, value, unit, floor, threshold }) => {
    const limit = (bound: number | undefined): string => bound === undefined ? "" : `${bound}${floor ? ":" : ""}`;
    const shown = value === undefined ? "U" : `${Number(value.toFixed(3))}${unit}`;
    return `${name}=${shown};${limit(threshold.warn)};${limit(threshold.critical)};0`;
  }).join(" ");
}

/** A result as one JSON document; what is not known is null. */
export function jsonReport({ level, exitStatus, summary, time, findings, figures }: Judgement): string {
  const document = {
    status: OUTCOMES[level].word,
    exit_status: exitStatus,
    summary,
    time: new Date(time).toISOString(),
    checks: findings.map(({ check, level, text, fix }) => ({
      check,
      status: level === "skipped" ? "SKIPPED" : OUTCOMES[level].word,
      text,
      ...(fix !== undefined && { fix }),
    })),
    figures: figures.map(({ name, value, unit, threshold, floor }) => ({
      name,
      value: value ?? null,
      unit: unit === "s" ? "seconds" : "count",
      warning: threshold.warn ?? null,
      critical: threshold.critical ?? null,
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
export function textReport(judgement: Judgement): string {
  const { word } = OUTCOMES[judgement.level];
  const lines = [
    `WALG ${word} - ${plain(judgement.summary)} | ${perfdata(judgement.figures)}`,
    "",
    ...table(judgement.findings),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The one line of a check that could not be made. */
export function unknownReport(why: string): string {
  return `WALG ${OUTCOMES.unknown.word} - ${plain(why)}\n`;
}

function table(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ check }) => check.length)) + 2;
  return findings.flatMap(({ check, level, text, fix }) => [
    `${check.padEnd(width)}${levelWord(level).padEnd(10)}${plain(text)}`,
    ...fix === undefined ? [] : [`${" ".repeat(width + 10)}What to do: ${plain(fix)}`],
  ]);
}

function levelWord(level: Finding["level"]): string {
  return level === "skipped" ? "-" : OUTCOMES[level].word;
}

/** A text on one line; monitoring systems take a bar for the beginning of perfdata. */
function plain(text: string): string {
  return oneLine(text).replaceAll("|", "/");
}
