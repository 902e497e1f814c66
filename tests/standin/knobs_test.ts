import assert from "node:assert/strict";
import { readRuns } from "../faults/controlled.ts";
import { until } from "../support/exporter.ts";
import { controlStandin, runStandin, STANDIN_ARGUMENTS } from "../standin.ts";

const LIST = STANDIN_ARGUMENTS["backup-list"];
const VERIFY = STANDIN_ARGUMENTS["wal-verify"];
const CHECK = STANDIN_ARGUMENTS["st-check"];

Deno.test("EXIT, STDERR, EMPTY, GARBAGE and TRUNCATE replace what was captured", async () => {
  const { stdout } = await runStandin(LIST);
  const failed = await runStandin(CHECK, { EXIT: 7, STDERR: 'ERROR: no route to host\ncaused by: it\'s "gone"' });
  assert.deepEqual([failed.code, failed.stderr], [7, 'ERROR: no route to host\ncaused by: it\'s "gone"\n']);
  assert.deepEqual([(await runStandin(LIST, { EMPTY: 1 })).stdout, (await runStandin(LIST, { EMPTY: 1 })).code], [
    "",
    0,
  ]);
  assert.throws(() => JSON.parse(""));
  const garbage = await runStandin(LIST, { GARBAGE: 1 });
  assert.match(garbage.stdout, /^<html>/);
  assert.equal(garbage.code, 0);
  for (const TRUNCATE of [0, 1, 1000]) {
    assert.equal((await runStandin(LIST, { TRUNCATE })).stdout, stdout.slice(0, TRUNCATE));
  }
  assert.equal((await runStandin(LIST, { GARBAGE: 0, EMPTY: "0", HANG: 0 })).stdout, stdout);
});

Deno.test("STDOUT_FILE serves another file for one operation only", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "[1, 2]");
  const verify = await runStandin(VERIFY);
  assert.equal((await runStandin(LIST, { STDOUT_FILE_BACKUP_LIST: file })).stdout, "[1, 2]");
  assert.equal((await runStandin(VERIFY, { STDOUT_FILE_BACKUP_LIST: file })).stdout, verify.stdout);
  assert.equal((await runStandin(["--version"], { STDOUT_FILE_VERSION: file })).stdout, "[1, 2]");
  await Deno.remove(file);
});

Deno.test("a knob for one operation goes before that for all, and an empty one takes it back", async () => {
  const knobs = { EXIT: 3, EXIT_WAL_VERIFY: 4, EXIT_ST_CHECK: "" };
  const codes = await Promise.all([LIST, VERIFY, CHECK].map(async (args) => (await runStandin(args, knobs)).code));
  assert.deepEqual(codes, [3, 4, 0]);
});

Deno.test("the control folder goes before the environment and works from one run to the next", async () => {
  const WALG_STANDIN_CONTROL = await Deno.makeTempDir();
  const run = (args: readonly string[]) => runStandin(args, { EXIT: 3 }, { WALG_STANDIN_CONTROL });
  assert.equal((await run(LIST)).code, 3);
  await controlStandin(WALG_STANDIN_CONTROL, "all", { EXIT: 5, STDERR: "it's $HOME `x` \\n" });
  assert.deepEqual([(await run(LIST)).code, (await run(LIST)).stderr], [5, "it's $HOME `x` \\n\n"]);
  await controlStandin(WALG_STANDIN_CONTROL, "backup-list", { EXIT: 6 });
  assert.deepEqual([(await run(LIST)).code, (await run(VERIFY)).code], [6, 5]);
  await Deno.remove(`${WALG_STANDIN_CONTROL}/all.env`);
  await controlStandin(WALG_STANDIN_CONTROL, "backup-list", { EXIT: "" });
  assert.deepEqual([(await run(LIST)).code, (await run(VERIFY)).code], [0, 3]);
  await Deno.remove(WALG_STANDIN_CONTROL, { recursive: true });
});

Deno.test("DELAY waits before anything but STDERR is written, fractions included", async () => {
  for (const [DELAY, least] of [["0.25", 0.25], [".05", 0.05], ["1", 1], ["0.305", 0.305]] as const) {
    const { code, seconds } = await runStandin(CHECK, { DELAY });
    assert.equal(code, 0);
    assert.ok(seconds >= least, `${seconds} s for ${DELAY}`);
  }
});

Deno.test("WAIT_FOR waits until the file is there", async () => {
  const folder = await Deno.makeTempDir();
  const run = runStandin(CHECK, { WAIT_FOR: `${folder}/go`, RUNS_LOG: `${folder}/runs` });
  await until("it has begun", () => readRuns(`${folder}/runs`).length === 1);
  assert.equal(readRuns(`${folder}/runs`)[0]?.end, undefined);
  await Deno.writeTextFile(`${folder}/go`, "");
  assert.equal((await run).code, 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("SCENARIO may stand in the config file; the environment goes before it", async () => {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, JSON.stringify({ PGHOST: "db", WALG_STANDIN_SCENARIO: "no-backups" }, null, 2));
  const list = ["--config", config, ...LIST];
  assert.equal((await runStandin(list)).stdout, (await runStandin(LIST, { SCENARIO: "no-backups" })).stdout);
  assert.equal(
    (await runStandin(list, { SCENARIO: "healthy" })).stdout,
    (await runStandin(LIST, { SCENARIO: "healthy" })).stdout,
  );
  await Deno.remove(config);
});

Deno.test("STREAM_DELAY writes the same bytes in two parts", async () => {
  const whole = await runStandin(LIST, { SHIFT_TO: 1_800_000_000 });
  const parts = await runStandin(LIST, { SHIFT_TO: 1_800_000_000, STREAM_DELAY: "0.3" });
  assert.equal(parts.stdout, whole.stdout);
  assert.ok(parts.seconds >= 0.3);
  const odd = await runStandin(LIST, { TRUNCATE: 7, STREAM_DELAY: "0.1" });
  assert.equal(odd.stdout, (await runStandin(LIST)).stdout.slice(0, 7));
});

Deno.test("ROTATE_DIR serves its files in turn, to backup-list alone", async () => {
  const ROTATE_DIR = await Deno.makeTempDir();
  for (const name of ["10", "02", "01"]) await Deno.writeTextFile(`${ROTATE_DIR}/${name}`, name);
  const served: string[] = [];
  for (let run = 0; run < 5; run++) served.push((await runStandin(LIST, { ROTATE_DIR })).stdout);
  assert.deepEqual(served, ["01", "02", "10", "01", "02"]);
  assert.match((await runStandin(VERIFY, { ROTATE_DIR })).stdout, /^\{"integrity"/);
  await Deno.remove(ROTATE_DIR, { recursive: true });
  const gone = await runStandin(LIST, { ROTATE_DIR });
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /^ERROR: .* no file in ROTATE_DIR /);
});

Deno.test("RUNS_LOG tells operation, pid, start, arguments and the normal end", async () => {
  const RUNS_LOG = await Deno.makeTempFile();
  const before = Date.now() / 1000;
  await runStandin(["--config", "/dev/null", ...CHECK], { RUNS_LOG });
  await runStandin(LIST, { RUNS_LOG, KILL_SELF: "KILL" });
  const lines = (await Deno.readTextFile(RUNS_LOG)).trim().split("\n");
  const [, pid = "", time = ""] =
    /^st-check (\d+) (\d+\.\d{9}) --config \/dev\/null st check read$/.exec(lines[0] ?? "") ?? [];
  assert.ok(Number(time) > before - 0.01 && Number(time) < Date.now() / 1000, lines[0]);
  assert.match(lines[1] ?? "", new RegExp(`^END st-check ${pid} \\d+\\.\\d{9}$`));
  assert.match(lines[2] ?? "", /^backup-list /);
  assert.equal(lines.length, 3);
  await Deno.remove(RUNS_LOG);
});
