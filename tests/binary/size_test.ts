import "./executable.ts";
import assert from "node:assert/strict";
import { DENO_VERSION } from "../../tools/compile/deno_release.ts";
import { ROOT } from "../support/paths.ts";

/** Bytes of the bare runtimes of Deno 2.7.11. */
const RUNTIMES = { amd64: 97_076_048, arm64: 90_596_104 };

for (const [architecture, runtime] of Object.entries(RUNTIMES)) {
  Deno.test(`the ${architecture} executable is at most 2 % larger than its bare runtime`, () => {
    assert.equal(DENO_VERSION, "2.7.11", "measure the runtimes of this version anew");
    const { size } = Deno.statSync(`${ROOT}/dist/walg-exporter-linux-${architecture}`);
    assert.ok(size > runtime && size <= runtime * 1.02, `${size} bytes, the runtime ${runtime}`);
  });
}

Deno.test("SHA256SUMS holds the sums of what is in dist/", async () => {
  const sums = await Deno.readTextFile(`${ROOT}/dist/SHA256SUMS`);
  for (const architecture of Object.keys(RUNTIMES)) {
    const name = `walg-exporter-linux-${architecture}`;
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${ROOT}/dist/${name}`));
    assert.ok(sums.split("\n").includes(`${new Uint8Array(digest).toHex()}  ${name}`), sums);
  }
});
