import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { assertAgreesWithOracle } from "./against_oracle.ts";
import { type Mutant, MUTANTS } from "./mutants.ts";

const SOURCE = new URL("../../src/recovery/", import.meta.url);
const RUNS = 3000;

Deno.test("the property test finds a planted error in each rule", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await t.step("and none in a copy without one", async () => {
      const copy = await importCopy(`${folder}/right`);
      assertAgreesWithOracle(copy.recover, { numRuns: RUNS / 10 });
    });
    for (const [at, mutant] of MUTANTS.entries()) {
      await t.step(mutant.error, async () => {
        const copy = await importCopy(`${folder}/wrong-${at}`, mutant);
        assert.throws(
          () => assertAgreesWithOracle(copy.recover, { numRuns: RUNS, endOnFailure: true }),
          /Property failed/,
        );
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Imports src/recovery from a copy of its own, with an error planted in it. */
async function importCopy(folder: string, mutant?: Mutant): Promise<typeof import("../../src/recovery/mod.ts")> {
  await Deno.mkdir(folder);
  for await (const { name } of Deno.readDir(SOURCE)) {
    let text = await Deno.readTextFile(new URL(name, SOURCE));
    if (mutant?.file === name) {
      assert.equal(text.split(mutant.right).length, 2, `${name} holds this once: ${mutant.right}`);
      text = text.replace(mutant.right, () => mutant.wrong);
    }
    await Deno.writeTextFile(`${folder}/${name}`, text.replaceAll(`from "../`, `from "${new URL("../", SOURCE)}`));
  }
  return await import(pathToFileURL(`${folder}/mod.ts`).href);
}
