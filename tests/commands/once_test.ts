import assert from "node:assert/strict";
import { parseExposition } from "../support/exposition_parser.ts";
import { startExporter, until } from "../support/exporter.ts";
import { runCli } from "./run_cli.ts";

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
  const start = performance.now();
  const env = { WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_DELAY: "2" };
  const { code } = await runCli(["once"], { env });
  assert.equal(code, 0);
  assert.ok(performance.now() - start < 5500, "one after the other, they would take 6 s");
});
