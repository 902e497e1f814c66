import "./executable.ts";
import assert from "node:assert/strict";
import { runCli } from "../commands/run_cli.ts";
import { pause, spawnExporter, startExporter } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { ROOT } from "../support/paths.ts";

const NET = "0.0.0.0, [::], localhost, 127.0.0.0/8, [::1], 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10";
const READ = "/etc/walg-exporter, /etc/ssl, /etc/pki, /etc/letsencrypt, /run/credentials and /run/secrets";
const NET_FIX = "choose one of these, or compile with scopes of your own (see docs/sandbox.md)";

/** A start that fails at once: its flags, its exit status and its one line. */
const REFUSED: readonly { readonly flags: readonly string[]; readonly status: number; readonly says: string }[] = [
  ...["8.8.8.8:9351", "[fd00::1]:9351", "db.example.com:9351"].map((address) => ({
    flags: [`-web.listen-address=${address}`],
    status: 1,
    says: `-web.listen-address=${address}: the sandbox listens on ${NET} only; ${NET_FIX}`,
  })),
  {
    flags: ["-web.listen-address=192.168.254.254:9351"],
    status: 1,
    says:
      "-web.listen-address=192.168.254.254:9351: this machine does not have that address; choose one that it has, or " +
      ":PORT for all",
  },
  {
    flags: ["-web.listen-address=127.0.0.1:port"],
    status: 2,
    says: "Cannot use -web.listen-address '127.0.0.1:port': port 'port' is not a number from 0 to 65535",
  },
  ...["/tmp/web.yml", "./web.yml", "/root/web.yml"].map((file) => ({
    flags: ["-web.listen-address=127.0.0.1:0", `-web.config.file=${file}`],
    status: 1,
    says: `Cannot read web config '${file}': the sandbox reads only below ${READ}; move the file there`,
  })),
  {
    flags: ["-web.listen-address=127.0.0.1:0", "-web.config.file=/etc/ssl/no-such-file.yml"],
    status: 1,
    says: "Cannot read web config '/etc/ssl/no-such-file.yml': No such file or directory (os error 2)",
  },
];

for (const { flags, status, says } of REFUSED) {
  Deno.test(`${flags.at(-1)}: one line and exit status ${status}`, async () => {
    const { code, stdout, stderr } = await runCli(flags);
    assert.deepEqual({ code, stdout, stderr }, { code: status, stdout: "", stderr: `walg-exporter: ${says}\n` });
  });
}

Deno.test("an address in use: one line and exit status 1", async () => {
  const holder = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const address = `127.0.0.1:${holder.addr.port}`;
    const { code, stderr } = await runCli([`-web.listen-address=${address}`]);
    const says = `-web.listen-address=${address}: the address is in use; stop what listens there, or choose another`;
    assert.deepEqual({ code, stderr }, { code: 1, stderr: `walg-exporter: ${says}\n` });
  } finally {
    holder.close();
  }
});

/** A start that succeeds though wal-g cannot be run. */
interface Crippled {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly type: string;
  readonly says: string;
}

const LD_SAYS = (name: string): string =>
  `${name} is set: with it the sandbox runs nothing; unset ${name} and start the exporter again`;
const CRIPPLED: readonly Crippled[] = [
  {
    name: "no wal-g on PATH",
    env: { PATH: "/nowhere" },
    type: "not_found",
    says:
      "cannot find a 'wal-g' on PATH that this user may execute, or the interpreter it names; install wal-g or name it with -walg.path=PATH",
  },
  {
    name: "a path inside the scopes without a file",
    flags: ["-walg.path=/opt/wal-g/bin/wal-g"],
    type: "not_found",
    says:
      "cannot find '/opt/wal-g/bin/wal-g', or the interpreter it names; install wal-g or name it with -walg.path=PATH",
  },
  {
    name: "a path outside the scopes",
    flags: [`-walg.path=${ROOT}/fixtures/standin/wal-g`],
    type: "not_permitted",
    says:
      `the sandbox does not run '${ROOT}/fixtures/standin/wal-g'; if it exists, let it with: mkdir -p /etc/walg-exporter/bin && ln -s ` +
      `${ROOT}/fixtures/standin/wal-g /etc/walg-exporter/bin/wal-g, and start the exporter again with ` +
      "-walg.path=/etc/walg-exporter/bin/wal-g",
  },
  ...["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_BIND_NOW"].map((name) => ({
    name: `${name} in the environment`,
    env: { [name]: name === "LD_BIND_NOW" ? "1" : "/nowhere/lib.so" },
    type: "not_permitted",
    says: LD_SAYS(name),
  })),
];

for (const { name, type, says, ...options } of CRIPPLED) {
  Deno.test(`${name}: ${type} in log and series; serving goes on`, async () => {
    await using exporter = await startExporter(options);
    await exporter.ready();
    for (const operation of ["backup-list", "wal-verify", "storage-check"]) {
      const line = exporter.log().split("\n").find((line) => line.includes(`operation=${operation} `)) ?? "";
      assert.ok(line.includes(`msg="run failed" operation=${operation} error_type=${type} `), exporter.log());
      assert.ok(line.includes(` error="${says}" `), line);
    }
    const series = parseExposition(await exporter.metrics()).get("walg_errors_total")?.series ?? [];
    const counted = series.filter(({ value }) => value > 0).map(({ labels }) => Object.values(labels).join(" "));
    assert.deepEqual(counted.toSorted(), [`backup-list ${type}`, `storage-check ${type}`, `wal-verify ${type}`]);
    const page = await (await exporter.get("/")).text();
    assert.ok(page.includes(type) || page.includes(escaped(says)), page);
    assert.ok((await exporter.get("/-/healthy")).ok);
  });
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

Deno.test("a wal-g installed after start stays refused until a restart, and the log says so", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using exporter = await startExporter({
      env: { PATH: `${folder}:/usr/bin:/bin` },
      flags: ["-storage-check.scrape-interval=200ms", "-scrape.jitter=0s"],
    });
    await exporter.logged(/operation=storage-check error_type=not_found/);
    await Deno.symlink(`${ROOT}/fixtures/bin/wal-g`, `${folder}/wal-g`);
    const line = await exporter.logged(/operation=storage-check error_type=not_permitted .*$/m);
    const says = "'wal-g' was not on PATH when the exporter started; install it or pass -walg.path, and start the " +
      "exporter again";
    assert.ok(line.includes(` error="${says}" `), line);
    await exporter.stop();
    await using restarted = await startExporter({ env: { PATH: `${folder}:/usr/bin:/bin` } });
    await restarted.ready();
    assert.ok(!restarted.log().includes("run failed"), restarted.log());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a start prints nothing but its own lines", async () => {
  await using exporter = spawnExporter({});
  await exporter.logged(/msg=serving/);
  await pause(300);
  for (const line of exporter.log().trimEnd().split("\n")) {
    assert.match(line, /^time=\S+ level=\w+ logger=walg-exporter /);
  }
});
