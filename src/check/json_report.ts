import { type Judgement, OUTCOMES } from "./judgement.ts";

/** A result as one JSON document; what is not known is null. */
export function jsonReport({ level, exitStatus, summary, time, findings, figures }: Judgement): string {
  const document = {
    status: OUTCOMES[level].word,
    exit_status: exitStatus,
    summary,
    time: new Date(time).toISOString(),
    checks: findings.map(({ check, level, text, mend }) => ({
      check,
      status: level === "skipped" ? "SKIPPED" : OUTCOMES[level].word,
      text,
      ...(mend !== undefined && { mend }),
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
