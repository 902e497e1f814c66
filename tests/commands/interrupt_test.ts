import assert from "node:assert/strict";
import { exists } from "../support/paths.ts";
import { until } from "../support/exporter.ts";
import { endOf, spawnCli } from "./run_cli.ts";

/** The ids of the wal-g processes that began, by the stand-in's log of runs. */
async function begun(log: string): Promise<number[]> {
  const text = await Deno.readTextFile(log).catch(() => "");
  return [...text.matchAll(/^(?!END|GRANDCHILD)\S+ (\d+) /gm)].map(([, pid]) => Number(pid));
}

function alive(pid: number): boolean {
  return exists(`/proc/${pid}`) && !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
}

for (
  const { command, signal, status, says, processes } of [
    { command: "once", signal: "SIGINT", status: 130, says: /nothing was written to stdout/, processes: 3 },
    { command: "check", signal: "SIGINT", status: 3, says: /^WALG UNKNOWN - ended by SIGINT/, processes: 3 },
    { command: "check", signal: "SIGTERM", status: 3, says: /^WALG UNKNOWN - ended by SIGTERM/, processes: 3 },
    { command: "doctor", signal: "SIGINT", status: 130, says: /ended by SIGINT/, processes: 1 },
    { command: "doctor", signal: "SIGTERM", status: 143, says: /ended by SIGTERM/, processes: 1 },
  ] as const
) {
  Deno.test(`${command}: ${signal} ends wal-g too, exit status ${status}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "walg-interrupt-" });
    try {
      const log = `${folder}/runs`;
      const env = {
        WALG_STANDIN_HANG: "1",
        WALG_STANDIN_HANG_VERSION: "0",
        WALG_STANDIN_RUNS_LOG: log,
        WALG_STANDIN_RUNS_LOG_VERSION: "",
      };
      const child = spawnCli([command, ...command === "doctor" ? ["-web.listen-address=127.0.0.1:0"] : []], { env });
      const end = endOf(child);
      await until("wal-g runs", async () => (await begun(log)).length === processes);
      child.kill(signal);
      const { code, stdout, stderr } = await end;
      assert.equal(code, status, stdout + stderr);
      assert.match(command === "check" ? stdout : stderr, says);
      if (command === "once") assert.equal(stdout, "");
      await until("all of them are gone", async () => !(await begun(log)).some(alive));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
