import assert from "node:assert/strict";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { textOf } from "../../src/base/bytes.ts";
import { grandchildrenIn, readRuns } from "../faults/controlled.ts";
import { createManualClock, type ManualClock } from "../faults/manual_clock.ts";
import { commandLineOf, isRunning } from "../faults/processes.ts";
import { until } from "../support/exporter.ts";
import { type CommandEnd, isOutOfDescriptors, runCommand, STDERR_LIMIT_BYTES } from "../../src/walg/command.ts";
import { failureOf, stdoutOf } from "../../src/walg/failure.ts";
import { DecodeError } from "../../src/walg/json.ts";
import { STANDIN_BIN } from "../support/paths.ts";

const CONTEXT = { path: "wal-g", timeout: 300, fallback: "command_failed" as const };

interface Given {
  readonly knobs?: Readonly<Record<string, string>>;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly path?: string;
  readonly clock?: Clock;
}

/** Nothing here is to reach it, milliseconds. */
const LONG = 600_000;

async function runStandin(
  { knobs = {}, timeout = LONG, signal, path = `${STANDIN_BIN}/wal-g`, clock = systemClock }: Given,
): Promise<CommandEnd> {
  const env = Object.fromEntries(Object.entries(knobs).map(([name, value]) => [`WALG_STANDIN_${name}`, value]));
  return await runCommand({
    path,
    args: ["backup-list", "--detail", "--json"],
    env,
    timeout,
    ...(signal !== undefined && { signal }),
    clock,
  });
}

interface Started {
  readonly clock: ManualClock;
  readonly end: Promise<CommandEnd>;
  /** Its end so far. */
  readonly ended: () => CommandEnd | undefined;
  /** Of the command itself. */
  readonly pid: number;
  /** Ends the process that keeps its pipes. */
  killGrandchild(): void;
}

/** Starts a command on a clock moved by hand and waits until it hangs, or has ended, but for a grandchild. */
async function started(given: Given, use: (started: Started) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const log = `${folder}/runs`;
    const clock = createManualClock(0);
    const end = runStandin({ ...given, knobs: { ...given.knobs, RUNS_LOG: log }, clock });
    let ended: CommandEnd | undefined;
    end.then((value) => ended = value);
    await until("it hangs or has ended", () => {
      const [run] = readRuns(log);
      if (run === undefined || (given.knobs?.["GRANDCHILD"] && grandchildrenIn(log).length === 0)) return false;
      return !isRunning(run.pid) || commandLineOf(run.pid).startsWith("sleep 21");
    });
    const [{ pid } = { pid: 0 }] = readRuns(log);
    const killGrandchild = (): void => grandchildrenIn(log).forEach((grandchild) => Deno.kill(grandchild, "SIGKILL"));
    await use({ clock, end, ended: () => ended, pid, killGrandchild });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a command that exits: its status, stdout and stderr", async () => {
  const end = await runStandin({ knobs: { EXIT: "3", STDERR: "ERROR: no" } });
  assert.equal(end.how, "exited");
  assert.equal(end.exitCode, 3);
  assert.match(end.stderr, /ERROR: no/);
  assert.match(textOf(end.stdout), /^\[\{"backup_name"/);
  await end.gone;
});

Deno.test("a hung command gets TERM at its timeout, and is gone", async () => {
  await started({ knobs: { HANG: "1" }, timeout: 300 }, async ({ clock, end, ended, pid }) => {
    await clock.advance(299);
    assert.ok(isRunning(pid) && ended() === undefined);
    await clock.advance(1);
    const { how, signal, gone } = await end;
    assert.deepEqual([how, signal, clock.monotonic()], ["timed_out", "SIGTERM", 300]);
    await gone;
  });
});

Deno.test("one that ignores TERM gets KILL two seconds later", async () => {
  await started({ knobs: { HANG: "1", IGNORE_TERM: "1" }, timeout: 200 }, async ({ clock, end, ended, pid }) => {
    await clock.advance(2199);
    assert.ok(isRunning(pid) && ended() === undefined);
    await clock.advance(1);
    const { how, signal, gone } = await end;
    assert.deepEqual([how, signal, clock.monotonic()], ["timed_out", "SIGKILL", 2200]);
    await gone;
  });
});

Deno.test("a run counts as ended even while a grandchild holds the pipes, and tells when it lets go", async () => {
  await started({ knobs: { HANG: "1", GRANDCHILD: "600" }, timeout: 200 }, async (run) => {
    await run.clock.advance(200);
    await until("TERM has ended it", () => !isRunning(run.pid));
    await until("its pipes are waited for", () => run.clock.due().includes(1200));
    await run.clock.advance(1000);
    const end = await run.end;
    assert.equal(end.how, "timed_out");
    let gone = false;
    const waiting = end.gone.then(() => gone = true);
    await systemClock.sleep(0);
    assert.equal(gone, false);
    run.killGrandchild();
    await waiting;
  });
});

Deno.test("a command that ended well is held up by a grandchild for a second", async () => {
  await started({ knobs: { GRANDCHILD: "600" } }, async (run) => {
    await until("its pipes are waited for", () => run.clock.due().length === 2);
    assert.deepEqual(run.clock.due(), [1000, LONG]);
    await run.clock.advance(999);
    assert.equal(run.ended(), undefined);
    await run.clock.advance(1);
    const end = await run.end;
    assert.deepEqual([end.how, end.exitCode], ["exited", 0]);
    assert.match(textOf(end.stdout), /\]\n?$/);
    run.killGrandchild();
    await end.gone;
  });
});

Deno.test("endless output ends at the limit", async () => {
  const end = await runStandin({ knobs: { ENDLESS: "1" } });
  assert.equal(end.how, "output_too_large");
  assert.equal(end.stdout.length, 0);
  await end.gone;
});

Deno.test("of endless stderr the end is kept", async () => {
  const flooded = Promise.withResolvers<void>();
  let pauses = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms, signal) => {
      if (ms === LONG) return await flooded.promise;
      // The short pauses are those after each chunk of a flood.
      if (ms < 10 && ++pauses === 3) flooded.resolve();
      await systemClock.sleep(ms, signal);
    },
  };
  const end = await runStandin({ knobs: { ENDLESS: "stderr" }, clock });
  assert.equal(end.how, "timed_out");
  assert.ok(
    end.stderr.length > STDERR_LIMIT_BYTES / 2 && end.stderr.length <= STDERR_LIMIT_BYTES,
    `${end.stderr.length} bytes`,
  );
  assert.match(end.stderr, /^[^\n]+\n/);
  await end.gone;
});

Deno.test("a line that is cut at the limit is dropped: nobody could tell whether it holds a secret", async () => {
  const secret = "hunter2".repeat(10);
  const filler = `${"x".repeat(STDERR_LIMIT_BYTES - secret.length - 20)}`;
  const end = await runStandin({
    knobs: { EXIT: "1", STDERR: `AWS_SECRET_ACCESS_KEY=${secret}\n${filler}\nERROR: no` },
  });
  assert.doesNotMatch(end.stderr, /hunter/);
  assert.match(end.stderr, /ERROR: no/);
  await end.gone;
});

Deno.test("of a last line that is longer than the limit nothing is kept, and that is said", async () => {
  const long = `ERROR: 2026/11/23 03:37:04.622896 AccessDenied: ${"x".repeat(STDERR_LIMIT_BYTES)}`;
  for (const stderr of [long, `${long}\n`, `first\n${long}\n\n`]) {
    const end = await runStandin({ knobs: { EXIT: "1", STDERR: stderr } });
    assert.equal(end.stderr, "(a very long line)");
    await end.gone;
  }
});

/** Runs a shell script whose stdout is handed over. */
async function runShell(
  script: string,
  onStdout: (chunk: Uint8Array) => void | Promise<void>,
  timeout = 10_000,
): Promise<CommandEnd & { ms: number }> {
  const start = performance.now();
  const end = await runCommand({
    path: "/bin/sh",
    args: ["-c", script],
    env: {},
    timeout,
    clock: systemClock,
    onStdout,
  });
  return { ...end, ms: performance.now() - start };
}

Deno.test("stdout that is handed over comes whole and in order, beyond the limit, and is not collected", async () => {
  let next = 0;
  let size = 0;
  let partial = "";
  const decoder = new TextDecoder();
  const end = await runShell("seq 0 5999999", (chunk) => {
    size += chunk.length;
    const lines = (partial + decoder.decode(chunk)).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) if (Number(line) === next) next++;
  }, 60_000);
  assert.equal(end.exitCode, 0);
  assert.equal(next, 6_000_000);
  assert.ok(size > 40 * 1024 * 1024, `${size} bytes`);
  assert.equal(end.stdout.length, 0);
  await end.gone;
});

Deno.test("what takes stdout may be slower than the command: nothing is lost when that has ended", async () => {
  let size = 0;
  const end = await runShell("head -c 100000 /dev/zero", async (chunk) => {
    await systemClock.sleep(1500);
    size += chunk.length;
  });
  assert.equal(end.exitCode, 0);
  assert.equal(size, 100_000);
  await end.gone;
});

Deno.test("a grandchild that holds stdout does not hold up a run whose stdout is handed over", async () => {
  const texts: string[] = [];
  const end = await runShell(
    "echo done; sleep 5 & exit 0",
    (chunk) => void texts.push(new TextDecoder().decode(chunk)),
  );
  assert.equal(end.exitCode, 0);
  assert.deepEqual(texts, ["done\n"]);
  assert.ok(end.ms < 4000, `${end.ms} ms`);
  await end.gone;
});

Deno.test("what is thrown over stdout ends the command, and is in its end", async () => {
  const refusal = new DecodeError("line 3: not what WAL-G prints");
  let chunks = 0;
  const end = await runShell("echo why >&2; exec yes", async () => {
    await systemClock.sleep(10);
    if (++chunks === 3) throw refusal;
  });
  assert.equal(end.how, "output_refused");
  assert.equal(end.refusal, refusal);
  assert.equal(chunks, 3);
  assert.ok(end.ms < 3000, `${end.ms} ms`);
  assert.match(end.stderr, /why/);
  const { type, message } = failureOf(end, CONTEXT);
  assert.deepEqual([type, message], ["invalid_output", "cannot read what it printed: line 3: not what WAL-G prints"]);
  await end.gone;
  const fault = new TypeError("a fault of our own");
  assert.throws(() => stdoutOf({ ...end, refusal: fault }, CONTEXT), fault);
});

Deno.test("what takes stdout and does not come back does not outlast the timeout", async () => {
  const release = Promise.withResolvers<void>();
  const end = await runShell("echo 1; exit 0", () => release.promise, 1500);
  assert.equal(end.how, "timed_out");
  assert.ok(end.ms < 6000, `${end.ms} ms`);
  release.resolve();
  await end.gone;
});

Deno.test("a want of descriptors can be told from other faults", async () => {
  const script = `
    const { runCommand, isOutOfDescriptors } = await import("./src/walg/command.ts");
    const { systemClock } = await import("./src/base/clock.ts");
    const open = [];
    try { for (;;) open.push(Deno.openSync("/dev/null")); } catch { open.pop()?.close(); }
    const end = await runCommand({ path: "/bin/true", args: [], env: {}, timeout: 5000, clock: systemClock });
    console.log(end.how, isOutOfDescriptors(end.startError), String(end.startError));`;
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'ulimit -n 64; exec "$0" eval --ext=ts "$1"', Deno.execPath(), script],
  }).output();
  assert.match(new TextDecoder().decode(stdout), /^not_started true /);
  assert.ok(isOutOfDescriptors(new Error("Too many open files in system (os error 23)")));
  assert.ok(!isOutOfDescriptors(new Error("Permission denied (os error 13)")));
  assert.ok(!isOutOfDescriptors(undefined));
});

Deno.test("a timeout longer than a timer takes is not over at once", async () => {
  const end = await runStandin({ knobs: { DELAY: "0.3" }, timeout: 2 ** 32 });
  assert.equal(end.how, "exited");
  await end.gone;
});

Deno.test("a run can be cancelled", async () => {
  const cancel = new AbortController();
  await started({ knobs: { HANG: "1" }, signal: cancel.signal }, async ({ clock, end }) => {
    cancel.abort();
    const { how, gone } = await end;
    assert.deepEqual([how, clock.monotonic()], ["cancelled", 0]);
    await gone;
  });
});

Deno.test("one that dies of a signal is killed, not failed", async () => {
  const end = await runStandin({ knobs: { KILL_SELF: "SEGV" } });
  assert.equal(end.how, "killed");
  assert.equal(failureOf(end, CONTEXT).type, "killed");
  await end.gone;
});

Deno.test("what cannot be started says why", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/plain`, "#!/bin/sh\n", { mode: 0o644 });
    await Deno.writeTextFile(`${folder}/no-interpreter`, "#!/no/such/sh\n", { mode: 0o755 });
    await Deno.writeFile(`${folder}/foreign`, foreignElf(), { mode: 0o755 });
    const cases = [["absent", "not_found"], ["no-interpreter", "not_found"], ["plain", "not_executable"], [
      ".",
      "not_executable",
    ], ["foreign", "not_executable"]];
    for (const [name, type] of cases) {
      const path = `${folder}/${name}`;
      const end = await runStandin({ path });
      const failure = failureOf(end, { ...CONTEXT, path });
      assert.equal(failure.type, type, `${name}: ${failure.message}`);
      assert.ok(failure.message.includes(path), failure.message);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The header of an executable for a machine that is not this one (s390). */
function foreignElf(): Uint8Array {
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1]);
  header.set([0, 2, 0, 22], 16);
  return header;
}
