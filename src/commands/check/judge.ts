import type { Level, Problem, Status } from "../../status/status.ts";
import { summarize } from "../../status/view.ts";
import { type Finding, type Judgement, LEVELS, OUTCOMES, type Thresholds } from "./judgement.ts";
import { problemFindings } from "./findings.ts";
import { measure, measureFinding } from "./measures.ts";
import { figuresOf } from "./report.ts";

/** Judges what one round found. */
export function judge(status: Status, thresholds: Thresholds): Judgement {
  const problems = status.problems.filter(({ code }) => !BY_THRESHOLD.includes(code));
  const verdict = summarize(problems, status.recoverable);
  const measured = measure(status);
  const fixed = problemFindings(status, problems);
  const cannotRun = problems.some(({ code }) => code === "walg_not_run");
  const measures = measured.map((one): Finding => {
    const finding = measureFinding(one, thresholds[one.measure]);
    // Where wal-g does not run, there is nothing to judge.
    return cannotRun ? { ...finding, level: "skipped", text: "wal-g cannot be run" } : finding;
  });
  const findings = [...fixed, ...measures];
  const levels = [verdict.level, ...findings.map((finding) => finding.level)];
  const level = LEVELS.findLast((one) => levels.includes(one)) ?? "ok";
  return {
    level,
    exitStatus: OUTCOMES[level].exitStatus,
    summary: summary(level, findings, verdict.sentence),
    time: status.time,
    findings,
    figures: figuresOf(status, measured, thresholds),
  };
}

/** The codes of the problems that `check` has thresholds for. */
const BY_THRESHOLD: readonly Problem["code"][] = ["wal_unreachable", "wal_at_risk"];

/** The worst finding and how many others there are; what is recoverable where all is well. */
function summary(level: Level, findings: readonly Finding[], sentence: string): string {
  const wrong = findings.flatMap(({ level, text }) => level === "ok" || level === "skipped" ? [] : [{ level, text }]);
  const [first] = wrong.toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level));
  if (level === "ok" || first === undefined) return sentence;
  return wrong.length === 1 ? first.text : `${first.text} (and ${wrong.length - 1} more)`;
}
