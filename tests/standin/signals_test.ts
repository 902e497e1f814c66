import assert from "node:assert/strict";
import { grandchildrenIn } from "../faults/controlled.ts";
import { childrenOf, commandLineOf, isRunning } from "../faults/processes.ts";
import { until } from "../support/exporter.ts";
import { fixturePath, runStandin, spawnStandin, STANDIN_ARGUMENTS } from "../standin.ts";

const LIST = STANDIN_ARGUMENTS["backup-list"];

/** Ends a child by a signal once it waits as its knobs say, and returns how it ended. */
async function endBySignal(child: Deno.ChildProcess, signal: Deno.Signal): Promise<Deno.CommandOutput> {
  await until("it waits", () => waits(child.pid));
  child.kill(signal);
  return await child.output();
}

/** Whether a run of the stand-in waits: in a `sleep` of its own, or as one. */
function waits(pid: number): boolean {
  return [commandLineOf(pid), ...childrenOf(pid).map(({ commandLine }) => commandLine)]
    .some((line) => line.startsWith("sleep "));
}

/** The processes that have `text` in their environment. */
function processesWith(text: string): string[] {
  const found: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/environ`).includes(text)) found.push(name);
    } catch {
      // It ended meanwhile, or is another user's.
    }
  }
  return found;
}

Deno.test("HANG and DELAY end at once by TERM and by KILL, and leave no process", async () => {
  for (const knobs of [{ HANG: 1 }, { DELAY: 100 }, { STREAM_DELAY: 100 }]) {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const mark = crypto.randomUUID();
      const ended = await endBySignal(spawnStandin(LIST, knobs, { STANDIN_MARK: mark }), signal);
      // One that waited to its end would have exited.
      assert.equal(ended.signal, signal, JSON.stringify(knobs));
      await until("no process is left", () => processesWith(mark).length === 0);
    }
  }
});

Deno.test("IGNORE_TERM outlives TERM and ends by KILL", async () => {
  for (const knobs of [{ HANG: 1 }, { DELAY: 100 }, { ENDLESS: 1 }]) {
    const mark = crypto.randomUUID();
    const child = spawnStandin(LIST, { ...knobs, IGNORE_TERM: 1 }, { STANDIN_MARK: mark });
    await until("it waits or floods", () => waits(child.pid) || commandLineOf(child.pid).startsWith("yes "));
    // Where both would end it, the kernel names the first.
    child.kill("SIGTERM");
    child.kill("SIGKILL");
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    assert.equal((await child.status).signal, "SIGKILL");
    await until("no process is left", () => processesWith(mark).length === 0);
  }
});

Deno.test("GRANDCHILD keeps both pipes open after the end, for as long as asked", async () => {
  for (const knobs of [{}, { HANG: 1 }]) {
    const RUNS_LOG = await Deno.makeTempFile();
    const child = spawnStandin(LIST, { ...knobs, GRANDCHILD: 1, RUNS_LOG });
    const outputs = Promise.all([child.stdout, child.stderr].map((pipe) => new Response(pipe).text()));
    await until("the grandchild has begun", () => grandchildrenIn(RUNS_LOG).length === 1);
    const [grandchild = 0] = grandchildrenIn(RUNS_LOG);
    const before = performance.now();
    if ("HANG" in knobs) child.kill("SIGKILL");
    await child.status;
    const [stdout = ""] = await outputs;
    if ("HANG" in knobs) assert.ok(performance.now() - before >= 1000);
    await until("the grandchild has ended", () => !isRunning(grandchild));
    assert.equal(stdout.length > 0, !("HANG" in knobs));
    assert.match(await Deno.readTextFile(RUNS_LOG), /^GRANDCHILD backup-list \d+ \d+\.\d{9}$/m);
    await Deno.remove(RUNS_LOG);
  }
});

Deno.test("KILL_SELF ends the run by that signal, after its output", async () => {
  for (const KILL_SELF of ["KILL", "TERM", "SEGV"] as const) {
    const { signal, stdout } = await runStandin(LIST, { KILL_SELF });
    assert.equal(signal, `SIG${KILL_SELF}`);
    assert.equal(stdout.at(-2), "]");
  }
});

Deno.test("ENDLESS floods stdout or stderr until it is ended", async () => {
  for (const [ENDLESS, pipe] of [["1", "stdout"], ["stderr", "stderr"]] as const) {
    const child = spawnStandin(LIST, { ENDLESS });
    let bytes = 0;
    for await (const chunk of child[pipe]) {
      if (bytes === 0) {
        assert.match(new TextDecoder().decode(chunk), pipe === "stdout" ? /^\[(\{"backup_name|$)/ : /^INFO: /);
      }
      bytes += chunk.length;
      if (bytes > 4_000_000) break;
    }
    child.kill("SIGKILL");
    await child[pipe === "stdout" ? "stderr" : "stdout"].cancel();
    await child.status;
    assert.ok(bytes > 4_000_000);
  }
});

Deno.test("a waiting run of s3-refused-then-terminated says why it ends when TERM comes, as WAL-G does", async () => {
  const captured = Deno.readTextFileSync(
    fixturePath("captures/wal-g-3.0.9/s3-refused-then-terminated/backup-list.stderr"),
  );
  const SCENARIO = "s3-refused-then-terminated";
  for (const knobs of [{ HANG: 1 }, { DELAY: 100 }]) {
    const terminated = await endBySignal(spawnStandin(LIST, { SCENARIO, ...knobs }), "SIGTERM");
    assert.equal(terminated.code, 1);
    assert.equal(new TextDecoder().decode(terminated.stderr), captured);
    const killed = await endBySignal(spawnStandin(LIST, { SCENARIO, ...knobs }), "SIGKILL");
    const said = new TextDecoder().decode(killed.stderr);
    assert.ok(captured.startsWith(said) && said.includes("connection refused") && !said.includes("ERROR"));
  }
  const waited = await runStandin(LIST, { SCENARIO, DELAY: "0.1" });
  assert.deepEqual([waited.code, waited.stderr], [124, captured]);
});
