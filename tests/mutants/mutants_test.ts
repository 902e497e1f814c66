import assert from "node:assert/strict";
import { ROOT } from "../support/paths.ts";
import { MUTANTS } from "./mutants.ts";

Deno.test("each break can be planted: what it replaces stands exactly once in its file", async () => {
  for (const { error, file, right } of MUTANTS) {
    const source = await Deno.readTextFile(`${ROOT}/${file}`);
    assert.equal(source.split(right).length - 1, 1, `${error}: ${file}: ${right}`);
  }
});
