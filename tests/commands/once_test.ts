import assert from "node:assert/strict";
import { parseExposition } from "../support/exposition_parser.ts";
import { startExporter, until } from "../support/exporter.ts";
import { readRuns } from "../faults/controlled.ts";
import { endOf, runCli, spawnCli } from "./run_cli.ts";

Deno.test("once: a whole exposition without process_* series, exit status 0", async () => {
  const { code, stdout, stderr } = await runCli(["once"], { env: { WALG_STANDIN_SCENARIO: "healthy" } });
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const families = parseExposition(stdout);
  assert.ok(![...families.keys()].some((name) => name.startsWith("process_")));
  assert.equal(families.get("walg_version_info")?.series[0]?.labels["version"], "3.0.9");
});

Deno.test("once shows the families that a scrape shows, but for those of the process", async () => {
  const env = { WALG_STANDIN_SCENARIO: "two-timelines" };
  const { stdout } = await runCli(["once"], { env });
  await using exporter = await startExporter({ scenario: "two-timelines" });
  // Ready is what has run; what it found is shown once it is rendered.
  await until("it is shown", async () => (await exporter.metrics()).includes("walg_recovery_window_seconds"));
  await exporter.ready();
  const names = (text: string): string[] => [...parseExposition(text).keys()].toSorted();
  const scraped = names(await exporter.metrics()).filter((name) => /^walg_/.test(name) && name !== "walg_version_info");
  const once = names(stdout).filter((name) => name !== "walg_version_info");
  assert.deepEqual(once, scraped);
});

Deno.test("once: a failed operation is exit status 1, its series tell, the others are there", async () => {
  const { code, stdout, stderr } = await runCli(["once"], { env: { WALG_STANDIN_SCENARIO: "postgres-down" } });
  assert.equal(code, 1);
  assert.match(stderr, /^walg-exporter: wal-verify failed \(postgres_down\): [^\n]+\n$/);
  const families = parseExposition(stdout);
  const success = new Map(
    families.get("walg_scrape_success")?.series.map(({ labels, value }) => [labels["operation"], value]),
  );
  assert.deepEqual(Object.fromEntries(success), { "backup-list": 1, "storage-check": 1, "wal-verify": 0 });
  assert.equal(families.get("walg_backups")?.series.length, 2);
});

Deno.test("once: a wal-g without a storage check is no failure", async () => {
  const { code, stdout } = await runCli(["once"], { env: { WALG_STANDIN_SCENARIO: "wal-g-1.1/two-timelines" } });
  assert.equal(code, 0);
  assert.ok(!stdout.includes("walg_storage_up"));
});

Deno.test("once writes one line for an argument too many", async () => {
  const { code, stderr } = await runCli(["once", "more"]);
  assert.equal(code, 2);
  assert.match(stderr, /^walg-exporter: once takes no argument 'more'; see walg-exporter once -help for its flags\n$/);
});

Deno.test("once: the three operations run at the same time", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [go, log] = [`${folder}/go`, `${folder}/runs`];
    const env = { WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_WAIT_FOR: go, WALG_STANDIN_RUNS_LOG: log };
    const end = endOf(spawnCli(["once"], { env }));
    await until("all three have begun", () => {
      const begun = new Set(readRuns(log).map(({ operation }) => operation));
      return ["backup-list", "wal-verify", "st-check"].every((operation) => begun.has(operation));
    });
    assert.ok(readRuns(log).every((run) => run.end === undefined), "none ends before it may");
    await Deno.writeTextFile(go, "");
    assert.equal((await end).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
