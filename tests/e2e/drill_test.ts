import assert from "node:assert/strict";
import { asOwner, type DrillCluster, PG_BIN, run, startCluster } from "./drill_cluster.ts";

/** What the tests look at in a result file. */
interface Result {
  readonly outcome: string;
  readonly phase: string | null;
  readonly reason: string | null;
  readonly last_words: string | null;
  readonly phase_seconds: Readonly<Record<string, number>>;
  readonly backup: string | null;
  readonly restored_bytes: number | null;
  readonly recovered_until: string | null;
  readonly wal_segments: number | null;
  readonly checks: readonly string[];
  readonly last_success: Readonly<Record<string, unknown>> | null;
}

type Settings = Readonly<Record<string, string>>;

const PHASES = ["plan", "space", "fetch", "start", "recovery", "checks"];

/** Tests with a real PostgreSQL; without one they are skipped, unless REQUIRE_TOOLS=1 asks for a failure. */
function drillTest(name: string, test: (t: Deno.TestContext) => Promise<void>): void {
  const ignore = PG_BIN === undefined && Deno.env.get("REQUIRE_TOOLS") !== "1";
  Deno.test({ name: ignore ? `${name} (skipped: PostgreSQL not installed)` : name, ignore, fn: test });
}

/** Writes the settings of a drill and returns its command line. */
async function commandLine(
  { folder }: DrillCluster,
  settings: Settings,
  env: Settings = {},
): Promise<readonly string[]> {
  const all: Settings = {
    EXPORTER: `${folder}/${"PLAN_FAULT" in env ? "walg-exporter" : "planner"}`,
    PLAN_FLAGS: `-walg.config-path=${folder}/etc/wal-g.conf`,
    SCRATCH: `${folder}/scratch`,
    RESULTS: `${folder}/results`,
    KEEP_FREE: "0",
    NICE: "0",
    IONICE: "none",
    FSYNC: "off",
    AMCHECK: "no",
    ...settings,
  };
  await Deno.writeTextFile(`${folder}/drill.conf`, Object.entries(all).map((pair) => pair.join("=")).join("\n"));
  return ["dash", `${folder}/walg-restore-drill`, `-config=${folder}/drill.conf`];
}

/** With wal-g on PATH. */
function withPath({ folder }: DrillCluster, env: Settings): Settings {
  return { PATH: `${folder}:${Deno.env.get("PATH")}`, ...env };
}

/** Runs a drill to its end and checks that nothing is left of it. */
async function drill(
  cluster: DrillCluster,
  settings: Settings = {},
  env: Settings = {},
): Promise<{ code: number; result: Result; stderr: string }> {
  const { code, stderr } = await run(await commandLine(cluster, settings, env), withPath(cluster, env));
  await assertNothingLeft(cluster);
  return { code, result: await resultOf(cluster), stderr };
}

async function resultOf({ folder }: DrillCluster): Promise<Result> {
  return JSON.parse(await Deno.readTextFile(`${folder}/results/default.json`));
}

async function assertNothingLeft({ folder }: DrillCluster): Promise<void> {
  assert.deepEqual(await processesIn(`${folder}/scratch`), []);
  assert.equal(await exists(`${folder}/scratch`), false, "the scratch folder is still there");
  const results = [...Deno.readDirSync(`${folder}/results`)].map(({ name }) => name);
  assert.deepEqual(results.filter((name) => name !== "default.json"), []);
}

/** The processes whose working folder is there. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const cwd = await Deno.readLink(`/proc/${name}/cwd`).catch(() => "");
    if (cwd.startsWith(folder)) {
      found.push(`${name} ${await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "")}`);
    }
  }
  return found;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Waits until something is so. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 30 s: ${what}`);
}

/** Runs something while a file is away or another one. */
async function withFile(
  path: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
  then: () => Promise<void>,
) {
  const kept = await Deno.readFile(path);
  const changed = change(kept);
  try {
    if (changed === undefined) await Deno.remove(path);
    else await Deno.writeFile(path, changed);
    await then();
  } finally {
    await Deno.writeFile(path, kept);
  }
}

drillTest("a drill of a real cluster", async (t) => {
  await using cluster = await startCluster();
  const { folder, archive, live } = cluster;
  const backup = await cluster.backup();
  await cluster.sql("INSERT INTO rows SELECT n, 'later' FROM generate_series(2001, 2500) n");
  await cluster.switchWal();
  await cluster.sql("CHECKPOINT");
  const parts = `${archive}/basebackups_005/${backup}/tar_partitions`;
  const sentinel = `${archive}/basebackups_005/${backup}_backup_stop_sentinel.json`;
  const inArchive = async (): Promise<string> =>
    (await run(["sh", "-c", `cd "$1" && find . -type f -exec sha256sum {} + | sort`, "sh", archive])).stdout;
  const before = [await cluster.checksums(), await inArchive(), await Deno.readTextFile(`${folder}/pushed`)];
  let success: Result["last_success"] = null;

  await t.step("passes, with the last row there", async () => {
    const started = Date.now();
    const { code, result, stderr } = await drill(cluster, {
      AMCHECK: "yes",
      CHECK_SQL: "SELECT count(*) = 2500 FROM rows",
      CHECK_COMMAND: `psql -Atc "SELECT text FROM rows WHERE n = 2500" | grep -qx later`,
    }, { PGHOST: "nowhere", PGSERVICE: "none", PGDATA: live });
    assert.equal(code, 0, stderr);
    assert.equal(result.outcome, "passed");
    assert.equal(result.phase, null);
    assert.equal(result.backup, backup);
    assert.deepEqual(Object.keys(result.phase_seconds), PHASES);
    assert.deepEqual(result.checks, [
      "3 databases answer",
      "pg_amcheck found nothing",
      "CHECK_SQL",
      "CHECK_COMMAND",
    ]);
    assert.ok((result.restored_bytes ?? 0) > 20_000_000);
    assert.equal(result.wal_segments, 2);
    const until = Date.parse(result.recovered_until ?? "");
    assert.ok(until > started - 600_000 && until < started, result.recovered_until ?? "no time");
    success = result.last_success;
    const { recovery_seconds: seconds } = success ?? {};
    const { checks: _, ...restore } = result.phase_seconds;
    const sum = Object.values(restore).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(Number(seconds) - sum) < 0.1, `${seconds} s, the phases ${sum} s`);
  });

  const fails = (
    name: string,
    expected: { code: number; outcome: string; phase: string; reason: RegExp; words?: RegExp },
    settings: Settings,
    env: Settings = {},
  ) =>
    t.step(name, async () => {
      const { code, result, stderr } = await drill(cluster, settings, env);
      const { outcome, phase, reason } = result;
      assert.deepEqual({ code, outcome, phase }, {
        code: expected.code,
        outcome: expected.outcome,
        phase: expected.phase,
      }, stderr);
      assert.match(reason ?? "", expected.reason);
      if (expected.words !== undefined) assert.match(result.last_words ?? "", expected.words);
      assert.deepEqual(result.last_success, success, "the last success is no longer known");
      assert.equal(Object.keys(result.phase_seconds).at(-1), phase);
    });
  const failed = { code: 1, outcome: "failed" };
  const couldNotRun = { code: 2, outcome: "could_not_run" };

  await fails("a plan that is not possible", { ...failed, phase: "plan", reason: /no backup; it's gone/ }, {}, {
    PLAN_FAULT: "no",
  });
  await fails("a plan that is not known", { ...couldNotRun, phase: "plan", reason: /not known.*listed/ }, {}, {
    PLAN_FAULT: "unknown",
  });
  await fails("no plan at all", { ...couldNotRun, phase: "plan", reason: /printed no plan/ }, {}, {
    PLAN_FAULT: "garbage",
  });
  await fails("no exporter", { ...couldNotRun, phase: "plan", reason: /cannot be run; set EXPORTER/ }, {
    EXPORTER: "/nowhere/x",
  });
  await fails("an empty segment in the way", { ...failed, phase: "plan", reason: /empty segment/ }, {}, {
    PLAN_FAULT: "clear",
  });
  await fails(
    "no PostgreSQL of that version",
    { ...couldNotRun, phase: "plan", reason: /no PostgreSQL 33 on this host/ },
    {},
    {
      PLAN_FAULT: "version",
    },
  );
  await fails("too little space", { ...couldNotRun, phase: "space", reason: /not enough space/ }, {}, {
    PLAN_FAULT: "huge",
  });
  await fails("too little space to spare", { ...couldNotRun, phase: "space", reason: /not enough space/ }, {
    KEEP_FREE: "900T",
  });
  await fails("a fetch that fails", { ...failed, phase: "fetch", reason: /status 1/, words: /checksum is wrong/ }, {}, {
    WALG_FAULT: "fetch",
  });
  await withFile(
    `${parts}/part_002.tar.gz`,
    (bytes) => bytes.map((byte, at) => at > 5000 && at < 6000 ? 255 - byte : byte),
    () =>
      fails("a corrupt part", { ...failed, phase: "fetch", reason: /fetching .* ended/, words: /gzip|tar/ }, {}).then(
        () => {},
      ),
  );
  await fails("the time limit", { ...failed, phase: "fetch", reason: /time limit of 4s/ }, { TIME_LIMIT: "4s" }, {
    WALG_FAULT: "slow-fetch",
  });
  await fails("a plan that sets more than recovery", { ...failed, phase: "start", reason: /archive_command/ }, {}, {
    PLAN_FAULT: "settings",
  });
  await fails("a PostgreSQL that does not start", {
    ...failed,
    phase: "start",
    reason: /did not start/,
    words: /shared_buffers/,
  }, {
    SHARED_BUFFERS: "much",
  });
  await withFile(
    `${parts}/part_002.tar.gz`,
    () => undefined,
    () =>
      fails("a part that is gone", { ...failed, phase: "recovery", reason: /PostgreSQL ended|does not answer/ }, {})
        .then(() => {}),
  );
  await fails(
    "WAL that cannot be fetched",
    { ...failed, phase: "recovery", reason: /ended during recovery/, words: /required checkpoint record/ },
    {},
    {
      WALG_FAULT: "wal",
    },
  );
  await fails("less WAL than promised", { ...failed, phase: "recovery", reason: /after 2 of 9 WAL segments/ }, {}, {
    PLAN_FAULT: "promise",
  });
  await fails(
    "a last segment that cannot be fetched",
    {
      ...failed,
      phase: "recovery",
      reason: /after 1 of 2 WAL segments/,
    },
    {},
    { WALG_FAULT: "last-wal" },
  );
  await fails("a role that is not there", { ...couldNotRun, phase: "recovery", reason: /no superuser 'nobody'/ }, {
    DB_USER: "nobody",
  });
  await fails("a CHECK_SQL that says no", {
    ...failed,
    phase: "checks",
    reason: /CHECK_SQL did not say yes/,
    words: /^f$/,
  }, {
    CHECK_SQL: "SELECT count(*) = 7 FROM rows",
  });
  await fails("a CHECK_COMMAND that fails", {
    ...failed,
    phase: "checks",
    reason: /CHECK_COMMAND ended with status 3/,
    words: /rows are "gone"/,
  }, {
    CHECK_COMMAND: `echo 'rows are "gone"'; sleep 600 & exit 3`,
  });

  await t.step("damage that no fetch notices is found by pg_amcheck", async () => {
    const part = `${parts}/part_002.tar.gz`;
    const kept = await Deno.readFile(part);
    // The page is not touched by the WAL that is replayed.
    const damage = `cd "$1" && gzip -dc "$2" | tar -xf - && printf 'damage' |
      dd of="$3" bs=1 seek=$((3 * 8192 + 4000)) conv=notrunc 2>/dev/null &&
      tar -cf - ./base | gzip -1 >damaged && rm -rf base`;
    const table = await cluster.sql("SELECT pg_relation_filepath('rows')");
    assert.equal((await run(["sh", "-c", damage, "sh", `${folder}/etc`, part, table])).code, 0);
    try {
      await Deno.copyFile(`${folder}/etc/damaged`, part);
      const { code, result, stderr } = await drill(cluster, { AMCHECK: "yes" });
      assert.deepEqual([code, result.outcome, result.phase], [1, "failed", "checks"], stderr);
      assert.match(result.reason ?? "", /pg_amcheck/);
    } finally {
      await Deno.writeFile(part, kept);
    }
  });
  if (Deno.uid() === 0) {
    await t.step("root runs no drill, and leaves no result that only it could read", async () => {
      const { stderr, code } = await new Deno.Command("dash", { args: [`${folder}/walg-restore-drill`] }).output();
      assert.equal(code, 2);
      assert.match(new TextDecoder().decode(stderr), /does not run as root/);
    });
  }
  await t.step("a target that no transaction comes after is the end of the archive", async () => {
    const settings = { TARGET: "2100-01-01T00:00:00Z", CHECK_SQL: "SELECT count(*) = 2500 FROM rows" };
    const { code, result, stderr } = await drill(cluster, settings, { PLAN_FAULT: "target" });
    assert.deepEqual([code, result.outcome], [0, "passed"], stderr);
    success = result.last_success;
  });

  await t.step("the live cluster and the archive are as they were", async () => {
    assert.deepEqual(
      [await cluster.checksums(), await inArchive(), await Deno.readTextFile(`${folder}/pushed`)],
      before,
    );
    assert.equal(await cluster.sql("SELECT count(*) FROM rows"), "2500");
    assert.equal((await run(["find", folder, "-name", "pwned"])).stdout, "");
  });

  const refuses = (name: string, reason: RegExp, settings: Settings, prepare: readonly string[] = []) =>
    t.step(name, async () => {
      if (prepare.length > 0) assert.equal((await run(prepare)).code, 0);
      const { code, stderr } = await run(await commandLine(cluster, settings));
      assert.equal(code, 2, stderr);
      const result = await resultOf(cluster);
      assert.equal(result.outcome, "could_not_run");
      assert.match(result.reason ?? "", reason);
    });
  await refuses("a scratch folder in the live data folder", /in a data folder of PostgreSQL/, {
    SCRATCH: `${live}/base`,
  });
  await refuses("the live data folder", /in a data folder of PostgreSQL/, { SCRATCH: live });
  await refuses("a scratch folder that is not empty", /not empty/, { SCRATCH: `${folder}/full` }, [
    "mkdir",
    "-p",
    `${folder}/full/.x`,
  ]);
  await refuses("a scratch folder that is a link", /is really/, { SCRATCH: `${folder}/link` }, [
    "ln",
    "-s",
    live,
    `${folder}/link`,
  ]);
  await refuses("an unknown setting", /line \d+: there is no setting 'SCRACH'/, { SCRACH: "x" });
  await refuses("a wrong limit", /TIME_LIMIT=soon/, { TIME_LIMIT: "soon" });
  await withFile(sentinel, (bytes) => withSpec(bytes), async () => {
    const { code, result } = await drill(cluster, {}, { WALG_FAULT: "fetch" });
    assert.deepEqual([code, result.outcome, result.phase], [2, "could_not_run", "space"]);
    assert.match(result.reason ?? "", /has tablespaces/);
  });
  await t.step("a link in the scratch folder is removed, not followed", async () => {
    const outside = `${folder}/outside`;
    const prepare =
      `mkdir -p "$1" "$2" && touch "$1/file" "$2/.walg-restore-drill" && chmod 0400 "$1/file" && ln -s "$1" "$2/data"`;
    assert.equal((await run(["sh", "-c", prepare, "sh", outside, `${folder}/scratch`])).code, 0);
    await run([...await commandLine(cluster, {}), "-clean"]);
    assert.equal(await exists(`${folder}/scratch/data`), false);
    assert.equal(((await Deno.stat(`${outside}/file`)).mode ?? 0) & 0o777, 0o400);
    await Deno.remove(`${folder}/scratch`, { recursive: true });
  });
  await t.step("the live cluster is still as it was", async () => {
    assert.equal(await cluster.checksums(), before[0]);
    assert.equal(await exists(`${folder}/full/.x`), true);
  });

  await t.step("killed in each phase", async (t) => {
    await slowTools(folder);
    const slow: Readonly<Record<string, readonly [settings: Settings, env: Settings]>> = {
      plan: [{}, { PLAN_FAULT: "slow" }],
      space: [{}, { PATH: `${folder}/slow-df:${folder}:${Deno.env.get("PATH")}` }],
      fetch: [{}, { WALG_FAULT: "slow-fetch" }],
      start: [{ PG_BIN: `${folder}/slow-postgres` }, {}],
      recovery: [{}, { WALG_FAULT: "slow-wal" }],
      checks: [{ CHECK_COMMAND: "sleep 600" }, {}],
    };
    const signals = { plan: "INT", space: "HUP", fetch: "TERM", start: "QUIT", recovery: "TERM", checks: "USR2" };
    const statuses = { INT: 130, HUP: 129, TERM: 143, QUIT: 131, USR2: 140 };
    for (const phase of PHASES) {
      const [settings, env] = slow[phase] ?? [{}, {}];
      const signal = signals[phase as keyof typeof signals];
      await t.step(`${signal} in phase ${phase}`, async () => {
        const child = await startAndWait(cluster, settings, env, phase);
        child.kill(`SIG${signal}` as Deno.Signal);
        const { code } = await child.output();
        assert.equal(code, statuses[signal as keyof typeof statuses]);
        await assertNothingLeft(cluster);
        const result = await resultOf(cluster);
        assert.deepEqual([result.outcome, result.phase, result.reason], [
          "could_not_run",
          phase,
          `stopped by SIG${signal}`,
        ]);
        assert.deepEqual(result.last_success, success);
      });
      await t.step(`KILL in phase ${phase}`, async () => {
        const child = await startAndWait(cluster, settings, env, phase);
        child.kill("SIGKILL");
        await child.output();
        assert.equal(await exists(`${folder}/scratch`), true);
        const { code, stderr } = await run([...await commandLine(cluster, settings), "-clean"]);
        assert.equal(code, 2, stderr);
        await assertNothingLeft(cluster);
        const result = await resultOf(cluster);
        assert.deepEqual([result.outcome, result.phase, result.reason], [
          "could_not_run",
          phase,
          "the drill was killed",
        ]);
      });
    }
    await t.step("a drill beside a running one leaves it alone", async () => {
      const child = await startAndWait(cluster, {}, { WALG_FAULT: "slow-fetch" }, "fetch");
      const { code, stderr } = await run(await commandLine(cluster, {}));
      assert.equal(code, 2);
      assert.match(stderr, /a drill of 'default' is running/);
      assert.equal((await processesIn(`${folder}/scratch`)).length > 0, true);
      // Killed for good: the next drill clears up and runs.
      child.kill("SIGKILL");
      await child.output();
      const next = await drill(cluster);
      assert.deepEqual([next.code, next.result.outcome], [0, "passed"], next.stderr);
    });
    await t.step("the live cluster is as it was", async () => {
      assert.equal(await cluster.checksums(), before[0]);
      assert.equal(await Deno.readTextFile(`${folder}/pushed`), before[2]);
    });
  });
});

drillTest("a tablespace made after the backup: replaying that would write to the live one", async (t) => {
  await using cluster = await startCluster();
  const { folder } = cluster;
  await cluster.backup();
  const space = `${folder}/space`;
  assert.equal((await run(["mkdir", "-m", "0700", space])).code, 0);
  await cluster.sql(`CREATE TABLESPACE late LOCATION '${space}'`);
  await cluster.sql("CREATE TABLE spaced TABLESPACE late AS SELECT n FROM generate_series(1, 1000) n");
  await cluster.sql("CHECKPOINT");
  await cluster.switchWal();
  // What only the live cluster knows yet: a scratch server that came to these files would take it away.
  await cluster.sql("INSERT INTO spaced SELECT n FROM generate_series(1001, 2000) n");
  await cluster.sql("CHECKPOINT");
  const files = async (): Promise<string> =>
    (await run(["sh", "-c", `find "$1" -type f -exec sha256sum {} + | sort`, "sh", space])).stdout;
  const before = await files();
  assert.match(before, /space\/PG_/);

  await t.step("is seen beside the live server", async () => {
    const { code, result, stderr } = await drill(cluster, { TABLESPACES: "none" });
    assert.equal(await files(), before, "the drill wrote to a live tablespace");
    assert.deepEqual([code, result.outcome, result.phase], [2, "could_not_run", "space"], stderr);
    assert.match(result.reason ?? "", /running server in .*live has tablespaces/);
  });
  await t.step("is not followed where no server shows it", async () => {
    await cluster.sql("DROP TABLE spaced");
    await cluster.sql("DROP TABLESPACE late");
    assert.equal((await run(["sh", "-c", `mkdir "$1/mine" && echo live >"$1/mine/file"`, "sh", space])).code, 0);
    const { code, result, stderr } = await drill(cluster);
    assert.deepEqual([code, result.outcome, result.phase], [2, "could_not_run", "recovery"], stderr);
    assert.match(result.reason ?? "", /^a tablespace was made after the backup/);
    assert.match(result.last_words ?? "", /could not create symbolic link/);
    const left = (await run(["sh", "-c", `find "$1" -type f`, "sh", space])).stdout;
    assert.equal(left, `${space}/mine/file\n`);
  });
});

function withSpec(bytes: Uint8Array): Uint8Array {
  const sentinel = JSON.parse(new TextDecoder().decode(bytes));
  const Spec = { base_prefix: "/x", tablespaces: ["16400"], "16400": { loc: "/srv/space", link: "pg_tblspc/16400" } };
  return new TextEncoder().encode(JSON.stringify({ ...sentinel, Spec }));
}

/** Programs that take for ever: `df`, and a PostgreSQL that does not come to listen. */
async function slowTools(folder: string): Promise<void> {
  const write = async (path: string, script: string): Promise<void> => {
    await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`);
    await Deno.chmod(path, 0o755);
  };
  await Deno.mkdir(`${folder}/slow-df`);
  await write(`${folder}/slow-df/df`, "sleep 600");
  await Deno.mkdir(`${folder}/slow-postgres`);
  for (const tool of ["psql", "pg_isready", "pg_controldata"]) {
    await write(`${folder}/slow-postgres/${tool}`, `exec "${PG_BIN}/${tool}" "$@"`);
  }
  await write(
    `${folder}/slow-postgres/postgres`,
    `[ "$1" = --version ] || exec sleep 600\nexec "${PG_BIN}/postgres" "$@"`,
  );
}

/** Starts a drill and waits until it is in a phase, with a process that takes its time. */
async function startAndWait(cluster: DrillCluster, settings: Settings, env: Settings, phase: string) {
  const child = asOwner(await commandLine(cluster, settings, env), withPath(cluster, env)).spawn();
  const run = `${cluster.folder}/scratch/run`;
  await until(`the drill is in phase ${phase}`, async () => {
    const noted = await Deno.readTextFile(`${run}/phase`).catch(() => "");
    const names = (await processesIn(run.slice(0, -4))).join("\n");
    return noted.startsWith(`${phase} `) && names.includes("sleep\u0000600");
  });
  return child;
}
