import { mendFor } from "../walg/mend.ts";
import { failed, ok, type StepResult } from "./step.ts";

/** The variables of the dynamic loader that the exporter can see. */
export const LOADER_VARIABLES: readonly string[] = ["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"];

/**
 * Whether variables of the dynamic loader are in the way: with one of them set, the sandbox runs nothing.
 *
 * @param set the names of those that are set and can be seen
 * @param named the one that kept wal-g from being started; seen or not
 */
export function loaderVariablesStep(
  { set, named, sandboxed }: { set: readonly string[]; named: string | undefined; sandboxed: boolean },
): StepResult {
  if (named !== undefined) {
    const text = `${named} is set: with it the sandbox runs nothing`;
    return failed(text, mendFor({ type: "not_permitted", message: text }));
  }
  if (set.length === 0) return ok("none is set");
  const names = set.join(" and ");
  return ok(`${names} set${sandboxed ? ", and wal-g runs all the same" : "; without the sandbox that is no matter"}`);
}

/** The variable that an error of starting a process names. */
export function namedVariable(startError: unknown): string | undefined {
  return startError instanceof Error ? /\b(?:LD|DYLD)_\w+/.exec(startError.message)?.[0] : undefined;
}
