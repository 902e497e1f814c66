import assert from "node:assert/strict";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { demoHelp, SCENARIOS, standInFor } from "../../tools/demo/scenarios.ts";
import { follow, servedAt, until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { ROOT, STANDIN_BIN } from "../support/paths.ts";

Deno.test("the demo shows a month that ends now, with one thing wrong, and INT ends all of it", async () => {
  await withDemo([], async (get) => {
    const families = parseExposition(await get("/metrics"));
    const value = (name: string): number => families.get(name)?.series[0]?.value ?? NaN;
    const now = Date.now() / 1000;
    const finished = families.get("walg_backup_finish_timestamp")?.series.map((one) => one.value) ?? [];
    assert.equal(finished.length, 31);
    assert.ok(now - Math.max(...finished) < 7 * 3600, "the newest backup is a few hours old, whenever the demo starts");
    assert.ok(now - Math.min(...finished) > 29 * 86_400);
    assert.ok(now - value("walg_recovery_until_timestamp_seconds") < 600);
    assert.equal(value("walg_wal_current_timeline"), 2);
    assert.equal(value("walg_wal_lost_segments"), 1);
    // WAL-G's own series shows a month, where six days can be recovered.
    assert.ok(value("walg_pitr_window_seconds") > 29 * 86_400);
    assert.ok(value("walg_recovery_window_seconds") < 7 * 86_400);
    const { problems } = JSON.parse(await get("/api/v1/status"));
    assert.deepEqual(problems.map(({ code }: { code: string }) => code), ["wal_lost"]);
  });
});

Deno.test("a storage that refuses connections is called by that name", async () => {
  await withDemo(["storage-refused"], async (get) => {
    const text = await get("/api/v1/status");
    assert.match(text, /connection refused/);
    assert.doesNotMatch(text, /context canceled/);
  });
});

Deno.test("no scenario of the demo shows a message of the stand-in itself", async () => {
  const commands = [
    ["--version"],
    ...OPERATIONS.flatMap(({ command }) => command.startsWith("wal-g ") ? [command.split(" ").slice(1)] : []),
  ];
  for (const scenario of SCENARIOS) {
    const scratch = await Deno.makeTempDir();
    try {
      const { WALG_STANDIN_HANG: _, ...env } = await standInFor(scenario, { root: ROOT, scratch, now: Date.now() });
      for (const args of commands) {
        const { stdout, stderr } = await new Deno.Command(`${STANDIN_BIN}/wal-g`, { args, env }).output();
        const said = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout.subarray(0, 1000));
        assert.doesNotMatch(
          said,
          /no capture|unknown command|unknown shorthand/,
          `${scenario.name}: ${args.join(" ")}`,
        );
      }
    } finally {
      await Deno.remove(scratch, { recursive: true });
    }
  }
});

Deno.test("-help lists every scenario, in any spelling", async () => {
  for (const args of [["-help"], ["--", "-help"], ["help"]]) {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${ROOT}/tools/demo.ts`, ...args],
    }).output();
    assert.equal(code, 0);
    assert.equal(new TextDecoder().decode(stdout), `${demoHelp()}\n`);
  }
  for (const { name, about } of SCENARIOS) assert.match(demoHelp(), new RegExp(`^  ${name} +${about}`, "m"));
  assert.equal(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length);
});

/** Runs the demo until each command has run once, then ends it by INT: nothing of it must be left. */
async function withDemo(
  args: readonly string[],
  use: (get: (path: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const scratch = await Deno.makeTempDir();
  const demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}/tools/demo.ts`, ...args, "-web.listen-address=127.0.0.1:0"],
    env: { TMPDIR: scratch },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = follow(demo.stderr);
  const url = await servedAt(log.matches);
  const get = async (path: string): Promise<string> => await (await fetch(url + path)).text();
  try {
    await until("each command has run", async () => {
      const response = await fetch(`${url}/-/ready`);
      await response.body?.cancel();
      return response.ok;
    });
    await until(
      "the files are listed",
      async () => /^walg_scrape_success\{operation="backup-files"\}/m.test(await get("/metrics")),
    );
    await use(get);
  } finally {
    demo.kill("SIGINT");
    assert.equal((await demo.status).code, 0);
    await log.closed;
    assert.deepEqual([...Deno.readDirSync(scratch)], []);
    await Deno.remove(scratch, { recursive: true });
  }
}
