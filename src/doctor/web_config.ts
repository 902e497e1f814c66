import { failed, ok, type StepResult } from "./step.ts";

/**
 * Whether the web config can be used.
 *
 * @param error what was said against it; undefined where nothing was
 * @param refused whether the sandbox does not read it, as an earlier check has told
 */
export function webConfigStep(
  { path, error, refused }: { path: string; error: string | undefined; refused: boolean },
): StepResult {
  if (refused) return { status: "skipped", text: "the sandbox does not read it" };
  if (error === undefined) return ok(`${path} can be used`);
  return failed(error, "Correct what the message names: without it, the exporter does not start.");
}
