import assert from "node:assert/strict";
import { pause, until } from "../support/exporter.ts";
import { FAST, startControlled } from "./controlled.ts";
import { childrenOf, figuresOf, isRunning } from "./processes.ts";

const SECOND_TIMEOUTS = ["-backup-list.timeout=500ms", "-wal-verify.timeout=500ms", "-storage-check.timeout=500ms"];

Deno.test("wal-verify hangs: storage checks and backup lists keep their cadence", async () => {
  await using exporter = await startControlled({
    flags: ["-storage-check.scrape-interval=200ms", "-backup-list.scrape-interval=200ms", "-wal-verify.timeout=1h"],
    knobs: { "wal-verify": { HANG: 1 } },
  });
  await until("each began", () => exporter.runs("st-check").length > 0 && exporter.runs("wal-verify").length > 0);
  await pause(3000);
  for (const operation of ["st-check", "backup-list"] as const) {
    const starts = exporter.runs(operation).map(({ start }) => start);
    assert.ok(
      starts.length >= 14 && starts.length <= 18,
      `${starts.length} runs of ${operation} in 3 s, one per 200 ms`,
    );
  }
  assert.equal(exporter.runs("wal-verify").length, 1);
  assert.equal(await exporter.value("walg_scrape_success", { operation: "wal-verify" }), undefined);
});

Deno.test("backup-list fails for long: its back-off touches neither wal-verify nor the storage check", async () => {
  await using exporter = await startControlled({ knobs: { "backup-list": { EXIT: 1 } } });
  await exporter.ready();
  await pause(2500);
  const counts = (["backup-list", "wal-verify", "st-check"] as const).map((name) => exporter.runs(name).length);
  const [lists = 0, verifies = 0, checks = 0] = counts;
  // After the failures 1, 1, 2, 4, 4, … intervals: about 8 runs in 25 intervals.
  assert.ok(lists >= 5 && lists <= 11, `runs: ${counts}`);
  assert.ok(verifies >= 18 && checks >= 18, `runs: ${counts}`);
  await exporter.knobs("backup-list");
  await until(
    "it succeeds",
    async () => await exporter.value("walg_scrape_success", { operation: "backup-list" }) === 1,
  );
  const before = exporter.runs("backup-list").length;
  await pause(1000);
  assert.ok(
    exporter.runs("backup-list").length - before >= 5,
    "the interval is the set one again, not up to four of them",
  );
});

Deno.test("the storage check never backs off; walg_storage_up is 0 at its first failure and 1 at its next success", async () => {
  await using exporter = await startControlled();
  await until("up", async () => await exporter.value("walg_storage_up") === 1);
  await exporter.knobs("st-check", { EXIT: 1, STDERR: "ERROR: 2026/11/23 03:12:44.941910 no route" });
  await until("down", async () => await exporter.value("walg_storage_up") === 0);
  const errors = { operation: "storage-check", error_type: "connectivity_failed" };
  assert.ok((await exporter.value("walg_errors_total", errors) ?? 0) <= 2, "shown at the first failed check");
  const before = exporter.runs("st-check").length;
  await pause(2000);
  assert.ok(exporter.runs("st-check").length - before >= 16);
  assert.equal(await exporter.value("walg_storage_up"), 0);
  await exporter.knobs("st-check");
  await until("up again", async () => await exporter.value("walg_storage_up") === 1);
});

Deno.test("a command that ignores TERM gets KILL 2 s later; the last good list stays and the error is a timeout", async () => {
  await using exporter = await startControlled({ flags: [...FAST, ...SECOND_TIMEOUTS] });
  await exporter.ready();
  await exporter.knobs("backup-list", { HANG: 1, IGNORE_TERM: 1 });
  const hanging = (): number | undefined =>
    childrenOf(exporter.pid).find(({ commandLine }) => commandLine.includes("sleep 2147483647"))?.pid;
  await until("one hangs", () => hanging() !== undefined);
  const pid = hanging() ?? 0;
  const start = performance.now();
  await until("it is gone", () => !isRunning(pid));
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds > 1.5 && seconds < 5, `killed ${seconds} s after it began: 0.5 s timeout, 2 s to KILL`);
  await until(
    "counted",
    async () => await exporter.value("walg_errors_total", { operation: "backup-list", error_type: "timeout" }) === 1,
  );
  assert.equal(await exporter.value("walg_backups", { backup_type: "full" }), 4);
  assert.equal(await exporter.value("walg_scrape_success", { operation: "backup-list" }), 0);
});

Deno.test("a command that dies of TERM is not waited for longer", async () => {
  await using exporter = await startControlled({
    flags: [...FAST, ...SECOND_TIMEOUTS],
    knobs: { "st-check": { HANG: 1 } },
  });
  await until("down", async () => await exporter.value("walg_storage_up") === 0);
  const seconds = await exporter.value("walg_storage_latency_seconds") ?? NaN;
  assert.ok(seconds >= 0.5 && seconds < 1.2, `${seconds} s`);
});

Deno.test("a grandchild that keeps the pipes: the answer is shown, no second tree starts, `timeout` counts, then all is well", async () => {
  await using exporter = await startControlled({ knobs: { "backup-list": { GRANDCHILD: 5 } } });
  await until(
    "the list is shown",
    async () => await exporter.value("walg_backups", { backup_type: "full" }) === 4,
    4000,
  );
  await exporter.knobs("backup-list");
  const timeouts = (): Promise<number | undefined> =>
    exporter.value("walg_errors_total", { operation: "backup-list", error_type: "timeout" });
  await until("the wait is counted", async () => (await timeouts() ?? 0) >= 2);
  assert.equal(exporter.runs("backup-list").length, 1);
  assert.ok(exporter.runs("st-check").length > 10, "the storage check goes on");
  const [grandchild = 0] = exporter.grandchildren();
  assert.ok(isRunning(grandchild));
  await until("it ends", () => !isRunning(grandchild));
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
    knobs: { "wal-verify": { GRANDCHILD: 3, HANG: 1, IGNORE_TERM: 1 } },
  });
  const failed = async (): Promise<boolean> =>
    await exporter.value("walg_scrape_success", { operation: "wal-verify" }) === 0;
  await until("it failed", failed, 6000);
  // 0.5 s timeout, 2 s to KILL, 1 s for the pipes.
  const seconds = await exporter.value("walg_scrape_duration_seconds", { operation: "wal-verify" }) ?? NaN;
  assert.ok(seconds < 4.5, `${seconds} s`);
});

Deno.test("endless stdout: stopped at the limit, memory bounded, scrapes answered meanwhile", async () => {
  await using exporter = await startControlled();
  await exporter.ready();
  await exporter.knobs("backup-list", { ENDLESS: 1 });
  const errors = { operation: "backup-list", error_type: "output_too_large" };
  const before = figuresOf(exporter.pid).anonymous;
  let peak = 0;
  let slowest = 0;
  await until("three runs were stopped", async () => {
    const start = performance.now();
    const count = await exporter.value("walg_errors_total", errors);
    slowest = Math.max(slowest, performance.now() - start);
    peak = Math.max(peak, figuresOf(exporter.pid).anonymous);
    return (count ?? 0) >= 3;
  }, 30_000);
  // One run holds 32 MiB; the garbage of the one before may still be there.
  assert.ok(peak - before < 200 * 1024 * 1024, `${Math.round((peak - before) / 1e6)} MB more`);
  assert.ok(slowest < 1000, `a scrape took ${slowest} ms`);
  assert.equal(await exporter.value("walg_backups", { backup_type: "full" }), 4);
});

Deno.test("endless stderr: ended by the timeout, of which the last 4 KiB are kept", async () => {
  await using exporter = await startControlled({ flags: [...FAST, ...SECOND_TIMEOUTS] });
  await exporter.ready();
  const before = figuresOf(exporter.pid).anonymous;
  await exporter.knobs("backup-list", { ENDLESS: "stderr" });
  const errors = { operation: "backup-list", error_type: "timeout" };
  await until("two runs were ended", async () => (await exporter.value("walg_errors_total", errors) ?? 0) >= 2, 20_000);
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
  const knobs = { all: { SCENARIO: "wal-g-3.0.3/no-backups" }, "st-ls": { HANG: 1 } };
  await using exporter = await startControlled({ flags: [...FAST, "-backup-list.timeout=1s"], knobs });
  const line = await exporter.logged(/level=error .*operation=backup-list .*$/m);
  assert.match(line, /error_type=timeout error="no answer within 1 s: /);
  assert.equal(await exporter.value("walg_errors_total", { operation: "backup-list", error_type: "empty_output" }), 0);
});

Deno.test("HUP during a run starts no second one at the same time, and one right after it", async () => {
  await using exporter = await startControlled({ flags: [], knobs: { all: { DELAY: 1 } } });
  await until("all run", () => new Set(exporter.runs().map(({ operation }) => operation)).size >= 4);
  exporter.signal("SIGHUP");
  exporter.signal("SIGHUP");
  for (const operation of ["backup-list", "wal-verify", "st-check"] as const) {
    await until(`${operation} ran again`, () => exporter.runs(operation).length === 2, 5000);
  }
  await pause(1500);
  for (const operation of ["backup-list", "wal-verify", "st-check"] as const) {
    const [first, second, ...more] = exporter.runs(operation);
    assert.equal(more.length, 0);
    assert.ok((second?.start ?? 0) >= (first?.end ?? Infinity), `${operation}: two at a time`);
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
  await pause(200);
  const lasting = zombies.filter(({ pid }) => childrenOf(exporter.pid).some((child) => child.pid === pid));
  assert.deepEqual(lasting, []);
  assert.ok(figuresOf(exporter.pid).descriptors <= before + 12);
});
