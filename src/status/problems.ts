import { backupProblems, type Facts, walProblems } from "./archive_problems.ts";
import { runProblems } from "./run_problems.ts";
import { type OperationStatus, type Problem, PROBLEM_CODES } from "./status.ts";

/** All that is wrong, worst first. */
export function problemsOf(facts: Facts & { readonly operations: readonly OperationStatus[] }): readonly Problem[] {
  const problems = [...runProblems(facts.operations, facts.now), ...backupProblems(facts), ...walProblems(facts)];
  return problems.toSorted((a, b) => PROBLEM_CODES.indexOf(a.code) - PROBLEM_CODES.indexOf(b.code));
}
