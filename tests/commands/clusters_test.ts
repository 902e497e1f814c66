import assert from "node:assert/strict";
import { followRuns } from "../chaos/runs_log.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { startExporter, until } from "../support/exporter.ts";
import { backupsOf, type ClusterFolder, clusterFolder, clustersIn } from "../support/clusters.ts";
import { drillText } from "../support/drill.ts";
import { STANDIN_BIN } from "../support/paths.ts";
import { runCli } from "./run_cli.ts";

const SAME = { "main": "wal-g-3.0.9/healthy", "copy": "wal-g-3.0.9/segment-lost" };

async function folderOf(scenarios: Readonly<Record<string, string>>): Promise<ClusterFolder> {
  const folder = await clusterFolder();
  for (const [name, scenario] of Object.entries(scenarios)) await folder.write(name, { SCENARIO: scenario });
  return folder;
}

const commandsOf = ({ steps }: { readonly steps: readonly { readonly command: string }[] }): string =>
  steps.map(({ command }) => command).join("\n");

const restorable = (text: string, cluster: string): Record<string, number> =>
  Object.fromEntries(
    (parseExposition(text).get("walg_backup_restorable")?.series ?? [])
      .filter(({ labels }) => labels["cluster"] === cluster)
      .map(({ labels, value }) => [labels["backup_name"] ?? "", value]),
  );

Deno.test("clusters: two whose backups have the same names show each their own, with the label on every series", async () => {
  await using folder = await folderOf(SAME);
  await using exporter = await startExporter({ command: folder.command, flags: [`-clusters.dir=${folder.path}`] });
  await exporter.ready();
  const text = await exporter.metrics();
  const [main, copy] = [backupsOf(text, "main"), backupsOf(text, "copy")];
  assert.ok(main.some((name) => copy.includes(name)), "some names are the same");
  assert.deepEqual(Object.values(restorable(text, "main")).filter((value) => value === 0), []);
  assert.equal(Object.values(restorable(text, "copy")).filter((value) => value === 0).length, 1);
  const ofExporter = /^(process_|walg_exporter_)/;
  for (const [name, { series }] of parseExposition(text)) {
    for (const { labels } of series) assert.equal(labels["cluster"] === undefined, ofExporter.test(name), name);
  }
  const openMetrics = { accept: "application/openmetrics-text;version=1.0.0" };
  const open = await (await exporter.get("/metrics", openMetrics)).text();
  assert.deepEqual(
    [...parseExposition(open, "openmetrics").values()].map(({ series }) => series.length).length,
    parseExposition(text).size,
  );
});

Deno.test("clusters: no environment of one reaches another, nor the exporter's own any of them", async () => {
  await using folder = await folderOf(SAME);
  await Deno.mkdir(`${folder.scratch}/bin`);
  const wrapper = `#!/bin/sh\nenv >>${folder.scratch}/env\nexec ${STANDIN_BIN}/wal-g "$@"\n`;
  await Deno.writeTextFile(`${folder.scratch}/bin/wal-g`, wrapper, { mode: 0o755 });
  const own = {
    WALG_STANDIN_SCENARIO: "wal-g-3.0.9/no-backups",
    WALG_S3_PREFIX: "s3://of-the-exporter",
    AWS_SECRET_ACCESS_KEY: "hunter2",
    PGHOST: "/of-the-exporter",
    SOMETHING: "else",
    TZ: "UTC",
  };
  const env = { ...own, PATH: `${folder.scratch}/bin:${Deno.env.get("PATH")}` };
  await using exporter = await startExporter({ command: folder.command, flags: [`-clusters.dir=${folder.path}`], env });
  await exporter.ready();
  const text = await exporter.metrics();
  assert.ok(backupsOf(text, "main").length > 0 && backupsOf(text, "copy").length > 0);
  const names = new Set(
    (await Deno.readTextFile(`${folder.scratch}/env`)).split("\n").map((line) => line.split("=")[0] ?? ""),
  );
  // What a shell sets itself, and what the exporter always sets.
  const kept = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"];
  const set = ["WALG_LOG_LEVEL", "S3_LOG_LEVEL"];
  const proxies = /^(?:SSL_CERT_(?:FILE|DIR)|(?:HTTPS?|NO)_PROXY)?$/i;
  for (const name of names) assert.ok([...kept, ...set].includes(name) || proxies.test(name), name);
  for (const name of ["PATH", "TZ", ...set]) assert.ok(names.has(name), name);
});

Deno.test("clusters: on SIGHUP new ones come, gone ones go, changed ones start anew, the others notice nothing", async () => {
  await using folder = await folderOf({
    stays: "wal-g-3.0.9/healthy",
    goes: "wal-g-3.0.9/healthy",
    changes: "wal-g-3.0.9/healthy",
  });
  await folder.write("stays", { SCENARIO: "wal-g-3.0.9/healthy", RUNS_LOG: `${folder.scratch}/runs` });
  await using exporter = await startExporter({ command: folder.command, flags: [`-clusters.dir=${folder.path}`] });
  await exporter.ready();
  const runs = (): string => Deno.readTextFileSync(`${folder.scratch}/runs`);
  const before = runs();
  assert.deepEqual(clustersIn(await exporter.metrics()), ["changes", "goes", "stays"]);
  await folder.remove("goes.json");
  await folder.write("comes", { SCENARIO: "wal-g-3.0.9/segment-lost" }, "yaml");
  await folder.write("changes", { SCENARIO: "wal-g-3.0.9/no-backups" });
  await folder.writeText("broken.yaml", "[");
  exporter.signal("SIGHUP");
  await exporter.logged(/msg="config file cannot be used" cluster=broken/);
  const line = await exporter.logged(/msg="clusters looked at again".*/);
  assert.match(line, /watched=3 refused=1 added=comes changed=changes gone=goes$/);
  await exporter.ready();
  await until("all is shown", async () => backupsOf(await exporter.metrics(), "comes").length > 0);
  const text = await exporter.metrics();
  assert.deepEqual(clustersIn(text), ["changes", "comes", "stays"]);
  assert.deepEqual(backupsOf(text, "changes"), []);
  assert.match(text, /^walg_backups\{cluster="changes",backup_type="full"\} 0$/m);
  assert.match(text, /^walg_exporter_clusters 3$/m);
  assert.match(text, /^walg_exporter_clusters_refused 1$/m);
  assert.equal(runs(), before);

  // A file that is broken while its cluster is watched takes nothing away.
  await folder.writeText("stays.json", "{");
  exporter.signal("SIGHUP");
  await exporter.logged(/nothing runs for its cluster, what was known of it stays" cluster=stays/);
  await until("it is counted", async () => /^walg_exporter_clusters_refused 2$/m.test(await exporter.metrics()));
  assert.deepEqual(clustersIn(await exporter.metrics()), ["changes", "comes", "stays"]);
  // Whole again, it runs again.
  await folder.write("stays", { SCENARIO: "wal-g-3.0.9/healthy", RUNS_LOG: `${folder.scratch}/again` });
  exporter.signal("SIGHUP");
  await exporter.logged(/refused=1 changed=stays$/m);
  await until(
    "it runs again",
    async () => (await Deno.stat(`${folder.scratch}/again`).catch(() => undefined)) !== undefined,
  );
  // A second file of a name changes nothing for the one in use, and is not said to.
  await folder.write("comes", { SCENARIO: "wal-g-3.0.9/no-backups" });
  exporter.signal("SIGHUP");
  await exporter.logged(
    /msg="config file cannot be used" cluster=comes file=\S*comes\.json error="the name 'comes' is taken /,
  );
  await Deno.rename(folder.path, `${folder.scratch}/elsewhere`);
  exporter.signal("SIGHUP");
  await exporter.logged(/msg="clusters not looked at again; those that are watched stay"/);
  assert.deepEqual(clustersIn(await exporter.metrics()), ["changes", "comes", "stays"]);
});

Deno.test("clusters: hung ones use one place each and keep no other from running", async () => {
  await using folder = await clusterFolder();
  await Deno.mkdir(`${folder.scratch}/hang`);
  await Deno.writeTextFile(`${folder.scratch}/hang/all.env`, "HANG=1\n");
  const hung = ["hung1", "hung2", "hung3"];
  for (const name of hung) {
    await folder.write(name, { CONTROL: `${folder.scratch}/hang`, RUNS_LOG: `${folder.scratch}/${name}` });
  }
  for (let n = 0; n < 9; n++) await folder.write(`well${n}`, { SCENARIO: "wal-g-3.0.9/healthy" });
  const flags = [`-clusters.dir=${folder.path}`, "-storage-check.timeout=2s", "-backup-list.timeout=2s"];
  await using exporter = await startExporter({ command: folder.command, flags });
  const logs = hung.map((name) => followRuns(`${folder.scratch}/${name}`));
  let most = 0;
  const succeeded = (text: string): number =>
    text.match(/^walg_scrape_success\{cluster="well\d",.*\} 1$/gm)?.length ?? 0;
  await until("the others have run", async () => {
    for (const log of logs) {
      log.poll();
      most = Math.max(most, log.alive().length);
    }
    return succeeded(await exporter.metrics()) === 27;
  });
  assert.equal(most, 1);
  assert.match(
    await exporter.logged(/msg="run failed".*/),
    /cluster=hung\d operation=storage-check error_type=timeout/,
  );
});

Deno.test("clusters: the overview has the worst first, each has a page and its data of its own", async () => {
  await using folder = await folderOf({ ...SAME, none: "wal-g-3.0.9/no-backups" });
  await folder.writeText('a"b.yaml', "a: b");
  await using exporter = await startExporter({ command: folder.command, flags: [`-clusters.dir=${folder.path}`] });
  await exporter.ready();
  const textOf = async (path: string): Promise<string> => await (await exporter.get(path)).text();
  const statusOf = async (path: string): Promise<number> => {
    const { status, body } = await exporter.get(path);
    await body?.cancel();
    return status;
  };
  await until("all is shown", async () => (await textOf("/")).includes("There is no backup in the storage"));
  const overview = await textOf("/");
  const rows = [...overview.matchAll(/<a href="clusters\/(\w+)\/">/g)].map(([, name]) => name);
  assert.equal(rows[0], "none");
  assert.deepEqual(rows.toSorted(), ["copy", "main", "none"]);
  assert.match(overview, /1 config file cannot be used/);
  assert.match(overview, /a&quot;b/);
  const page = await textOf("/clusters/copy");
  assert.match(page, /<strong>copy<\/strong>[^]*<a href="\.\.\/\.\.\/">All clusters<\/a>/);
  assert.match(page, /href="\.\.\/\.\.\/metrics">/);
  const { clusters, refused } = JSON.parse(await textOf("/api/v1/status"));
  assert.deepEqual(clusters.map(({ cluster }: { cluster: string }) => cluster), ["copy", "main", "none"]);
  assert.equal(refused.length, 1);
  const one = JSON.parse(await textOf("/api/v1/status?cluster=copy"));
  assert.equal(one.cluster, "copy");
  assert.deepEqual(one.backups, clusters[0].backups);
  assert.deepEqual(JSON.parse(await textOf("/clusters/copy/api/v1/status")).backups, one.backups);
  const restore = await textOf("/clusters/copy/restore");
  assert.match(restore, /<form method="get">/);
  assert.ok(restore.includes(`-cluster=copy=${folder.path}/copy.json -format=sh`), restore);
  const plan = JSON.parse(await textOf("/api/v1/plan?cluster=copy"));
  assert.deepEqual(plan.backup, JSON.parse(await textOf("/clusters/copy/api/v1/plan")).backup);
  assert.ok(commandsOf(plan).includes(`--config ${folder.path}/copy.json`), commandsOf(plan));
  assert.deepEqual(JSON.parse(await textOf("/api/v1/plan")), { error: "which cluster? add cluster=NAME" });
  assert.equal(await statusOf("/api/v1/plan"), 400);
  assert.equal(await statusOf("/api/v1/plan?cluster=nobody"), 404);
  assert.match(JSON.parse(await textOf("/api/v1/plan?cluster=copy&x=1")).error, /^there is no parameter 'x'/);
  for (const path of ["/", "/clusters/copy/", "/clusters/copy/restore"]) {
    const links = [...(await textOf(path)).matchAll(/ (?:href|action)="([^"#:]+)(?:#[^"]*)?"/g)].map(([, link = ""]) =>
      link
    );
    assert.ok(links.length > 2, path);
    for (const link of new Set(links)) {
      const { pathname, search } = new URL(link.replaceAll("&amp;", "&"), `http://host${path}`);
      assert.doesNotMatch(link, /^\//, path);
      assert.equal(await statusOf(pathname + search), 200, `${path} has ${link}`);
    }
  }
  assert.match(await textOf("/?cluster=copy"), /<strong>copy<\/strong>/);
  const paused = await exporter.get("/?refresh=off&cluster=copy");
  assert.match(await paused.text(), /<strong>copy<\/strong>/);
  assert.equal(paused.headers.get("refresh"), null);
  for (const path of ["/clusters/", "/clusters/nobody", "/clusters/..", "/clusters/main/metrics", "/clusters"]) {
    assert.equal(await statusOf(path), path === "/clusters/.." ? 200 : 404, path);
  }
  assert.equal(await statusOf("/api/v1/status?cluster=nobody"), 404);
  for (const path of ["status", "plan"]) {
    assert.equal(await statusOf(`/clusters/copy/api/v1/${path}?cluster=copy`), 200);
    assert.equal(await statusOf(`/clusters/copy/api/v1/${path}?cluster=main`), 400);
    assert.deepEqual(JSON.parse(await textOf(`/clusters/copy/api/v1/${path}?cluster=a%20%22b`)), {
      error: "this is the cluster 'copy'; leave cluster=a%20%22b out",
    });
  }
  const moved = await fetch(`${exporter.url}/clusters/copy?refresh=off&backups=all`, { redirect: "manual" });
  await moved.body?.cancel();
  assert.deepEqual([moved.status, moved.headers.get("location")], [307, "copy/?refresh=off&backups=all"]);
});

Deno.test("clusters: a command line that names them wrongly is one line and exit status 2", async () => {
  for (
    const [flags, says] of [
      [["-cluster=../a=/f.yaml"], /^walg-exporter: -cluster: '\.\.\/a' is no name for a cluster/],
      [['-cluster=a"b=/f.yaml'], /^walg-exporter: -cluster: 'a"b' is no name for a cluster/],
      [["-cluster=main"], /^walg-exporter: -cluster: 'main' names no file/],
      [["-clusters.dir=/etc/walg-exporter", "-cluster=main"], /^walg-exporter: -cluster: 'main' names no file/],
    ] as const
  ) {
    const { code, stderr } = await runCli(flags);
    assert.equal(code, 2);
    assert.match(stderr, says);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  }
  const { code, stderr } = await runCli(["-clusters.dir=/etc/walg-exporter/none"]);
  assert.equal(code, 1);
  assert.match(stderr, /^walg-exporter: -clusters\.dir: cannot read '\/etc\/walg-exporter\/none': [^\n]+\n$/);
});

Deno.test("clusters: check says the worst of all, or of the one that is asked for", async () => {
  await using folder = await folderOf({ ...SAME, none: "wal-g-3.0.9/no-backups" });
  const { command } = folder;
  const flags = ["check", `-clusters.dir=${folder.path}`];
  const all = await runCli(flags, { command });
  assert.equal(all.code, 2, all.stdout);
  assert.match(all.stdout, /^WALG CRITICAL - [^\n]* of 3 clusters; [^\n]*\| clusters=3;;1:;0 /);
  assert.deepEqual(all.stdout.split("\n").slice(2, -1).map((line) => line.split(" ")[0]).toSorted(), [
    "copy",
    "main",
    "none",
  ]);
  const one = await runCli([...flags, "-cluster=main"], { command });
  const alone = await runCli(["check"], { command, env: { WALG_STANDIN_SCENARIO: SAME.main } });
  const untimed = (text: string): string => text.replaceAll(/[\d.]+ ?(?:m?s|d|h|min)\b/g, "#");
  assert.equal(untimed(one.stdout), untimed(alone.stdout));
  assert.equal(one.code, alone.code);
  const json = JSON.parse((await runCli([...flags, "-format=json"], { command })).stdout);
  assert.deepEqual([json.status, json.exit_status, json.clusters.length], ["CRITICAL", 2, 3]);
  await folder.writeText("broken.yaml", "[");
  const broken = await runCli(flags, { command });
  assert.equal(broken.code, 2);
  assert.match(broken.stdout, /^WALG CRITICAL - [^\n]*1 config file cannot be used/);
  await folder.remove("none.json");
  await folder.remove("copy.json");
  const ageless = ["-warn-backup-age=none", "-max-backup-age=none", "-warn-full-backup-age=none", "-max-rpo=none"];
  const unknown = await runCli([...flags, ...ageless], { command });
  assert.equal(unknown.code, 3, unknown.stdout);
  assert.match(unknown.stdout, /^WALG UNKNOWN - [^\n]*1 config file cannot be used/);
  const refused = await runCli([...flags, "-cluster=broken"], { command });
  assert.equal(refused.code, 3);
  assert.match(refused.stdout, /^WALG UNKNOWN - [^\n|]*broken\.yaml is not valid YAML[^\n|]*\n$/);
  const document = JSON.parse((await runCli([...flags, "-cluster=broken", "-format=json"], { command })).stdout);
  assert.deepEqual(Object.keys(document), ["status", "exit_status", "summary", "checks", "figures"]);
  assert.match(document.summary, /broken\.yaml is not valid YAML/);
  const missing = await runCli([...flags, "-cluster=nobody"], { command });
  assert.equal(missing.code, 3);
  assert.match(missing.stdout, /^WALG UNKNOWN - -cluster: there is no cluster 'nobody'/);
});

Deno.test("clusters: once prints what a scrape shows, doctor checks each", async () => {
  await using folder = await folderOf(SAME);
  const { command } = folder;
  const { code, stdout } = await runCli(["once", `-clusters.dir=${folder.path}`], { command });
  assert.equal(code, 0);
  assert.deepEqual(clustersIn(stdout), ["copy", "main"]);
  assert.equal(parseExposition(stdout).get("walg_exporter_build_info")?.series.length, 1);
  const doctor = await runCli(["doctor", "-web.listen-address=127.0.0.1:0", `-clusters.dir=${folder.path}`], {
    command,
  });
  assert.equal(doctor.code, 0, doctor.stdout);
  for (const name of ["main", "copy"]) {
    assert.match(doctor.stdout, new RegExp(`^ok +${name}: storage`, "m"));
    assert.match(doctor.stdout, new RegExp(`^ok +${name}: config .*wal-g accepts ${folder.path}/${name}\\.json$`, "m"));
  }
  await folder.writeText("broken.yaml", "[");
  const failing = await runCli(["once", `-clusters.dir=${folder.path}`], { command });
  assert.equal(failing.code, 1);
  assert.match(failing.stderr, /^walg-exporter: [^\n]*broken\.yaml is not valid YAML/m);
  assert.deepEqual(clustersIn(failing.stdout), ["copy", "main"]);
});

Deno.test("clusters: a folder without any is no success of once, doctor, plan or check", async () => {
  await using folder = await folderOf({});
  const { command, path } = folder;
  const flags = [`-clusters.dir=${path}`];
  const says =
    `-clusters.dir: there is no cluster in '${path}'; put its WAL-G config file there as NAME.yaml or NAME.json`;
  const once = await runCli(["once", ...flags], { command });
  assert.deepEqual([once.code, once.stdout, once.stderr], [3, "", `walg-exporter: ${says}\n`]);
  const plan = await runCli(["plan", ...flags], { command });
  assert.deepEqual([plan.code, plan.stderr], [1, `walg-exporter: ${says}\n`]);
  const doctor = await runCli(["doctor", "-web.listen-address=127.0.0.1:0", ...flags], { command });
  assert.equal(doctor.code, 1, doctor.stdout);
  assert.ok(doctor.stdout.includes(`  ${says}\n`), doctor.stdout);
  assert.match(doctor.stdout, /^Failed: clusters\./m);
  const check = await runCli(["check", ...flags], { command });
  assert.equal(check.code, 3);
  assert.match(check.stdout, /^WALG UNKNOWN - there is no cluster/);
});

Deno.test("clusters: plan is for the one that is asked for, or for the only one", async () => {
  await using folder = await folderOf(SAME);
  const { command } = folder;
  const flags = ["plan", "-format=json", `-clusters.dir=${folder.path}`];
  const several = await runCli(flags, { command });
  assert.equal(several.code, 2);
  assert.equal(
    several.stderr,
    "walg-exporter: it is about one cluster; add -cluster=NAME for one of copy, main\n",
  );
  const main = await runCli([...flags, "-cluster=main"], { command });
  assert.equal(main.code, 0, main.stderr);
  const plan = JSON.parse(main.stdout);
  const { warnings, backup } = plan;
  assert.ok(commandsOf(plan).includes(`--config ${folder.path}/main.json`));
  assert.ok(warnings.some((text: string) => text.startsWith(`All settings of main are in ${folder.path}/main.json`)));
  await folder.writeText("broken.yaml", "[");
  const broken = await runCli([...flags, "-cluster=broken"], { command });
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /^walg-exporter: [^\n]*broken\.yaml is not valid YAML[^\n]*\n$/);
  await folder.remove("broken.yaml");
  await folder.remove("copy.json");
  const only = await runCli(flags, { command });
  assert.equal(only.code, 0, only.stderr);
  assert.equal(JSON.parse(only.stdout).backup, backup);
  const relative = async (flag: string): Promise<readonly string[]> => {
    const { stdout } = await runCli(["plan", "-format=json", flag], { command, cwd: folder.path });
    return JSON.parse(stdout).warnings.filter((text: string) => text.includes("relative path"));
  };
  const where = "PostgreSQL looks for it in its data folder; give the whole path";
  const named = `The config file of main (-cluster, -clusters.dir) is a relative path: ${where}`;
  assert.deepEqual(await relative("-cluster=main=main.json"), [named]);
  assert.deepEqual(await relative("-clusters.dir=."), [named]);
  assert.deepEqual(await relative("-walg.config-path=main.json"), [`-walg.config-path is a relative path: ${where}`]);
});

Deno.test("clusters: each has the result of its own restore drill", async () => {
  await using folder = await folderOf({ ...SAME, default: "wal-g-3.0.9/healthy" });
  const drills = `${folder.scratch}/drill`;
  await Deno.mkdir(drills);
  await Deno.writeTextFile(`${drills}/main.json`, drillText({ cluster: "main" }));
  await Deno.writeTextFile(`${drills}/copy.json`, "{");
  const flags = [`-clusters.dir=${folder.path}`, `-drill-result.folder=${drills}`, "-drill-result.scrape-interval=1m"];
  await using exporter = await startExporter({ command: folder.command, flags });
  await exporter.ready();
  await until("they are read", async () => {
    const text = await exporter.metrics();
    return /^walg_problem\{cluster="copy",code="drill_result_broken"\} 1$/m.test(text) &&
      /^walg_restore_drill_success\{cluster="main"\} 1$/m.test(text);
  });
  const text = await exporter.metrics();
  assert.equal(text.match(/^walg_restore_drill_success\{/gm)?.length, 1);
  assert.match(text, /^walg_problem\{cluster="main",code="drill_result_broken"\} 0$/m);
});
