import { formatCount, oneLine } from "../../base/text.ts";
import type { Refused } from "../../cluster/sources.ts";
import type { Level } from "../../status/status.ts";
import { type Judgement, LEVELS, OUTCOMES } from "./judgement.ts";
import { jsonReport } from "./report.ts";

/** The judgement of one cluster of several. */
export interface ClusterJudgement {
  readonly name: string;
  readonly judgement: Judgement;
}

/** What a check of several clusters found. */
export interface ClusterJudgements {
  readonly judged: readonly ClusterJudgement[];
  readonly refused: readonly Refused[];
}

/** The worst of all; a config file that cannot be used is as bad as a cluster of which nothing is known. */
export function worstLevel({ judged, refused }: ClusterJudgements): Level {
  const levels = judged.map(({ judgement }) => judgement.level);
  if (refused.length > 0 || judged.length === 0) levels.push("unknown");
  return LEVELS.findLast((level) => levels.includes(level)) ?? "ok";
}

/** The result for people and for monitoring systems: the worst, how many are how, then a line for each cluster. */
export function clustersText(found: ClusterJudgements): string {
  const { judged, refused } = found;
  const rows = [
    ...refused.map(({ name, file, why }) => ({
      name: name ?? file,
      level: "unknown" as const,
      text: `${file} ${why}`,
    })),
    ...judged.map(({ name, judgement: { level, summary } }) => ({ name, level, text: summary })),
  ].toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level));
  const width = Math.max(0, ...rows.map(({ name }) => name.length)) + 2;
  const lines = rows.map(({ name, level, text }) =>
    `${name.padEnd(width)}${OUTCOMES[level].word.padEnd(10)}${oneLine(text).replaceAll("|", "/")}`
  );
  const perfdata = [
    `clusters=${judged.length};;1:;0`,
    ...LEVELS.map((level) => `${level}=${rows.filter((row) => row.level === level).length};;;0`),
  ];
  const head = `WALG ${OUTCOMES[worstLevel(found)].word} - ${summaryOf(found)} | ${perfdata.join(" ")}`;
  return [head, "", ...lines].map((line) => `${line}\n`).join("");
}

/** The same as one JSON document, with the document of each cluster. */
export function clustersJson(found: ClusterJudgements): string {
  const { word, exitStatus } = OUTCOMES[worstLevel(found)];
  const document = {
    status: word,
    exit_status: exitStatus,
    summary: summaryOf(found),
    clusters: found.judged.map(({ name, judgement }) => ({ cluster: name, ...JSON.parse(jsonReport(judgement)) })),
    refused: found.refused.map(({ name, file, why }) => ({ cluster: name ?? null, file, error: why })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** How many are how, and the first of the worst. */
function summaryOf({ judged, refused }: ClusterJudgements): string {
  const of = formatCount(judged.length, "cluster");
  const bad = LEVELS.toReversed().filter((level) => level !== "ok").flatMap((level) => {
    const those = judged.filter(({ judgement }) => judgement.level === level);
    return those.length === 0 ? [] : [{ level, those }];
  });
  const files = refused.length === 0 ? [] : [`${formatCount(refused.length, "config file")} cannot be used`];
  const [worst] = bad;
  const [first] = worst?.those ?? [];
  const counts = bad.map(({ level, those }) => `${those.length} ${level}`).join(", ");
  const words = [
    judged.length === 0 ? "there is no cluster" : worst === undefined ? `${of}, all OK` : `${counts} of ${of}`,
    ...files,
    ...first === undefined ? [] : [`${first.name}: ${first.judgement.summary}`],
  ];
  return oneLine(words.join("; ")).replaceAll("|", "/");
}
