import { type ArchiveFacts, archiveProblems } from "./archive_problems.ts";
import { backupProblems } from "./backup_problems.ts";
import { type RunFacts, runProblems } from "./run_problems.ts";
import type { Problem } from "./status.ts";

/** All that is wrong, worst first. */
export function problemsOf(facts: RunFacts & ArchiveFacts): readonly Problem[] {
  const problems = [...runProblems(facts), ...backupProblems(facts), ...archiveProblems(facts)];
  return problems.toSorted((a, b) => b.urgency - a.urgency);
}
