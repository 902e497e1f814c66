import assert from "node:assert/strict";
import { parseExposition } from "../support/exposition_parser.ts";
import { startExporter, until } from "../support/exporter.ts";
import { runCli } from "./run_cli.ts";

/** The environment in which wal-g says that it is built for a database. */
async function withDatabase(database: string, use: (env: Record<string, string>) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/version`;
    await Deno.writeTextFile(file, `wal-g version v3.0.3\tabc1234\t2026.01.02_03:04:05\t${database}\n`);
    await use({ WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_STDOUT_FILE_VERSION: file });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const says = (database: string): string => `this wal-g is built for ${database}, not for PostgreSQL`;
/** What only helps with PostgreSQL. */
const POSTGRES_ADVICE = /PGHOST|pg_wal|archive_command|backup-push|No backup|wal_verify_failed/;

for (const database of ["MySQL", "MongoDB", "Redis", "SQLServer"]) {
  Deno.test(`wal-g for ${database}: one clear problem and no series, for once and check`, async () => {
    await withDatabase(database, async (env) => {
      const once = await runCli(["once"], { env });
      assert.equal(once.code, 1);
      assert.equal(once.stderr, `walg-exporter: ${says(database)}\n`);
      assert.deepEqual([...parseExposition(once.stdout).keys()], [
        "walg_version_info",
        "walg_exporter_build_info",
        "walg_problem",
      ]);
      const { code, stdout } = await runCli(["check"], { env });
      assert.equal(code, 3, stdout);
      assert.ok(stdout.startsWith(`WALG UNKNOWN - ${says(database).replace("this", "This")} | `), stdout);
      assert.match(stdout, /What to do: Install the WAL-G that is built for PostgreSQL/);
      assert.doesNotMatch(stdout, POSTGRES_ADVICE);
      assert.doesNotMatch(stdout, /by choice/);
    });
  });
}

Deno.test("wal-g for another database: the page and JSON say that alone, one log line does, and no run follows", async () => {
  await withDatabase("MySQL", async (env) => {
    const flags = ["-backup-list.scrape-interval=50ms", "-wal-verify.scrape-interval=50ms", "-log.level=debug"];
    await using exporter = await startExporter({ env, flags });
    await exporter.logged(/^.*level=error.*built for MySQL.*$/m);
    await until("it is shown", async () => (await (await exporter.get("/api/v1/status")).text()).includes("MySQL"));
    const { problems, backups, summary } = await (await exporter.get("/api/v1/status")).json();
    assert.equal(problems.length, 1);
    assert.deepEqual([problems[0].code, summary.level, backups], ["walg_not_run", "unknown", null]);
    const page = await (await exporter.get("/")).text();
    assert.doesNotMatch(page, POSTGRES_ADVICE);
    assert.doesNotMatch(page, /by choice|switched off/);
    const names = [...parseExposition(await exporter.metrics()).keys()].filter((name) => name.startsWith("walg_"));
    assert.deepEqual(names, ["walg_version_info", "walg_exporter_build_info", "walg_problem"]);
    assert.equal(exporter.log().match(/level=error/g)?.length, 1, exporter.log());
    const runs = (): number => exporter.log().match(/run succeeded/g)?.length ?? 0;
    const before = runs();
    exporter.signal("SIGHUP");
    await exporter.logged(/SIGHUP|hangup|HUP/i).catch(() => {});
    await exporter.metrics();
    assert.ok(runs() <= before + 3, "runs under way at most");
  });
});
