import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fillStage, shippedDocs, withoutDeadLinks } from "../../tools/packages/stage.ts";
import { exists } from "../support/paths.ts";

Deno.test("the pages of a package have no dead link, and none loses its words", async () => {
  const scratch = await Deno.makeTempDir({ prefix: "walg-stage-" });
  try {
    const folder = `${scratch}/stage`;
    await Deno.writeTextFile(`${scratch}/executable`, "");
    await fillStage({ executable: `${scratch}/executable`, folder, version: "1.2.3", epoch: 1_795_402_800 });
    let links = 0;
    for (const path of shippedDocs().filter((name) => name.endsWith(".md"))) {
      const text = await Deno.readTextFile(`${folder}/doc/${path}`);
      for (const [, target = ""] of text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "").matchAll(/\]\(([^)\s]+)\)/g)) {
        const [file = ""] = target.split("#");
        if (/^[a-z]+:/.test(target) || file === "") continue;
        links++;
        assert.ok(exists(`${folder}/doc/${join(dirname(path), file)}`), `${path}: ${target}`);
      }
    }
    assert.ok(links > 50);
    assert.ok(exists(`${folder}/doc/images/restore.png`));
    assert.ok(exists(`${folder}/LICENSE`) && exists(`${folder}/INSTALL`));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
});

Deno.test("a link to what is not shipped becomes its words; others stay", () => {
  assert.equal(
    withoutDeadLinks("api.md", "[a `b`](../src/x.ts#y), [web](web.md#z) [c](https://d.e)"),
    "a `b`, [web](web.md#z) [c](https://d.e)",
  );
});
