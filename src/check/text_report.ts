import { oneLine } from "../visible.ts";
import { type Finding, type Judgement, OUTCOMES } from "./judgement.ts";
import { perfdata } from "./perfdata.ts";

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
  return findings.flatMap(({ check, level, text, mend }) => [
    `${check.padEnd(width)}${levelWord(level).padEnd(10)}${plain(text)}`,
    ...mend === undefined ? [] : [`${" ".repeat(width + 10)}What to do: ${plain(mend)}`],
  ]);
}

function levelWord(level: Finding["level"]): string {
  return level === "skipped" ? "-" : OUTCOMES[level].word;
}

/** A text on one line; monitoring systems take a bar for the beginning of perfdata. */
function plain(text: string): string {
  return oneLine(text).replaceAll("|", "/");
}
