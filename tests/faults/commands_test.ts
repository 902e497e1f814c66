import assert from "node:assert/strict";
import { until } from "../support/exporter.ts";
import { FAST, startControlled } from "./controlled.ts";
import { childrenOf, figuresOf, isRunning } from "./processes.ts";

const SECOND_TIMEOUTS = ["-backup-list.timeout=500ms", "-wal-verify.timeout=500ms", "-storage-check.timeout=500ms"];

Deno.test("wal-verify hangs: storage checks and backup lists go on", async () => {
  await using exporter = await startControlled({
    flags: [...FAST, "-wal-verify.timeout=1h"],
    knobs: { "wal-verify": { HANG: 1 } },
  });
  for (const operation of ["st-check", "backup-list"] as const) {
    await until(`twenty runs of ${operation}`, () => exporter.runs(operation).length >= 20);
  }
  assert.equal(exporter.runs("wal-verify").length, 1);
  assert.equal(await exporter.value("walg_scrape_success", { operation: "wal-verify" }), undefined);
  assert.equal(exporter.log().includes("run failed"), false, exporter.log());
});

Deno.test("backup-list fails for long: wal-verify and the storage check go on, and its next success is shown", async () => {
  await using exporter = await startControlled({ knobs: { "backup-list": { EXIT: 1 } } });
  const success = (operation: string): Promise<number | undefined> =>
    exporter.value("walg_scrape_success", { operation });
  for (const operation of ["backup-list", "wal-verify", "st-check"] as const) {
    await until(`six runs of ${operation}`, () => exporter.runs(operation).length >= 6);
  }
  assert.deepEqual(
    [await success("backup-list"), await success("wal-verify"), await success("storage-check")],
    [0, 1, 1],
  );
  await exporter.knobs("backup-list");
  await until("it succeeds", async () => await success("backup-list") === 1);
});

Deno.test("walg_storage_up is 0 from the first failed check on and 1 from its next success on", async () => {
  await using exporter = await startControlled();
  await until("up", async () => await exporter.value("walg_storage_up") === 1);
  await exporter.knobs("st-check", { EXIT: 1, STDERR: "ERROR: 2026/11/23 03:12:44.941910 no route" });
  await until("five failed checks", async () => {
    const families = await exporter.families();
    const [up] = families.get("walg_storage_up")?.series ?? [];
    const failures = families.get("walg_errors_total")?.series.find(({ labels }) =>
      labels["operation"] === "storage-check" && labels["error_type"] === "connectivity_failed"
    )?.value ?? 0;
    assert.equal(up?.value, failures === 0 ? 1 : 0, `after ${failures} failures`);
    return failures >= 5;
  });
  await exporter.knobs("st-check");
  await until("up again", async () => await exporter.value("walg_storage_up") === 1);
});

Deno.test("a command that ignores TERM is ended by KILL; the last good list stays and the error is a timeout", async () => {
  await using exporter = await startControlled({ flags: [...FAST, ...SECOND_TIMEOUTS] });
  await exporter.ready();
  await exporter.knobs("backup-list", { HANG: 1, IGNORE_TERM: 1 });
  const hanging = (): number | undefined =>
    childrenOf(exporter.pid).find(({ commandLine }) => commandLine.includes("sleep 2147483647"))?.pid;
  await until("one hangs", () => hanging() !== undefined);
  const pid = hanging() ?? 0;
  await until("it is gone", () => !isRunning(pid));
  await until(
    "counted",
    async () => await exporter.value("walg_errors_total", { operation: "backup-list", error_type: "timeout" }) === 1,
  );
  // 0.5 s timeout, 2 s to KILL.
  const seconds = await exporter.value("walg_scrape_duration_seconds", { operation: "backup-list" }) ?? NaN;
  assert.ok(seconds >= 2.5, `${seconds} s`);
  assert.equal(await exporter.value("walg_backups", { backup_type: "full" }), 4);
  assert.equal(await exporter.value("walg_scrape_success", { operation: "backup-list" }), 0);
});

Deno.test("the latency of a check that reaches its timeout is that of the whole run", async () => {
  await using exporter = await startControlled({
    flags: [...FAST, ...SECOND_TIMEOUTS],
    knobs: { "st-check": { HANG: 1 } },
  });
  await until("down", async () => await exporter.value("walg_storage_up") === 0);
  const seconds = await exporter.value("walg_storage_latency_seconds") ?? NaN;
  assert.ok(seconds >= 0.5, `${seconds} s`);
});

/** Longer than any test takes, seconds. */
const FOR_LONG = 600;

Deno.test("a grandchild that keeps the pipes: the answer is shown, no second tree starts, `timeout` counts, then all is well", async () => {
  await using exporter = await startControlled({ knobs: { "backup-list": { GRANDCHILD: FOR_LONG } } });
  await until("the list is shown", async () => await exporter.value("walg_backups", { backup_type: "full" }) === 4);
  await exporter.knobs("backup-list");
  const timeouts = (): Promise<number | undefined> =>
    exporter.value("walg_errors_total", { operation: "backup-list", error_type: "timeout" });
  await until("the wait is counted", async () => (await timeouts() ?? 0) >= 2);
  await until("the storage check goes on", () => exporter.runs("st-check").length > 10);
  assert.equal(exporter.runs("backup-list").length, 1);
  const [grandchild = 0] = exporter.grandchildren();
  assert.ok(isRunning(grandchild));
  Deno.kill(grandchild, "SIGKILL");
  await until(
    "it runs again",
    async () =>
      await exporter.value("walg_scrape_success", { operation: "backup-list" }) === 1 &&
      exporter.runs("backup-list").length > 1,
  );
});

Deno.test("a grandchild that outlives a killed command does not hold the timeout up", async () => {
  await using exporter = await startControlled({
    flags: [...FAST, ...SECOND_TIMEOUTS],
    knobs: { "wal-verify": { GRANDCHILD: FOR_LONG, HANG: 1, IGNORE_TERM: 1 } },
  });
  await until(
    "it failed",
    async () => await exporter.value("walg_scrape_success", { operation: "wal-verify" }) === 0,
  );
  const [grandchild = 0] = exporter.grandchildren();
  assert.ok(isRunning(grandchild));
  Deno.kill(grandchild, "SIGKILL");
});

Deno.test("endless stdout: stopped at the limit, memory bounded, scrapes answered meanwhile", async () => {
  await using exporter = await startControlled();
  await exporter.ready();
  await exporter.knobs("backup-list", { ENDLESS: 1 });
  const errors = { operation: "backup-list", error_type: "output_too_large" };
  const before = figuresOf(exporter.pid).anonymous;
  let scrapes = 0;
  await until("three runs were stopped", async () => {
    const count = await exporter.value("walg_errors_total", errors);
    scrapes++;
    const more = figuresOf(exporter.pid).anonymous - before;
    // One run holds 32 MiB; the garbage of the one before may still be there.
    assert.ok(more < 200 * 1024 * 1024, `${Math.round(more / 1e6)} MB more`);
    return (count ?? 0) >= 3;
  });
  assert.ok(scrapes > 3, `${scrapes} scrapes`);
  assert.equal(await exporter.value("walg_backups", { backup_type: "full" }), 4);
});

Deno.test("endless stderr: ended by the timeout, of which the last 4 KiB are kept", async () => {
  await using exporter = await startControlled({ flags: [...FAST, ...SECOND_TIMEOUTS] });
  await exporter.ready();
  const before = figuresOf(exporter.pid).anonymous;
  await exporter.knobs("backup-list", { ENDLESS: "stderr" });
  const errors = { operation: "backup-list", error_type: "timeout" };
  await until("two runs were ended", async () => (await exporter.value("walg_errors_total", errors) ?? 0) >= 2);
  const more = figuresOf(exporter.pid).anonymous - before;
  assert.ok(more < 40 * 1024 * 1024, `${Math.round(more / 1e6)} MB more`);
  assert.ok(exporter.log().length < 40_000, "the log holds no flood");
});

Deno.test("garbage, half an answer, nothing and a crash are failures, each of its own type; the last list stays", async () => {
  await using exporter = await startControlled();
  await exporter.ready();
  const faults: [Record<string, string | number>, string][] = [
    [{ GARBAGE: 1 }, "invalid_output"],
    [{ TRUNCATE: 2000 }, "invalid_output"],
    // The listing that confirms an empty answer shows backups.
    [{ EMPTY: 1 }, "empty_output"],
    [{ KILL_SELF: "SEGV" }, "killed"],
    [{ EXIT: 1 }, "command_failed"],
  ];
  const shown = async (): Promise<string> =>
    (await exporter.metrics()).match(/^walg_backup(?!_list).*$/gm)?.join("\n") ?? "";
  const good = await shown();
  assert.match(good, /walg_backup_info/);
  for (const [knobs, type] of faults) {
    const errors = { operation: "backup-list", error_type: type };
    const before = await exporter.value("walg_errors_total", errors) ?? 0;
    await exporter.knobs("backup-list", knobs);
    await until(type, async () => (await exporter.value("walg_errors_total", errors) ?? 0) > before);
    assert.equal(await shown(), good);
    assert.equal(await exporter.value("walg_scrape_success", { operation: "backup-list" }), 0);
    await exporter.knobs("backup-list");
    await until("well", async () => await exporter.value("walg_scrape_success", { operation: "backup-list" }) === 1);
  }
});

Deno.test("an empty list whose confirmation hangs is a timeout, and says so", async () => {
  await using exporter = await startControlled({
    flags: [...FAST, "-backup-list.timeout=1s"],
    knobs: { all: { SCENARIO: "wal-g-3.0.3/no-backups" }, "st-ls": { HANG: 1 } },
  });
  const line = await exporter.logged(/level=error .*operation=backup-list .*$/m);
  assert.match(line, /error_type=timeout error="no answer within 1 s: /);
  assert.equal(await exporter.value("walg_errors_total", { operation: "backup-list", error_type: "empty_output" }), 0);
});

Deno.test("HUP during a run starts no second one at the same time, and one right after it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [first, second] = [`${folder}/first`, `${folder}/second`];
    const hourly = ["-backup-list", "-wal-verify", "-storage-check"].map((flag) => `${flag}.scrape-interval=1h`);
    await using exporter = await startControlled({ flags: hourly, knobs: { all: { WAIT_FOR: first } } });
    const operations = ["backup-list", "wal-verify", "st-check"] as const;
    const counts = (): number[] => operations.map((operation) => exporter.runs(operation).length);
    await until("all run", () => counts().every((count) => count === 1));
    for (let times = 1; times <= 2; times++) {
      exporter.signal("SIGHUP");
      await until("it is obeyed", () => exporter.log().split("running every operation now").length === times + 1);
    }
    assert.deepEqual(counts(), [1, 1, 1]);
    await exporter.knobs("all", { WAIT_FOR: second });
    await Deno.writeTextFile(first, "");
    await until("all run again", () => counts().every((count) => count === 2));
    await Deno.writeTextFile(second, "");
    for (const operation of operations) {
      await until(`${operation} has ended`, () => exporter.runs(operation).every(({ end }) => end !== undefined));
      const [before, after] = exporter.runs(operation);
      assert.ok((after?.start ?? 0) >= (before?.end ?? Infinity), `${operation}: two at a time`);
    }
    await until("all is shown", async () => {
      const runs = (await exporter.families()).get("walg_scrape_success")?.series ?? [];
      return runs.length === operations.length && runs.every(({ value }) => value === 1);
    });
    assert.deepEqual(counts(), [2, 2, 2]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("after a restart all is shown again, and nothing of the old process is left", async () => {
  const pids: number[] = [];
  {
    await using exporter = await startControlled();
    await exporter.ready();
    await exporter.knobs("all", { HANG: 1, IGNORE_TERM: 1 });
    await until(
      "one hangs",
      () => childrenOf(exporter.pid).some(({ commandLine }) => commandLine.startsWith("sleep 21")),
    );
    pids.push(...childrenOf(exporter.pid).map(({ pid }) => pid));
    assert.equal((await exporter.stop()).code, 0);
  }
  for (const pid of pids) assert.ok(!isRunning(pid), `${pid} is left`);
  await using next = await startControlled();
  await next.ready();
  assert.equal(await next.value("walg_backups", { backup_type: "full" }), 4);
});

Deno.test("no zombies and no more descriptors after many runs", async () => {
  await using exporter = await startControlled();
  await until("some runs", () => exporter.runs("st-check").length > 3);
  const before = figuresOf(exporter.pid).descriptors;
  await until("more runs", () => exporter.runs("st-check").length > 30);
  const zombies = childrenOf(exporter.pid).filter(({ state }) => state === "Z");
  await until(
    "none of the zombies is left",
    () => !childrenOf(exporter.pid).some(({ pid }) => zombies.some((zombie) => zombie.pid === pid)),
  );
  await until("no more descriptors than before", () => figuresOf(exporter.pid).descriptors <= before + 12);
});
