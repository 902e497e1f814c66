import assert from "node:assert/strict";
import { addressStep } from "../../../src/commands/doctor/address.ts";
import {
  cachesStep,
  loaderVariablesStep,
  namedVariable,
  sandboxStep,
  settingsStep,
  stepLines,
  summaryLine,
  userStep,
  versionStep,
  walgStep,
} from "../../../src/commands/doctor/steps.ts";
import type { CommandEnd } from "../../../src/walg/command.ts";
import { fixturePath } from "../../standin.ts";

const gone = Promise.resolve();

function run(end: Partial<CommandEnd>, text = "") {
  const stdout = new TextEncoder().encode(text);
  const whole: CommandEnd = { how: "exited", stdout, stderr: "", gone, ...end };
  return { end: whole, walgPath: "wal-g", blocked: undefined };
}

Deno.test("version: what each release prints", () => {
  const step = (text: string) => versionStep(run({ exitCode: 0 }, text));
  const tail = "\tabc\t2026.01.01_00:00:00\tPostgreSQL\n";
  assert.equal(step(`wal-g version v3.0.9${tail}`).text, "WAL-G 3.0.9");
  assert.match(step(`wal-g version v1.1${tail}`).text, /^WAL-G 1\.1, which has no storage check/);
  assert.equal(step("wal-g version v2.0.1\t\t\t\n").status, "ok");
  assert.equal(step("hello 1.0\n").status, "failed");
  assert.equal(step("").status, "failed");
  assert.equal(step("wal-g version devel\tdevel\tdevel\tPostgreSQL\n").text, "WAL-G devel");
  assert.deepEqual(step(`wal-g version ${tail}`), { status: "ok", text: "WAL-G without a version" });
  assert.match(step("wal-g version v3.0.3\tabc\t2026.01.01\tMongoDB\n").text, /for MongoDB/);
  assert.equal(step("wal-g version \tabc\t2026.01.01\tMySQL\n").status, "failed");
  assert.match(versionStep(run({ how: "timed_out" })).text, /no answer within 10 s/);
});

Deno.test("wal-g: a crash, a shell that cannot run it, and what an earlier check has told", () => {
  assert.match(walgStep(run({ how: "killed", signal: "SIGILL" })).text, /ended by SIGILL/);
  assert.equal(walgStep(run({ exitCode: 126, stderr: "sh: wal-g: Exec format error\n" })).status, "failed");
  assert.equal(walgStep(run({ exitCode: 1 })).status, "ok");
  const started: Partial<CommandEnd> = { how: "not_started", startError: new Deno.errors.NotFound("no") };
  assert.match(walgStep({ ...run(started), walgPath: "/opt/bin/wal-g" }).fix ?? "", /ldd \/opt\/bin\/wal-g/);
  assert.deepEqual(walgStep({ ...run(started), blocked: "it is blocked" }), {
    status: "skipped",
    text: "it is blocked",
  });
});

Deno.test("caches: a cache that is not there yet is the first run's; one that is refused is a failure", async () => {
  const first = await Deno.readTextFile(fixturePath("captures/wal-g-3.0.9/failover-storage/backup-list.stderr"));
  assert.equal(cachesStep(first, "/var/lib/postgresql").status, "ok");
  const refused = first.replaceAll("no such file or directory", "permission denied");
  assert.equal(cachesStep(refused, "/var/lib/postgresql").status, "failed");
  assert.match(cachesStep("", undefined).text, /^HOME is not set; /);
  assert.match(cachesStep("", "").text, /^HOME is empty; /);
});

Deno.test("config: every class of setting is told apart from what the storage says", async () => {
  const stepOf = async (name: string) => {
    const stderr = await Deno.readTextFile(fixturePath(`stderr/config/${name}.txt`));
    return settingsStep({ stderr, failedStderr: [stderr], configPath: "/etc/wal-g.json" });
  };
  for (const name of ["config-file", "no-storage", "setting-missing", "setting-value", "compression", "crypto-key"]) {
    const { status, fix } = await stepOf(name);
    assert.equal(status, "failed", name);
    assert.ok(fix, name);
  }
  for (const name of ["bucket-missing", "folder-missing", "s3-region", "s3-no-credentials"]) {
    assert.equal((await stepOf(name)).status, "ok", name);
  }
});

Deno.test("LD_* variables: the one that Deno names counts, seen or not", () => {
  const error = new Deno.errors.NotCapable("Requires --allow-run permissions to spawn subprocess with LD_DEBUG env");
  assert.equal(namedVariable(error), "LD_DEBUG");
  const step = loaderVariablesStep({ set: [], named: namedVariable(error), sandboxed: true });
  assert.equal(step.status, "failed");
  assert.match(step.fix ?? "", /^Unset LD_DEBUG/);
  assert.equal(loaderVariablesStep({ set: ["LD_PRELOAD"], named: undefined, sandboxed: false }).status, "ok");
});

Deno.test("sandbox: each scope that is missing, and its fix", () => {
  const scopes = { off: false, runsWalg: true, walgPath: "wal-g", refusedAddresses: [], refusedFiles: [] };
  assert.equal(sandboxStep(scopes).status, "ok");
  assert.match(sandboxStep({ ...scopes, off: true }).text, /there is none/);
  assert.match(sandboxStep({ ...scopes, runsWalg: false, walgPath: "/x/wal-g" }).fix ?? "", /ln -s \/x\/wal-g/);
  assert.match(sandboxStep({ ...scopes, refusedAddresses: ["8.8.8.8:1"] }).fix ?? "", /:9351 for all/);
  assert.match(
    sandboxStep({ ...scopes, refusedFiles: ["/root/web.yml"] }).fix ?? "",
    /-web\.config\.file=\/etc\/walg-exporter\/web\.yml$/,
  );
});

Deno.test("user: root is told of, and an unknown one is no failure", () => {
  assert.match(userStep(0).text, /^root/);
  assert.equal(userStep(999).text, "uid 999");
  assert.equal(userStep(undefined).status, "skipped");
});

Deno.test("address: each way in which binding fails has its fix", () => {
  const step = (how: Parameters<typeof addressStep>[0][number]["how"]) => addressStep([{ address: ":80", how }]);
  assert.match(step("in use").fix ?? "", /sport = :80/);
  assert.match(step("not allowed").fix ?? "", /1024 or higher/);
  assert.match(step("no such address").fix ?? "", /that this machine has/);
  assert.equal(step("free").status, "ok");
  assert.equal(step("served").status, "ok");
});

Deno.test("a check is one line, its fix another; the last line names all failures", () => {
  const step = { name: "storage", status: "failed", text: "a\nb", fix: "c", seconds: 1.234 } as const;
  assert.equal(
    stepLines(step),
    "failed   storage           1.23 s  a b\n                                   What to do: c\n",
  );
  const reordered = { ...step, text: "key\u202eabc", fix: "\u2066" };
  assert.match(stepLines(reordered), /key\\u202eabc\n.*What to do: \\u2066\n$/);
  assert.equal(stepLines({ name: "user", status: "ok", text: "uid 1" }), "ok       user                      uid 1\n");
  assert.equal(summaryLine([step]), "Failed: storage. Fix the first one and run doctor again.\n");
  assert.equal(summaryLine([]), "Nothing failed.\n");
});
