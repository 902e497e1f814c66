import assert from "node:assert/strict";
import { spawnExporter, startExporter, until } from "../support/exporter.ts";
import { allSeries, parseExposition } from "../support/exposition_parser.ts";
import { CAPTURES } from "../support/paths.ts";
import { controlStandin } from "../standin.ts";

const FAST = [
  "-backup-list.scrape-interval=50ms",
  "-wal-verify.scrape-interval=50ms",
  "-storage-check.scrape-interval=50ms",
];

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    // A zombie has ended; only its parent has not asked yet.
    return !/^\d+ \(.*\) Z/.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

function lines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).trimEnd().split("\n");
  } catch {
    return [];
  }
}

Deno.test("serving starts before the first run ends", async () => {
  await withFolder(async (folder) => {
    await using exporter = await startExporter({ env: { WALG_STANDIN_WAIT_FOR: `${folder}/go` } });
    const ready = await exporter.get("/-/ready");
    assert.equal(ready.status, 503);
    await ready.body?.cancel();
    const first = parseExposition(await exporter.metrics());
    assert.equal(first.get("walg_storage_up"), undefined);
    await Deno.writeTextFile(`${folder}/go`, "");
    await exporter.ready();
    const families = parseExposition(await exporter.metrics());
    assert.equal(families.get("walg_storage_up")?.series[0]?.value, 1);
    assert.equal(families.get("walg_version_info")?.series[0]?.labels["version"], "3.0.9");
    assert.ok((families.get("process_resident_memory_bytes")?.series[0]?.value ?? 0) > 1e6);
  });
});

Deno.test("TERM and INT stop it with status 0, and end commands that ignore TERM", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await withFolder(async (folder) => {
      const log = `${folder}/runs`;
      await using exporter = await startExporter({
        env: { WALG_STANDIN_HANG: "1", WALG_STANDIN_IGNORE_TERM: "1", WALG_STANDIN_RUNS_LOG: log },
      });
      await until("three commands hang", () => lines(log).filter((line) => !line.startsWith("version")).length >= 3);
      const pids = lines(log).map((line) => Number(/ (\d+) /.exec(line)?.[1]));
      exporter.signal(signal);
      const status = await exporter.status;
      assert.equal(status.code, 0, exporter.log());
      for (const pid of pids) assert.ok(!isRunning(pid), `${pid} is still there`);
    });
  }
});

Deno.test("a second signal exits at once, and ends the commands", async () => {
  await withFolder(async (folder) => {
    const log = `${folder}/runs`;
    await using exporter = await startExporter({
      env: { WALG_STANDIN_HANG: "1", WALG_STANDIN_IGNORE_TERM: "1", WALG_STANDIN_RUNS_LOG: log },
    });
    await until("all commands hang", () => lines(log).length >= 4);
    // Two different ones, since the kernel keeps only one of a kind; an exit that waits for commands has status 0.
    exporter.signal("SIGTERM");
    exporter.signal("SIGINT");
    assert.equal((await exporter.status).code, 1);
    const pids = lines(log).map((line) => Number(/ (\d+) /.exec(line)?.[1]));
    await until("no command is left", () => !pids.some(isRunning));
  });
});

Deno.test("HUP runs every operation now", async () => {
  await withFolder(async (folder) => {
    const log = `${folder}/runs`;
    await using exporter = await startExporter({ env: { WALG_STANDIN_RUNS_LOG: log } });
    await exporter.ready();
    const runs = (operation: string): number => lines(log).filter((line) => line.startsWith(`${operation} `)).length;
    const before = ["backup-list", "wal-verify", "st-check"].map(runs);
    exporter.signal("SIGHUP");
    await until(
      "each ran again",
      () => ["backup-list", "wal-verify", "st-check"].every((name, n) => runs(name) > (before[n] ?? 0)),
    );
  });
});

Deno.test("while the list changes every run, every scrape holds exactly one complete list", async () => {
  await withFolder(async (folder) => {
    const sizes = [1, 5, 20, 60];
    for (const size of sizes) {
      const list = Array.from({ length: size }, (_, n) => ({ backup_name: `base_list${size}_${n}`, start_lsn: size }));
      await Deno.writeTextFile(`${folder}/${size}`, JSON.stringify(list));
    }
    await using exporter = await startExporter({ flags: FAST, env: { WALG_STANDIN_ROTATE_DIR: folder } });
    await exporter.ready();
    const seen = new Set<number>();
    const scrape = async (): Promise<void> => {
      const families = parseExposition(await exporter.metrics());
      const names = families.get("walg_backup_info")?.series.map(({ labels }) => labels["backup_name"] ?? "") ?? [];
      const size = Number(/^base_list(\d+)_/.exec(names[0] ?? "")?.[1]);
      assert.deepEqual(names, Array.from({ length: size }, (_, n) => `base_list${size}_${n}`));
      assert.equal(families.get("walg_backups")?.series.reduce((sum, { value }) => sum + value, 0), size);
      assert.equal(families.get("walg_backup_compressed_size_bytes")?.series.length, size);
      seen.add(size);
    };
    for (let scrapes = 0; scrapes < 200; scrapes++) await scrape();
    await until("each list was scraped", async () => {
      await scrape();
      return seen.size === sizes.length;
    });
  });
});

Deno.test("a failing run is logged once a minute and counted every time; the last list stays", async () => {
  await withFolder(async (control) => {
    await using exporter = await startExporter({ flags: FAST, env: { WALG_STANDIN_CONTROL: control } });
    await exporter.ready();
    await controlStandin(control, "backup-list", { SCENARIO: `${CAPTURES}/wal-g-3.0.9/s3-bad-key` });
    const errors = async (): Promise<number> => {
      const series = allSeries(parseExposition(await exporter.metrics()));
      return [...series.values()].find(({ labels, name }) =>
        name === "walg_errors_total" && labels["operation"] === "backup-list" &&
        labels["error_type"] === "access_denied"
      )?.value ?? NaN;
    };
    await until("four failed runs", async () => await errors() >= 4);
    const logged = exporter.log().split("\n").filter((line) => line.includes('msg="run failed"'));
    assert.equal(logged.length, 1, exporter.log());
    assert.match(
      logged[0] ?? "",
      /operation=backup-list error_type=access_denied .*InvalidAccessKeyId.*exit_status=1 stderr=/,
    );
    assert.match(await exporter.metrics(), /^walg_backups\{backup_type="full"\} 4$/m);
    await controlStandin(control, "backup-list", { SCENARIO: `${CAPTURES}/wal-g-3.0.9/two-timelines` });
    assert.match(await exporter.logged(/msg="run succeeded again".*$/m), /repeated=\d+/);
  });
});

Deno.test("secrets are masked in the log", async () => {
  await using exporter = await startExporter({
    env: {
      WALG_STANDIN_EXIT: "1",
      WALG_STANDIN_STDERR: "ERROR: https://joe:hunter2@s3.example/ AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI",
    },
  });
  await exporter.logged(/msg="run failed"/);
  assert.doesNotMatch(exporter.log(), /hunter2|wJalrXUtnFEMI/);
});

Deno.test("secrets on lines of their own are masked in log, page and JSON", async () => {
  await using exporter = await startExporter({
    env: {
      WALG_STANDIN_EXIT: "1",
      WALG_STANDIN_STDERR: "ERROR: 2026/11/25 20:00:00.000000 bad config:\n  pgpassword: wJalrA\n  token: wJalrB\n" +
        "  secret: wJalrC\n  apikey: wJalrD\n",
    },
  });
  await exporter.ready();
  const shown = [
    exporter.log(),
    await (await exporter.get("/")).text(),
    await (await exporter.get("/api/v1/status")).text(),
  ];
  for (const text of shown) {
    assert.match(text, /bad config: pgpassword: \*\*\*/);
    assert.doesNotMatch(text, /wJalr/);
  }
});

Deno.test("wal-g gets quiet log levels, and the operator is told", async () => {
  await using exporter = await startExporter({ env: { S3_LOG_LEVEL: "DEVEL", WALG_LOG_LEVEL: "NORMAL" } });
  await exporter.ready();
  assert.match(await exporter.metrics(), /^walg_backups\{backup_type="full"\} 4$/m);
  assert.match(exporter.log(), /level=warning .*S3_LOG_LEVEL=DEVEL is not passed on to wal-g/);
  assert.doesNotMatch(exporter.log(), /WALG_LOG_LEVEL=/);
});

Deno.test("the config path is passed on", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/walg.json`, "{}");
    const log = `${folder}/runs`;
    await using exporter = await startExporter({
      flags: [`-walg.config-path=${folder}/walg.json`],
      env: { WALG_STANDIN_RUNS_LOG: log },
    });
    await exporter.ready();
    for (const operation of ["backup-list", "wal-verify", "st-check"]) {
      const run = lines(log).find((line) => line.startsWith(`${operation} `)) ?? "";
      assert.ok(run.includes(`--config ${folder}/walg.json`), run);
    }
  });
});

Deno.test("JSON logs are one object a line", async () => {
  await using exporter = await startExporter({ flags: ["-log.format=json", "-log.level=debug"] });
  await exporter.ready();
  for (const line of exporter.log().trimEnd().split("\n")) {
    const event = JSON.parse(line);
    assert.equal(typeof event.message, "string");
    assert.equal(typeof event.level, "string");
  }
});

Deno.test("an exporter that cannot start says why in one line and exits", async () => {
  await using busy = await startExporter();
  const port = new URL(busy.url).port;
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [
      [`-web.listen-address=127.0.0.1:${port}`],
      1,
      /-web\.listen-address=.*: the address is in use; stop what listens there, or choose another/,
    ],
    [["-web.listen-address=8.8.8.8:1"], 1, /the sandbox listens on .* only/],
    [["-nonsense"], 2, /unknown flag -nonsense/],
    [["-backup-list.timeout=1x"], 2, /-backup-list\.timeout: Cannot parse duration '1x': unknown unit 'x'/],
    [["chekc"], 2, /there is no command 'chekc'/],
  ];
  for (const [flags, code, message] of cases) {
    const exporter = spawnExporter({ flags });
    const status = await exporter.status;
    await exporter.stop();
    assert.equal(status.code, code, exporter.log());
    const said = exporter.log().trimEnd();
    assert.match(said, /^walg-exporter: /);
    assert.match(said, message);
    assert.equal(said.split("\n").length, 1, said);
  }
});

Deno.test("what runs under another name, or not at all, is told; serving goes on", async () => {
  await using exporter = await startExporter({ flags: ["-walg.path=/bin/ls"] });
  await exporter.ready();
  assert.match(exporter.log(), /error_type=not_permitted .*ln -s \/bin\/ls \/etc\/walg-exporter\/bin\/wal-g/);
  assert.match(
    await exporter.metrics(),
    /^walg_errors_total\{operation="storage-check",error_type="not_permitted"\} 1$/m,
  );
  await using absent = await startExporter({ env: { PATH: "/nonexistent" } });
  await absent.ready();
  assert.match(absent.log(), /error_type=(not_found|not_permitted)/);
});
