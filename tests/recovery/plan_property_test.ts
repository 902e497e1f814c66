import { planOf } from "../../src/recovery/plan.ts";
import { assess } from "../../src/recovery/recover.ts";
import { assertPlansInWorlds } from "./against_plan_oracle.ts";
import { assertPlansInStories } from "./against_stories.ts";

Deno.test("plans for LSNs and for the latest state are what the oracle finds in generated worlds", () => {
  assertPlansInWorlds({ assess, planOf }, { numRuns: 4000 });
});

Deno.test("plans for times restore what was committed until then, whatever happened to the cluster", () => {
  assertPlansInStories({ assess, planOf }, { numRuns: 4000 });
});
