import assert from "node:assert/strict";
import { toolTest } from "../deploy/tools.ts";
import { collectState, expositionText } from "../support/in_process.ts";

/** What promtool has to say about names that the reference exporter chose: they stay, as dashboards know them. */
const KEPT_NAMES = [
  'walg_backup_finish_timestamp use base unit "seconds" instead of "timestamp"',
];

toolTest("promtool check metrics has nothing to say about our families", ["promtool"], async () => {
  for (const scenario of ["wal-g-3.0.9/two-timelines", "wal-g-3.0.9/failover-storage", "wal-g-3.0.9/no-backups"]) {
    const promtool = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = promtool.stdin.getWriter();
    await writer.write(new TextEncoder().encode(await expositionText(await collectState(scenario))));
    await writer.close();
    const { stdout, stderr } = await promtool.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const remarks = said.split("\n").filter((line) => line !== "" && !KEPT_NAMES.includes(line));
    assert.deepEqual(remarks, [], scenario);
  }
});
