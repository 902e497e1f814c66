import { formatCount } from "../../base/text.ts";
import type { Refused } from "../../cluster/sources.ts";
import { type Level, levelCounts, WORST_FIRST } from "../../status/status.ts";
import { jsonReport, OUTCOMES, plain, type Report } from "./report.ts";

/** The report of one cluster of several. */
export interface ClusterReport {
  readonly name: string;
  readonly report: Report;
}

/** What a check of several clusters found. */
export interface ClusterReports {
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
