import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { assertAgreesWithOracle } from "./against_oracle.ts";
import { assertAgreesWithWorld } from "./against_world_oracle.ts";
import { type Mutant, MUTANTS } from "./mutants.ts";

const SOURCE = new URL("../../src/recovery/", import.meta.url);
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

/** Imports src/recovery from a copy of its own, with an error planted in it. */
async function importCopy(folder: string, mutant?: Mutant): Promise<typeof import("../../src/recovery/recover.ts")> {
  await Deno.mkdir(folder);
  for await (const { name } of Deno.readDir(SOURCE)) {
    let text = await Deno.readTextFile(new URL(name, SOURCE));
    if (mutant?.file === name) {
      assert.equal(text.split(mutant.right).length, 2, `${name} holds this once: ${mutant.right}`);
      text = text.replace(mutant.right, () => mutant.wrong);
    }
    await Deno.writeTextFile(`${folder}/${name}`, text.replaceAll(`from "../`, `from "${new URL("../", SOURCE)}`));
  }
  return await import(pathToFileURL(`${folder}/recover.ts`).href);
}
