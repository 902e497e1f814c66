import assert from "node:assert/strict";
import { TAKEN_LABELS } from "../../src/commands/once.ts";
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

Deno.test("once -label: each series carries them, so that the files of several clusters do not collide", async () => {
  const env = { WALG_STANDIN_SCENARIO: "healthy" };
  const labels = ["-label=cluster=main", "--label", String.raw`note=say "hi" \ and` + "\nmore", "-label", "team=dé=bé"];
  const { code, stdout, stderr } = await runCli(["once", ...labels], { env });
  assert.equal(code, 0, stderr);
  const [plain, labelled] = [(await runCli(["once"], { env })).stdout, stdout].map((text) => parseExposition(text));
  assert.deepEqual([...labelled?.keys() ?? []], [...plain?.keys() ?? []]);
  let count = 0;
  for (const [name, { series }] of labelled ?? []) {
    assert.equal(series.length, plain?.get(name)?.series.length, name);
    for (const { labels: { cluster, note, team } } of series) {
      assert.deepEqual([cluster, note, team], ["main", 'say "hi" \\ and\nmore', "dé=bé"], name);
      count++;
    }
  }
  assert.ok(count > 50, `${count} series`);
});

Deno.test("once -label: what cannot be a label is one line, and nothing is run", async () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["cluster", /-label: 'cluster' has no =; write NAME=VALUE, such as cluster=main$/],
    ["=x", /-label: '=x': '' is not a label name; it has letters, digits and _, and does not begin with a digit$/],
    ["1st=x", /'1st' is not a label name/],
    ["clu-ster=x", /'clu-ster' is not a label name/],
    ["größe=x", /'größe' is not a label name/],
    ["__name__=x", /-label: '__name__=x': names that begin with __ are reserved by Prometheus; choose another$/],
    ["cluster=", /-label: 'cluster=' has an empty value, which Prometheus takes for no label; give it one$/],
    ["operation=x", /-label: 'operation=x': series have a label 'operation' already; choose another name$/],
  ];
  for (const [label, says] of refused) {
    const { code, stdout, stderr } = await runCli(["once", `-label=${label}`], { path: "/nowhere" });
    assert.deepEqual([code, stdout], [2, ""], label);
    assert.match(stderr.trimEnd(), says, label);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  }
  const twice = await runCli(["once", "-label=a=1", "-label=a=2"], { path: "/nowhere" });
  assert.match(twice.stderr, /-label: 'a' is given twice/);
  assert.equal(twice.code, 2);
});

Deno.test("once -label: every label of every series is known as taken", async () => {
  const golden = new URL("../../fixtures/golden/", import.meta.url);
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(golden)) {
    if (!name.endsWith(".prom")) continue;
    for (const { series } of parseExposition(await Deno.readTextFile(new URL(name, golden))).values()) {
      for (const { labels } of series) for (const label of Object.keys(labels)) names.add(label);
    }
  }
  assert.ok(names.size > 15);
  assert.deepEqual([...names].filter((name) => !TAKEN_LABELS.includes(name)), []);
});
