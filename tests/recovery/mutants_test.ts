import assert from "node:assert/strict";
import { assertAgreesWithOracle } from "./against_oracle.ts";
import { assertAgreesWithWorld } from "./against_world_oracle.ts";
import { MUTANTS } from "./mutants.ts";
import { importCopy } from "./planted.ts";

/** Far more than it takes: a property ends with its first failure. */
const RUNS = 60_000;
const AGREES = { archive: assertAgreesWithWorld, ranges: assertAgreesWithOracle };

Deno.test("the property tests find a planted error in each rule", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await t.step("and none in a copy without one", async () => {
      const { recover } = await importCopy(`${folder}/right`);
      assertAgreesWithOracle(recover, { numRuns: 300 });
      assertAgreesWithWorld(recover, { numRuns: 300 });
    });
    for (const [at, mutant] of MUTANTS.entries()) {
      await t.step(mutant.error, async () => {
        const { recover } = await importCopy(`${folder}/wrong-${at}`, mutant);
        const options = { numRuns: RUNS, endOnFailure: true, interruptAfterTimeLimit: 60_000 };
        assert.throws(() => AGREES[mutant.by](recover, options), /Property failed/);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
