import assert from "node:assert/strict";
import { toolTest } from "../deploy/tools.ts";
import { follow, servedAt, until } from "../support/exporter.ts";
import { ROOT } from "../support/paths.ts";
import { FIRST_COMMANDS } from "./first_commands.ts";

toolTest(
  "in a fresh clone with empty caches the README's first commands lead to the page",
  ["npm", "bash"],
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "walg-first-" });
    try {
      const [clone = "", demo = "", test = ""] = FIRST_COMMANDS.split("\n").map((line) => line.replace(/ +#.*$/, ""));
      assert.match(test, /task test$/);
      const from = clone.replace(
        "https://github.com/walg-exporter/walg-exporter",
        `--quiet --depth=1 file://${ROOT} walg-exporter`,
      );
      const script = `set -e; cd ${folder}; ${from}; exec ${demo} month -web.listen-address=127.0.0.1:0`;
      const child = new Deno.Command("bash", {
        args: ["-c", script],
        env: { DENO_DIR: `${folder}/deno`, npm_config_cache: `${folder}/npm`, TMPDIR: folder },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      const log = follow(child.stderr);
      const url = await servedAt(log.matches);
      const page = async (): Promise<string> => await (await fetch(url)).text();
      await until("the page shows the month", async () => /31 listed/.test(await page()));
      // TERM ends npx alone; Deno and the exporter below it are asked by their own ids.
      for (const pid of await descendants(child.pid)) tryEnd(pid);
      await child.status;
      await log.closed;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** The ids of the processes below one, the deepest first. */
async function descendants(pid: number): Promise<number[]> {
  const children = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "")).split(" ").filter(
    Boolean,
  );
  const below = await Promise.all(children.map((child) => descendants(Number(child))));
  return [...below.flat(), ...children.map(Number)];
}

function tryEnd(pid: number): void {
  try {
    Deno.kill(pid, "SIGTERM");
  } catch {
    // It ended with the one below it.
  }
}
