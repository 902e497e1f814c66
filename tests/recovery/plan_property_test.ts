import { planOf } from "../../src/recovery/plan.ts";
import { assess } from "../../src/recovery/recover.ts";
import { assertPlansInWorlds } from "./against_plan_oracle.ts";

Deno.test("plans for LSNs and for the latest state are what the oracle finds in generated worlds", () => {
  assertPlansInWorlds({ assess, planOf }, { numRuns: 4000 });
});
