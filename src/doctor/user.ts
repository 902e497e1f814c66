import { ok, skipped, type StepResult } from "./step.ts";

/** As whom the exporter runs; the names of users are in a file that it does not read. */
export function userStep(uid: number | null | undefined): StepResult {
  if (uid === undefined || uid === null) return skipped("the sandbox does not tell (scope sys=uid)");
  if (uid === 0) {
    return ok("root (uid 0): it works, but the user of PostgreSQL, usually postgres, is enough and may connect to it");
  }
  return ok(`uid ${uid}`);
}
