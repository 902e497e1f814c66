import assert from "node:assert/strict";
import { exporterCommand, spawnExporter, startExporter, until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { STANDIN_BIN } from "../support/paths.ts";
import { FAST, readRuns, startControlled } from "./controlled.ts";

/** An executable file of 64-bit ELF for another processor. */
function foreignElf(): Uint8Array {
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  // ET_EXEC, and EM_AARCH64 or EM_X86_64: the one that this machine is not.
  header.set([2, 0, Deno.build.arch === "x86_64" ? 0xb7 : 0x3e, 0], 16);
  return header;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function errorsOf(exporter: { metrics(): Promise<string> }): Promise<Map<string, number>> {
  const series = parseExposition(await exporter.metrics()).get("walg_errors_total")?.series ?? [];
  return new Map(
    series.filter(({ value }) => value > 0).map(({ labels, value }) => [
      `${labels["operation"]} ${labels["error_type"]}`,
      value,
    ]),
  );
}

const BROKEN: readonly { what: string; make: (path: string) => Promise<void>; type: string; says: RegExp }[] = [
  { what: "is a directory", make: (path) => Deno.mkdir(path), type: "not_executable", says: /'[^']*wal-g' .*execut/ },
  {
    what: "is not executable",
    make: (path) => Deno.writeTextFile(path, "#!/bin/sh\n", { mode: 0o644 }),
    type: "not_executable",
    says: /'[^']*wal-g' is not an executable file/,
  },
  {
    what: "is for another architecture",
    make: (path) => Deno.writeFile(path, foreignElf(), { mode: 0o755 }),
    type: "not_executable",
    says: /'[^']*wal-g' cannot be executed on this machine/,
  },
  {
    what: "has an interpreter that is not there",
    make: (path) => Deno.writeTextFile(path, "#!/no/such/interpreter\n", { mode: 0o755 }),
    type: "not_found",
    says: /'[^']*wal-g'/,
  },
  { what: "is not there", make: () => Promise.resolve(), type: "not_found", says: /cannot find '[^']*wal-g'/ },
];

/** The sandbox lets it run what wal-g is when it starts: so it becomes what it should not be after that. */
for (const { what, make, type, says } of BROKEN) {
  Deno.test(`wal-g ${what}: ${type}, and a line that says so`, async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/wal-g`;
      await Deno.writeTextFile(path, `#!/bin/sh\nexec ${STANDIN_BIN}/wal-g "$@"\n`, { mode: 0o755 });
      await using exporter = await startExporter({
        flags: [...FAST, `-walg.path=${path}`],
        env: { PATH: `${folder}:/usr/bin:/bin` },
      });
      await exporter.ready();
      assert.match(await exporter.metrics(), /^walg_storage_up 1$/m, exporter.log());
      await Deno.remove(path);
      await make(path);
      const errors = (): Promise<Map<string, number>> => errorsOf(exporter);
      for (const operation of ["backup-list", "wal-verify", "storage-check"]) {
        await until(`${operation} ${type}`, async () => (await errors()).has(`${operation} ${type}`))
          .catch(async (error) => assert.fail(`${error} but ${[...await errors()]}\n${exporter.log()}`));
      }
      const line = exporter.log().split("\n").findLast((text) => text.includes(`error_type=${type}`)) ?? "";
      assert.match(line, says);
      assert.match(await exporter.metrics(), /^walg_storage_up 0$/m);
      assert.match(await exporter.metrics(), /^walg_backups\{backup_type="full"\} 4$/m);
      assert.doesNotMatch(exporter.log(), /^\s+at /m);
      await Deno.remove(path, { recursive: true }).catch(() => {});
      await Deno.writeTextFile(path, `#!/bin/sh\nexec ${STANDIN_BIN}/wal-g "$@"\n`, { mode: 0o755 });
      await until("well again", async () => /^walg_storage_up 1$/m.test(await exporter.metrics()));
    });
  });
}

Deno.test("no wal-g on PATH at the start: not_found; installed later: not_permitted, and that a restart helps", async () => {
  await withFolder(async (folder) => {
    await using exporter = await startExporter({ flags: FAST, env: { PATH: `${folder}:/usr/bin:/bin` } });
    await exporter.ready();
    assert.ok((await errorsOf(exporter)).has("backup-list not_found"));
    assert.match(
      exporter.log(),
      /cannot find a 'wal-g' on PATH that this user may execute, or the interpreter it names; install wal-g or name it with -walg\.path=PATH/,
    );
    await Deno.symlink(`${STANDIN_BIN}/wal-g`, `${folder}/wal-g`);
    await until("refused", async () => (await errorsOf(exporter)).has("backup-list not_permitted"));
    assert.match(exporter.log(), /'wal-g' was not on PATH when the exporter started; .*start the exporter again/);
  });
});

Deno.test("a wal-g of no bytes, refused by Deno 2.7 and run as an empty script by 2.9: wal-verify and the version tell", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/wal-g`, "", { mode: 0o755 });
    await using exporter = await startExporter({ env: { PATH: `${folder}:/usr/bin:/bin` } });
    await exporter.ready();
    const errors = await errorsOf(exporter);
    assert.ok(errors.has("wal-verify not_executable") || errors.has("wal-verify empty_output"), `${[...errors]}`);
    assert.doesNotMatch(await exporter.metrics(), /^walg_version_info/m);
  });
});

Deno.test("LD_PRELOAD is set: not_permitted, and the line names the variable", async () => {
  await using exporter = await startExporter({ env: { LD_PRELOAD: "/nonexistent.so" } });
  await exporter.ready();
  const errors = await errorsOf(exporter);
  assert.ok((errors.get("backup-list not_permitted") ?? 0) >= 1, `${[...errors]}`);
  assert.match(exporter.log(), /LD_PRELOAD is set: .*unset LD_PRELOAD and start the exporter again/);
});

Deno.test("a config file that WAL-G cannot read: its own words, of type config", async () => {
  // As WAL-G 3 says it without the file's settings.
  const words = "ERROR: 2026/11/23 03:12:44.941910 Failed to find any configured storage";
  await using exporter = await startControlled({
    flags: ["-walg.config-path=/nonexistent/walg.json"],
    knobs: { all: { EXIT: 1, STDERR: words } },
  });
  await exporter.ready();
  const errors = await errorsOf(exporter);
  assert.ok((errors.get("backup-list config") ?? 0) >= 1, `${[...errors]}`);
  assert.match(exporter.log(), /operation=backup-list error_type=config error="Failed to find any configured storage"/);
  assert.match(exporter.log(), /Failed to parse config file \/nonexistent\/walg\.json/, "the warning stands in stderr");
});

Deno.test("a wrong user: the storage's refusal is access_denied, PostgreSQL's is postgres_down", async () => {
  const denied = "ERROR: 2026/11/23 03:12:44.941910 open /backup/basebackups_005: permission denied";
  const refused =
    'ERROR: 2026/11/23 03:12:44.941910 Connect: postgres connection failed: FATAL: role "root" does not exist (SQLSTATE 28000)';
  await using exporter = await startControlled({
    knobs: { "backup-list": { EXIT: 1, STDERR: denied }, "wal-verify": { EXIT: 1, STDERR: refused } },
  });
  await exporter.ready();
  const errors = await errorsOf(exporter);
  assert.ok((errors.get("backup-list access_denied") ?? 0) >= 1, `${[...errors]}`);
  assert.ok((errors.get("wal-verify postgres_down") ?? 0) >= 1, `${[...errors]}`);
});

/** Starts the exporter by a shell, so that its streams can be closed or full; it must serve and stop as ever. */
async function servesWith(redirections: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  const runs = `${folder}/runs`;
  // Its log cannot say which port it chose: so it gets an address that nothing else uses.
  const [a = 0, b = 0, c = 0] = crypto.getRandomValues(new Uint8Array(3));
  const address = `127.${1 + a % 250}.${b}.${c}:9351`;
  const [command, ...args] = exporterCommand();
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      `exec "$@" ${redirections}`,
      "sh",
      command,
      ...args,
      `-web.listen-address=${address}`,
      "-storage-check.scrape-interval=50ms",
      "-log.level=debug",
    ],
    env: { PATH: `${STANDIN_BIN}:${Deno.env.get("PATH") ?? ""}`, WALG_STANDIN_RUNS_LOG: runs },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  // Where it is not redirected, it is a pipe that nobody reads.
  await child.stderr.cancel();
  try {
    const scrape = (): Promise<string> => fetch(`http://${address}/metrics`).then((answer) => answer.text());
    await until("it serves", () => scrape().then((text) => text.includes("walg_storage_up 1"), () => false));
    await until("it runs wal-g on and on", () => readRuns(runs).length >= 15);
    await until("it shows the list", async () => /^walg_backups\{backup_type="full"\} 4$/m.test(await scrape()));
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
  assert.equal((await child.status).code, 0);
}

for (
  const [what, redirections] of [
    ["stdout is closed", ">&-"],
    ["stdout and stderr are closed", ">&- 2>&-"],
    ["all three are closed", "<&- >&- 2>&-"],
    ["stderr is a pipe whose reader has gone", ""],
    ["stderr is on a full disk", "2>/dev/full"],
    ["stdout and stderr are on a full disk", ">/dev/full 2>&1"],
  ] as const
) {
  Deno.test(`${what}: it serves, runs and stops as ever`, () => servesWith(redirections));
}

Deno.test("an address that is taken, and one that the sandbox does not allow: one line and status 1", async () => {
  await using first = await startExporter();
  const address = new URL(first.url).host;
  for (const [flag, says] of [[address, /address is in use/], ["8.8.8.8:9351", /sandbox listens on/]] as const) {
    const second = spawnExporter({ flags: [`-web.listen-address=${flag}`] });
    const status = await second.status;
    await second.stop();
    assert.equal(status.code, 1);
    assert.equal(second.log().trim().split("\n").length, 1, second.log());
    assert.match(second.log(), says);
  }
});
