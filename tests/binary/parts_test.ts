import { EXECUTABLE, startedBy } from "./executable.ts";
import assert from "node:assert/strict";
import { bundle } from "../../tools/compile/bundle.ts";
import { toolTest } from "../deploy/tools.ts";
import { startExporter } from "../support/exporter.ts";
import { ROOT } from "../support/paths.ts";

toolTest("what is loaded later comes out of the executable: no file is looked for", ["strace"], async () => {
  const folder = await Deno.makeTempDir();
  try {
    const trace = `${folder}/trace`;
    await startedBy(`strace -f -e trace=%file -D -o '${trace}' '${EXECUTABLE}'`, async () => {
      await using exporter = await startExporter();
      await exporter.ready();
      // The page and what runs wal-g are loaded by now.
      assert.match(await (await exporter.get("/")).text(), /^<!doctype html>/);
      await exporter.stop();
    });
    const paths = [...(await Deno.readTextFile(trace)).matchAll(/"([^"]*)"/g)].map(([, path = ""]) => path);
    assert.ok(paths.some((path) => path.endsWith("/wal-g")));
    assert.deepEqual(paths.filter((path) => /\.[cm]?js$|deno-compile/.test(path)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what would be imported by a name that is only known at run time is not bundled", async () => {
  const folder = await Deno.makeTempDir({ dir: ROOT, prefix: ".parts-" });
  try {
    await Deno.writeTextFile(`${folder}/later.ts`, `console.log("later");\n`);
    await Deno.writeTextFile(`${folder}/sound.ts`, `await import("./later.ts");\n`);
    await bundle(`${folder}/sound.ts`, `${folder}/sound`, "test");
    for (const specifier of ["Deno.args[0]", '"/etc/passwd.js"', '"file:///tmp/x.js"']) {
      await Deno.writeTextFile(`${folder}/open.ts`, `const what: string = ${specifier};\nawait import(what);\n`);
      await assert.rejects(
        bundle(`${folder}/open.ts`, `${folder}/open`, "test"),
        /^Error: Cannot bundle .* at run time/,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
