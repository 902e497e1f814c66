import { startedBy } from "./executable.ts";
import assert from "node:assert/strict";
import { VERSION } from "../../src/base/host.ts";
import { ownArchitecture } from "../../tools/compile/target.ts";
import { runCli } from "../commands/run_cli.ts";
import { toolTest } from "../deploy/tools.ts";
import { startExporter } from "../support/exporter.ts";
import { exists, ROOT } from "../support/paths.ts";

const executable = `${ROOT}/dist/walg-exporter-linux-arm64`;
const emulated = ownArchitecture() === "arm64" ? "" : "qemu-aarch64 -L /usr/aarch64-linux-gnu ";

toolTest("the arm64 executable starts, serves and stops", emulated === "" ? [] : ["qemu-aarch64"], async () => {
  assert.ok(exists(executable), `There is no ${executable}; run 'deno task compile all' first`);
  await startedBy(`${emulated}'${executable}'`, async () => {
    const { code, stdout } = await runCli(["-version"]);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`walg-exporter ${VERSION} (revision `), stdout);
    assert.match(stdout, /, aarch64-unknown-linux-gnu\)\n$/);

    await using exporter = await startExporter();
    await exporter.ready();
    const metrics = await exporter.metrics();
    assert.match(metrics, /^walg_storage_up 1$/m);
    assert.match(metrics, /^walg_backups\{backup_type="full"\} 4$/m);
    assert.ok(!exporter.log().includes("level=error"), exporter.log());
    exporter.signal("SIGTERM");
    assert.equal((await exporter.status).code, 0);
  });
});
