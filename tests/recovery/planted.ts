import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import type { Mutant } from "./mutants.ts";

const SOURCE = new URL("../../src/recovery/", import.meta.url);

/** What properties hold of src/recovery. */
export type Imported =
  & Pick<typeof import("../../src/recovery/recover.ts"), "recover" | "assess">
  & Pick<typeof import("../../src/recovery/plan.ts"), "planOf">;

/** Imports src/recovery from a copy of its own, with an error planted in it. */
export async function importCopy(folder: string, mutant?: Omit<Mutant, "by">): Promise<Imported> {
  await Deno.mkdir(folder);
  for await (const { name } of Deno.readDir(SOURCE)) {
    let text = await Deno.readTextFile(new URL(name, SOURCE));
    if (mutant?.file === name) {
      assert.equal(text.split(mutant.right).length, 2, `${name} holds this once: ${mutant.right}`);
      text = text.replace(mutant.right, () => mutant.wrong);
    }
    await Deno.writeTextFile(`${folder}/${name}`, text.replaceAll(`from "../`, `from "${new URL("../", SOURCE)}`));
  }
  return {
    ...await import(pathToFileURL(`${folder}/recover.ts`).href),
    ...await import(pathToFileURL(`${folder}/plan.ts`).href),
  };
}
