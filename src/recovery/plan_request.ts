import type { PlanRequest } from "./plan.ts";
import { parseLsn, parseTarget } from "./target.ts";

/** What people type, in flags or in a URL; what is absent or "" is not asked for. */
export interface PlanTexts {
  readonly to: string | undefined;
  readonly toLsn: string | undefined;
  readonly backup: string | undefined;
  readonly timeline: string | undefined;
}

/** A request, or which parameter cannot be used and why. */
export type ReadRequest =
  | { readonly request: PlanRequest }
  | { readonly parameter: "to" | "to_lsn" | "backup" | "timeline"; readonly problem: string };

/** No storage takes a longer object name, characters. */
const MAX_NAME_LENGTH = 1024;

/** Reads what a plan is asked for; without a target it is the latest state. */
export function readPlanRequest({ to, toLsn, backup, timeline }: PlanTexts): ReadRequest {
  if (to && toLsn) return { parameter: "to_lsn", problem: "a time and an LSN cannot both be the target; give one" };
  const parsed = toLsn ? parseLsn(toLsn.trim()) : parseTarget(to?.trim() || "latest");
  if ("problem" in parsed) return { parameter: toLsn ? "to_lsn" : "to", problem: parsed.problem };
  if (backup !== undefined && backup.length > MAX_NAME_LENGTH) {
    return { parameter: "backup", problem: "a name of a backup is not that long" };
  }
  if (timeline && !/^[1-9]\d{0,9}$/.test(timeline)) {
    return { parameter: "timeline", problem: `'${timeline}' is not a timeline; write its number, such as 1` };
  }
  return {
    request: {
      target: parsed.target,
      ...(backup && { backup: backup.trim() }),
      ...(timeline && { timeline: Number(timeline) }),
    },
  };
}
