import assert from "node:assert/strict";
import { CAPTURES, STANDIN_BIN, WITH_LISTINGS } from "../support/paths.ts";
import { runCli } from "./run_cli.ts";

const LINE = /^WALG (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+ \| \w+=/;

for (
  const [scenario, status, word] of [
    ["healthy", 0, "OK"],
    ["postgres-down", 1, "WARNING"],
    ["segment-lost", 1, "WARNING"],
    ["split-brain", 2, "CRITICAL"],
    ["wal-g-1.1/two-timelines", 1, "WARNING"],
  ] as const
) {
  Deno.test(`check in the sandbox, ${scenario}: exit status ${status}, nothing on stderr`, async () => {
    const { code, stdout, stderr } = await runCli(["check"], {
      // By a clock that is behind the captures, their backups would lie in the future.
      env: { WALG_STANDIN_SCENARIO: scenario, WALG_STANDIN_SHIFT: "1" },
    });
    assert.equal(stderr, "");
    assert.equal(code, status);
    assert.equal(LINE.exec(stdout)?.[1], word);
  });
}

Deno.test("check: a wal-g that cannot be run is UNKNOWN, one in an empty PATH and one outside the sandbox alike", async () => {
  for (const path of ["wal-g-that-is-not-there", "/nowhere/wal-g"]) {
    const { code, stdout } = await runCli(["check", `-walg.path=${path}`]);
    assert.equal(code, 3, path);
    assert.match(stdout, /^WALG UNKNOWN - wal-g cannot be run: /);
  }
});

Deno.test("check --format json: one document, with the exit status in it", async () => {
  const env = { WALG_STANDIN_SCENARIO: "split-brain" };
  const { code, stdout } = await runCli(["check", "--format", "json"], { env });
  const document = JSON.parse(stdout);
  assert.equal(code, 2);
  assert.equal(document.exit_status, 2);
  assert.match(document.summary, /^Timeline mismatch/);
  assert.ok(document.checks.length > 8);
});

Deno.test("check: a wrong command line is one line and exit status 3", async () => {
  for (const args of [["--max-backup-age=1y"], ["--no-such-flag"], ["now"], ["--max-backup-age"]]) {
    const { code, stdout, stderr } = await runCli(["check", ...args]);
    assert.equal(code, 3, args.join(" "));
    assert.match(stderr, /^walg-exporter: [^\n]+\n$/);
    const [, why = ""] = /^walg-exporter: (.*)\n$/.exec(stderr) ?? [];
    assert.equal(stdout, `WALG UNKNOWN - ${why}\n`);
  }
});

Deno.test("check --format json: a wrong command line is a document, too", async () => {
  for (const args of [["--format", "json", "--no-such-flag"], ["-max-backup-age=1y", "-format=json"]]) {
    const { code, stdout, stderr } = await runCli(["check", ...args]);
    assert.equal(code, 3, args.join(" "));
    const document = JSON.parse(stdout);
    assert.deepEqual([document.status, document.exit_status], ["UNKNOWN", 3]);
    assert.equal(stderr, `walg-exporter: ${document.summary}\n`);
  }
});

Deno.test("check does not wait for wal-g's retries once the storage check has failed", async () => {
  const env = {
    WALG_STANDIN_SCENARIO: "s3-refused-then-terminated",
    WALG_STANDIN_HANG: "1",
    WALG_STANDIN_HANG_VERSION: "0",
  };
  const { code, stdout } = await runCli(["check", "-storage-check.timeout=500ms"], { env });
  assert.equal(code, 2);
  assert.match(stdout, /^WALG CRITICAL - The storage does not answer: no answer within 0.5 s: .*connection refused/);
  assert.match(stdout, /^backups +- +no answer, for the reason that storage gives$/m);
});

Deno.test("check: a slow storage check that fails leaves others that answer as they are", async () => {
  const env = { WALG_STANDIN_SCENARIO_ST_CHECK: "s3-bad-key", WALG_STANDIN_SCENARIO: "healthy" };
  const { code, stdout } = await runCli(["check"], { env });
  assert.equal(code, 2);
  assert.match(stdout, /^backups +OK /m);
  assert.match(stdout, /^newest backup +OK /m);
});

/** A wal-g whose second backup-list no longer has the backup that lost its files, as after 'wal-g delete'. */
async function deletingWalg(folder: string): Promise<void> {
  const capture = `${CAPTURES}/archive-wal-g-3.0.9/part-lost/backup-list.stdout`;
  const kept = JSON.parse(await Deno.readTextFile(capture))
    .filter((backup: Record<string, string>) => backup["backup_name"] !== "base_000000010000000000000013");
  await Deno.writeTextFile(`${folder}/kept`, JSON.stringify(kept));
  const script = `#!/bin/sh
if [ "$1" = backup-list ]; then
  if [ -e ${folder}/asked ]; then export WALG_STANDIN_STDOUT_FILE_BACKUP_LIST=${folder}/kept; fi
  : >${folder}/asked
fi
exec ${STANDIN_BIN}/wal-g "$@"
`;
  await Deno.writeTextFile(`${folder}/wal-g`, script, { mode: 0o755 });
}

Deno.test("check: a backup that lost files is reported, one that was deleted while they were listed is not", async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-deleting-" });
  try {
    await deletingWalg(folder);
    const env = { WALG_STANDIN_SCENARIO: "part-lost" };
    const args = ["check", "--format", "json", ...WITH_LISTINGS];
    const rowOf = async (path?: string): Promise<string> => {
      const { stdout } = await runCli(args, { env, ...(path !== undefined && { path }) });
      const { checks }: { readonly checks: readonly { readonly check: string; readonly text: string }[] } = JSON.parse(
        stdout,
      );
      return checks.find(({ check }) => check === "backup files")?.text ?? stdout;
    };
    assert.match(await rowOf(), /base_000000010000000000000013 is not restorable, files are gone/);
    assert.doesNotMatch(await rowOf(`${folder}:${Deno.env.get("PATH") ?? ""}`), /gone/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("docs/commands.md names every figure of perfdata, and no other", async () => {
  const { stdout } = await runCli(["check", "-format=json"], { env: { WALG_STANDIN_SCENARIO: "healthy" } });
  const figures: readonly { readonly name: string }[] = JSON.parse(stdout).figures;
  const text = await Deno.readTextFile(new URL("../../docs/commands.md", import.meta.url));
  const [, table = ""] = /### Perfdata\n.*?\n\| --- .*?\n(.*?)\n\n/s.exec(text) ?? [];
  const named = table.split("\n").flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name)
  );
  assert.deepEqual(named, figures.map(({ name }) => name));
});
