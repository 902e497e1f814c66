import "./executable.ts";
import assert from "node:assert/strict";
import { EXPORTER_FLAGS } from "../../src/commands/config.ts";
import { VERSION } from "../../src/base/host.ts";
import { DENO_VERSION } from "../../tools/compile/deno_release.ts";
import { generateScenario, writeScenario } from "../../tools/generate_scenario.ts";
import { runCli } from "../commands/run_cli.ts";
import { pause, type RunningExporter, spawnExporter, startExporter, until } from "../support/exporter.ts";
import { withDrillResult } from "../support/drill.ts";
import { CAPTURES, ROOT } from "../support/paths.ts";
import { servedAddresses } from "../support/secured_exporter.ts";

/** What each flag does to a running executable. */
const EFFECTS: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  async "web.listen-address"() {
    await using exporter = spawnExporter({ flags: ["-web.listen-address", "127.0.0.2:0", "--web.listen-address=:0"] });
    const addresses = await servedAddresses(exporter);
    assert.deepEqual(addresses.map((address) => address.replace(/:\d+$/, "")).slice(0, 2), ["127.0.0.1", "127.0.0.2"]);
    for (const address of [...addresses.slice(0, 2), `127.0.0.1:${addresses[2]?.split(":").at(-1)}`]) {
      assert.equal(await (await fetch(`http://${address}/-/healthy`)).text(), "healthy\n");
    }
  },
  async "web.telemetry-path"() {
    await using exporter = await startExporter({ flags: ["-web.telemetry-path=/wal-g/figures"] });
    assert.match(await (await exporter.get("/wal-g/figures")).text(), /^walg_exporter_build_info\{/m);
    const elsewhere = await exporter.get("/metrics");
    assert.equal(elsewhere.status, 404);
    assert.equal(await elsewhere.text(), "nothing here; the metrics are at /wal-g/figures\n");
  },
  async "web.route-prefix"() {
    await using exporter = await startExporter({ flags: ["-web.route-prefix=/db1/walg"] });
    for (const path of ["/db1/walg/metrics", "/metrics"]) {
      assert.match(await (await exporter.get(path)).text(), /^walg_exporter_build_info\{/m);
    }
    assert.equal((await (await exporter.get("/db1/walg")).text()).slice(0, 15), "<!doctype html>");
  },
  async "web.config.file"() {
    // Files that work are those of the web config's own tests; this one is read, and found wanting.
    const { code, stderr } = await runCli(["-web.listen-address=127.0.0.1:0", "-web.config.file=/etc/ssl"]);
    assert.equal(code, 1);
    assert.match(stderr, /^walg-exporter: Cannot read web config '\/etc\/ssl': it is not a regular file\n$/);
  },
  // Config files of clusters are read below /etc/walg-exporter and /etc/ssl only: these have none to write to.
  async "cluster"() {
    await using exporter = await startExporter({ flags: ["-cluster=main=/etc/ssl/nowhere.yaml"] });
    await exporter.logged(
      /msg="config file cannot be used" cluster=main file=\/etc\/ssl\/nowhere\.yaml error="cannot be read: /,
    );
    assert.match(await exporter.metrics(), /^walg_exporter_clusters_refused 1$/m);
  },
  async "clusters.dir"() {
    await using exporter = await startExporter({ flags: ["-clusters.dir=/etc/ssl"] });
    assert.match(await exporter.metrics(), /^walg_exporter_clusters 0$/m);
  },
  async "walg.max-running"() {
    const { code, stderr } = await runCli(["-web.listen-address=127.0.0.1:0", "-walg.max-running=0"]);
    assert.equal(code, 2);
    assert.match(stderr, /-walg\.max-running: '0' lets no wal-g run; the minimum is 1/);
  },
  async "web.max-requests"(folder) {
    const scenario = await largeScenario(folder);
    const refusedIn = async (exporter: RunningExporter): Promise<number> => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => exporter.get("/metrics")));
      await Promise.all(answers.map((answer) => answer.bytes()));
      return answers.filter(({ status }) => status === 503).length;
    };
    await using unlimited = await startExporter({ scenario, flags: ["-web.max-requests=0"] });
    await unlimited.ready();
    for (let burst = 0; burst < 3; burst++) assert.equal(await refusedIn(unlimited), 0);
    await using limited = await startExporter({ scenario, flags: ["-web.max-requests=1"] });
    await limited.ready();
    await until("a request is refused while another is not read", async () => {
      // Far more than sockets hold, so that the first one keeps its place.
      const [unread, next] = [await limited.get("/metrics", PLAIN), await limited.get("/metrics", PLAIN)];
      await Promise.all([unread, next].map(({ body }) => body?.cancel()));
      return unread.status === 200 && next.status === 503;
    });
  },
  async "walg.path"() {
    await using exporter = await startExporter({ flags: ["-walg.path=./mock-wal-g"], cwd: `${ROOT}/fixtures` });
    await exporter.ready();
    assert.match(await exporter.metrics(), /^walg_backups\{backup_type="full"\} \d/m);
    assert.ok(!exporter.log().includes("run failed"), exporter.log());
  },
  async "walg.config-path"(folder) {
    const runs = await runsOf({ flags: ["-walg.config-path=/etc/wal-g.yml"], folder });
    for (const line of runs.filter((line) => !line.startsWith("version "))) {
      assert.match(line, / --config \/etc\/wal-g\.yml/);
    }
  },
  "backup-list.scrape-interval": (folder) => runsOften("backup-list", "backup-list", folder),
  "wal-verify.scrape-interval": (folder) => runsOften("wal-verify", "wal-verify", folder),
  "storage-check.scrape-interval": (folder) => runsOften("storage-check", "st-check", folder),
  "wal-archive.scrape-interval": (folder) => runsOften("wal-archive", "wal-archive", folder),
  "backup-files.scrape-interval": (folder) => runsOften("backup-files", "backup-files", folder),
  "backup-list.timeout": () => timesOut("backup-list", "BACKUP_LIST"),
  "wal-verify.timeout": () => timesOut("wal-verify", "WAL_VERIFY"),
  "storage-check.timeout": () => timesOut("storage-check", "ST_CHECK"),
  "wal-archive.timeout": () => timesOut("wal-archive", "WAL_ARCHIVE"),
  "backup-files.timeout": () => timesOut("backup-files", "BACKUP_FILES"),
  async "scrape.jitter"(folder) {
    const runs = await runsOf({
      folder,
      flags: ["-scrape.jitter=0s", "-storage-check.scrape-interval=500ms"],
      ms: 2600,
    });
    const times = runs.filter((line) => line.startsWith("st-check ")).map((line) => Number(line.split(" ")[2]));
    const gaps = times.slice(1).map((time, n) => time - (times[n] ?? NaN));
    assert.ok(gaps.length >= 3);
    for (const gap of gaps) assert.ok(Math.abs(gap - 0.5) < 0.2, `${gaps}`);
  },
  async "snapshot.max-age"() {
    await using exporter = await startExporter({ flags: ["-snapshot.max-age=400ms"] });
    await exporter.ready();
    await until("the snapshot is too old", async () => !/^walg_backup_info\{/m.test(await exporter.metrics()));
    assert.match(await exporter.metrics(), /^walg_scrape_success\{operation="backup-list"\} 1$/m);
  },
  async "backups.max-series"() {
    await using exporter = await startExporter({ flags: ["-backups.max-series=3"] });
    await exporter.ready();
    const text = await exporter.metrics();
    assert.equal(text.match(/^walg_backup_info\{/gm)?.length, 3);
    assert.match(text, /^walg_backups\{backup_type="full"\} 4$/m);
  },
  async "log.level"() {
    await using quiet = await startExporterQuietly(["-log.level=error"]);
    assert.equal(quiet.log(), "");
    await using talkative = await startExporter({ flags: ["-log.level=debug"] });
    await talkative.logged(/level=debug .*msg="run succeeded"/);
  },
  async "log.format"() {
    await using exporter = await startExporter({ flags: ["-log.format=json"] });
    const [line = ""] = exporter.log().split("\n");
    assert.equal(JSON.parse(line).message, "serving");
  },
  async "instance.name"() {
    await using exporter = await startExporter({ flags: ["-instance.name=orders"] });
    await exporter.ready();
    assert.equal((await (await exporter.get("/api/v1/status")).json()).instance.name, "orders");
    assert.match(await exporter.metrics(), /^walg_cluster_info\{.*instance_name="orders"/m);
  },
  "accept-holes-before": () => problem("wal_lost", 0, "segment-lost", "-accept-holes-before=2026-11-25"),
  "warn-backup-age": () => problem("backup_too_old", 1, "healthy", "-warn-backup-age=1s", "-max-backup-age=none"),
  "max-backup-age": () => problem("backup_too_old", 2, "healthy", "-max-backup-age=2s"),
  "warn-full-backup-age": () => problem("full_backup_too_old", 1, "healthy", "-warn-full-backup-age=1s"),
  "max-full-backup-age": () => problem("full_backup_too_old", 2, "healthy", "-max-full-backup-age=2s"),
  "warn-recovery-window": () => problem("recovery_window_short", 1, "healthy", "-warn-recovery-window=9000d"),
  "min-recovery-window": () => problem("recovery_window_short", 2, "healthy", "-min-recovery-window=9000d"),
  "warn-rpo": () => problem("recovery_point_too_old", 1, ARCHIVE, ...UNVERIFIED, "-warn-rpo=1s", "-max-rpo=none"),
  "max-rpo": () => problem("recovery_point_too_old", 2, ARCHIVE, ...UNVERIFIED, "-max-rpo=2s"),
  "warn-at-risk-segments": () => problem("wal_at_risk", 0, STUCK, "-warn-at-risk-segments=100"),
  "max-at-risk-segments": () => problem("wal_at_risk", 2, STUCK, "-max-at-risk-segments=20"),
  "warn-answer-age": () => problem("answer_too_old", 1, "healthy", "-warn-answer-age=1s", "-max-answer-age=none"),
  "max-answer-age": () => problem("answer_too_old", 2, "healthy", "-max-answer-age=2s"),
  "drill-result.folder": () => problem("drill_result_broken", 1, "healthy", DRILLS, "-drill-result.folder=/tmp"),
  async "drill-result.scrape-interval"() {
    await using exporter = await startExporter({ flags: ["-drill-result.scrape-interval=0"] });
    await exporter.ready();
    assert.doesNotMatch(await exporter.metrics(), /drill-result/);
  },
  async "drill-result.timeout"() {
    await using exporter = await startExporter({ flags: [DRILLS, "-drill-result.timeout=7s"] });
    await exporter.ready();
    const { operations } = await (await exporter.get("/api/v1/status")).json();
    const drill = operations.find(({ operation }: { operation: string }) => operation === "drill-result");
    assert.equal(drill.timeout_seconds, 7);
  },
  "warn-drill-age": () => drillProblem(1, "-warn-drill-age=1d"),
  "max-drill-age": () => drillProblem(2, "-warn-drill-age=none", "-max-drill-age=1d"),
};

const [ARCHIVE, STUCK] = [`${CAPTURES}/archive-wal-g-3.0.9/healthy`, `${CAPTURES}/wal-g-3.0.9/archiving-stuck-long`];
const DRILLS = "-drill-result.scrape-interval=1m";
const UNVERIFIED = ["-wal-archive.scrape-interval=1h", "-wal-verify.scrape-interval=0"];

/** With these flags, a problem is of that level sooner or later. */
async function problem(code: string, level: 0 | 1 | 2, scenario: string, ...flags: string[]): Promise<void> {
  await using exporter = await startExporter({ scenario, flags });
  await exporter.ready();
  const series = `\nwalg_problem{code="${code}"} ${level}\n`;
  await until(series, async () => (await exporter.metrics()).includes(series));
}

/** The drill passed on 20 November 2026. */
async function drillProblem(level: 1 | 2, ...flags: string[]): Promise<void> {
  await withDrillResult((drill) => problem("drill_overdue", level, "healthy", ...drill, ...flags));
}

Deno.test("every flag of the exporter is tried on the executable", () => {
  assert.deepEqual(Object.keys(EFFECTS).toSorted(), EXPORTER_FLAGS.map(({ name }) => name).toSorted());
});

for (const [flag, effect] of Object.entries(EFFECTS)) {
  Deno.test(`-${flag}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await effect(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("-version: name, version, revision, Deno version and target", async () => {
  const { code, stdout, stderr } = await runCli(["-version"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const [, version, , deno] =
    /^walg-exporter (\S+) \(revision ([0-9a-f]{12}(?:-dirty)?|unknown), Deno (\S+), \w+-unknown-linux-gnu\)\n$/
      .exec(stdout) ?? assert.fail(stdout);
  assert.deepEqual([version, deno], [VERSION, DENO_VERSION]);
});

Deno.test("-h and --help name every flag", async () => {
  for (const flag of ["-h", "-help", "--help"]) {
    const { code, stdout, stderr } = await runCli([flag]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    for (const { name } of EXPORTER_FLAGS) assert.ok(stdout.includes(`\n  -${name}=`), name);
  }
});

Deno.test("an unknown flag is one line and exit status 2", async () => {
  const { code, stdout, stderr } = await runCli(["-walg.pth=wal-g"]);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /^walg-exporter: [^\n]*-walg\.pth[^\n]*\n$/);
});

async function runsOf(
  { flags, folder, ms = 600 }: { flags: readonly string[]; folder: string; ms?: number },
): Promise<string[]> {
  const log = `${folder}/runs`;
  await using exporter = await startExporter({ flags, env: { WALG_STANDIN_RUNS_LOG: log } });
  await exporter.ready();
  await pause(ms);
  return Deno.readTextFileSync(log).trimEnd().split("\n").filter((line) => !line.startsWith("END "));
}

async function runsOften(operation: string, logged: string, folder: string): Promise<void> {
  const runs = await runsOf({ flags: [`-${operation}.scrape-interval=100ms`], folder, ms: 1500 });
  const count = (name: string): number => runs.filter((line) => line.startsWith(`${name} `)).length;
  assert.ok(count(logged) >= 5, runs.join("\n"));
  for (const other of ["wal-verify", "st-check"]) if (other !== logged) assert.equal(count(other), 1);
  // After a listing of the storage the backups are listed once more.
  if (logged !== "backup-list") assert.ok([1, 2].includes(count("backup-list")), runs.join("\n"));
}

async function timesOut(operation: string, suffix: string): Promise<void> {
  await using exporter = await startExporter({
    flags: [`-${operation}.timeout=300ms`, `-${operation}.scrape-interval=1h`],
    env: { [`WALG_STANDIN_HANG_${suffix}`]: "1" },
  });
  const line = await exporter.logged(/msg="run failed".*$/m);
  assert.match(line, new RegExp(`operation=${operation} error_type=timeout error="no answer within 0.3 s`));
}

/** What logs nothing cannot say where it listens. */
async function startExporterQuietly(flags: readonly string[]): Promise<RunningExporter> {
  const holder = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = holder.addr;
  holder.close();
  const exporter = spawnExporter({ flags: [`-web.listen-address=127.0.0.1:${port}`, ...flags] });
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/-/healthy`).then((answer) => answer.text()).then(() => true, () => false);
  await until("it answers", answers);
  return exporter;
}

const PLAIN = { "accept-encoding": "identity" };

async function largeScenario(folder: string): Promise<string> {
  await writeScenario(folder, generateScenario({ backups: 10_000, seed: 1 }));
  return folder;
}
