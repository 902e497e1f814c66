import { EXECUTABLE, startedBy } from "./executable.ts";
import assert from "node:assert/strict";
import { hashSync } from "bcryptjs";
import { bundle, workersOf } from "../../tools/compile/bundle.ts";
import { toolTest } from "../deploy/tools.ts";
import { configTest, writeWhole } from "../support/config_folder.ts";
import { type RunningExporter, startExporter } from "../support/exporter.ts";
import { ROOT } from "../support/paths.ts";
import { basicAuth } from "../support/secured_exporter.ts";

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

configTest("a login works in the executable, and its worker comes out of it", ["strace"], async (folder) => {
  const trace = await Deno.makeTempFile();
  try {
    const users = [10, 12].map((cost) => `  cost${cost}: ${hashSync("a long password", cost)}\n`);
    await writeWhole(`${folder}/web.yml`, `basic_auth_users:\n${users.join("")}`);
    await startedBy(`strace -f -e trace=%file -D -o '${trace}' '${EXECUTABLE}'`, async () => {
      await using exporter = await startExporter({ flags: [`-web.config.file=${folder}/web.yml`] });
      for (const user of ["cost10", "cost12"]) {
        assert.equal(await statusFor(exporter, `${user}:a long password`), 200);
        assert.equal(await statusFor(exporter, `${user}:a wrong password`), 401);
      }
      assert.equal(await statusFor(exporter, "nobody:a long password"), 401);
      assert.doesNotMatch(exporter.log(), /level=error|passwords? |\$2b\$/);
    });
    const paths = [...(await Deno.readTextFile(trace)).matchAll(/"([^"]*)"/g)].map(([, path = ""]) => path);
    assert.ok(paths.some((path) => path === `${folder}/web.yml`));
    assert.deepEqual(paths.filter((path) => /\.[cm]?[jt]s$|deno-compile/.test(path)), []);
  } finally {
    await Deno.remove(trace);
  }
});

async function statusFor(exporter: RunningExporter, login: string): Promise<number> {
  const response = await exporter.get("/metrics", basicAuth(login));
  await response.body?.cancel();
  return response.status;
}

Deno.test("what would be imported, or started as a worker, by a name that is only known at run time is not bundled", async () => {
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
    await Deno.writeTextFile(`${folder}/sums_worker.ts`, `self.onmessage = () => self.postMessage(1 + 1);\n`);
    const worker = (script: string): string => `export default new Worker(${script}, { type: "module" });\n`;
    const sums = worker('new URL("./sums_worker.ts", import.meta.url)');
    await Deno.writeTextFile(`${folder}/starts.ts`, sums);
    const bundled = await bundle(`${folder}/starts.ts`, `${folder}/starts`, "test", [`${folder}/sums_worker.ts`]);
    assert.deepEqual(workersOf(bundled), [`${folder}/starts/sums_worker.js`]);
    assert.match(await Deno.readTextFile(bundled), /new Worker\(new URL\("\.\/sums_worker\.js", import\.meta\.url\)/);
    for (const script of [sums, worker("Deno.args[0] ?? ''"), worker('new URL("file:///tmp/x_worker.js")')]) {
      await Deno.writeTextFile(`${folder}/starts_other.ts`, script);
      await assert.rejects(
        bundle(`${folder}/starts_other.ts`, `${folder}/starts_other`, "test"),
        /^Error: Cannot bundle .*: it starts a worker at run time that is not bundled/,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
