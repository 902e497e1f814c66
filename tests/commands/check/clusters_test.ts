import assert from "node:assert/strict";
import { clustersText } from "../../../src/commands/check/clusters.ts";

Deno.test("text: names of files reach the output on one line, without a bar, and with what is invisible escaped", () => {
  const why = "is neither YAML nor JSON; correct it";
  const file = "/c/a|b\n\x1b[31m\u202e.yaml";
  const lines = clustersText({ reported: [], refused: [{ name: undefined, file, why }] }).split("\n");
  const shown = "/c/a/b [31m\\u202e.yaml";
  assert.deepEqual(lines.slice(1), ["", `${shown}  UNKNOWN   ${shown} ${why}`, ""]);
  assert.equal(lines[0]?.split("|").length, 2);
});
