import assert from "node:assert/strict";
import { until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { ROOT } from "../support/paths.ts";

Deno.test("the demo serves a scenario whose newest backup is minutes old, and INT ends all of it", async () => {
  const demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}/tools/demo.ts`, "healthy", "-web.listen-address=127.0.0.1:0"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = demo.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/addresses=127\.0\.0\.1:\d+/.test(said)) {
    const { value, done } = await log.read();
    if (done) return assert.fail(`ended: ${said}`);
    said += value;
  }
  await check(/addresses=(127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? "");
  demo.kill("SIGINT");
  assert.equal((await demo.status).code, 0);
  while (!(await log.read()).done);
});

async function check(address: string): Promise<void> {
  await until("backups are listed", async () => {
    const response = await fetch(`http://${address}/metrics`);
    const finished = parseExposition(await response.text()).get("walg_backup_finish_timestamp");
    if (finished === undefined) return false;
    const age = Date.now() / 1000 - Math.max(...finished.series.map(({ value }) => value));
    assert.ok(age > 60 && age < 900, `${age} s`);
    assert.equal(finished.series.length, 7);
    return true;
  });
}
