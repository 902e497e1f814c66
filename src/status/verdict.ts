import type { Level, Problem, Status, Summary, Word } from "./status.ts";

const WORDS: Readonly<Record<Level, Word>> = {
  ok: "OK",
  warning: "Warning",
  critical: "Critical",
  unknown: "Unknown",
};

/** The one sentence: the worst problem, or else what is recoverable. */
export function summarize(problems: readonly Problem[], recoverable: string | undefined): Summary {
  const [worst] = problems;
  const level = worst?.level ?? (recoverable === undefined ? "unknown" : "ok");
  return { level, word: WORDS[level], sentence: worst?.sentence ?? recoverable ?? "Nothing is known yet" };
}

/** What `walg-exporter check` judges by. */
export interface Verdict extends Summary {
  /** Worst first. */
  readonly problems: readonly Problem[];
}

/** What `check` has a threshold for. */
const BY_THRESHOLD: readonly Problem["code"][] = ["wal_unreachable", "wal_at_risk"];

/** The verdict without any threshold: segments at risk count only against the one that the operator sets. */
export function verdictOf({ problems, recoverable }: Pick<Status, "problems" | "recoverable">): Verdict {
  const counted = problems.filter(({ code }) => !BY_THRESHOLD.includes(code));
  return { ...summarize(counted, recoverable), problems: counted };
}
