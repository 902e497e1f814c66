import { type Level, type Status, verdictOf } from "../status/mod.ts";
import { figuresOf } from "./figure.ts";
import { type Finding, type Judgement, LEVELS, OUTCOMES } from "./judgement.ts";
import { measure } from "./measure.ts";
import { measureFinding } from "./measure_finding.ts";
import { problemFindings } from "./problem_finding.ts";
import type { Thresholds } from "./threshold.ts";

/** Judges what one round found. */
export function judge(status: Status, thresholds: Thresholds): Judgement {
  const verdict = verdictOf(status);
  const measured = measure(status);
  const fixed = problemFindings(status, verdict.problems);
  const cannotRun = verdict.problems.some(({ code }) => code === "walg_not_run");
  const measures = measured.map((one): Finding => {
    const finding = measureFinding(one, thresholds[one.measure]);
    // Where wal-g does not run, there is nothing to judge.
    return cannotRun ? { ...finding, level: "skipped", text: "wal-g cannot be run" } : finding;
  });
  const findings = [...fixed, ...measures];
  const level = worst([verdict.level, ...findings.map((finding) => finding.level)]);
  return {
    level,
    exitStatus: OUTCOMES[level].exitStatus,
    summary: summary(level, findings, verdict.sentence),
    time: status.time,
    findings,
    figures: figuresOf(status, measured, thresholds),
  };
}

function worst(levels: readonly Finding["level"][]): Level {
  return LEVELS.findLast((level) => levels.includes(level)) ?? "ok";
}

/** The worst finding and how many others there are; what is recoverable where all is well. */
function summary(level: Level, findings: readonly Finding[], sentence: string): string {
  const wrong = findings.filter((finding) => finding.level !== "ok" && finding.level !== "skipped");
  const [first] = wrong.toSorted((a, b) => rank(b) - rank(a));
  if (level === "ok" || first === undefined) return sentence;
  return wrong.length === 1 ? first.text : `${first.text} (and ${wrong.length - 1} more)`;
}

function rank({ level }: Finding): number {
  return level === "skipped" ? -1 : LEVELS.indexOf(level);
}
