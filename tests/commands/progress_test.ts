import assert from "node:assert/strict";
import type { Clock } from "../../src/base/clock.ts";
import { createProgress, progressLine } from "../../src/commands/progress.ts";
import type { Host } from "../../src/base/host.ts";
import { createManualClock } from "../faults/manual_clock.ts";
import { exporterCommand } from "../support/exporter.ts";
import { ROOT } from "../support/paths.ts";
import { runCli, STANDIN_FIRST } from "./run_cli.ts";

function hostWith(clock: Clock, stderrIsTerminal: boolean, write: (text: string) => void): Host {
  return { clock, stderr: write, stderrIsTerminal } as Host;
}

Deno.test("the progress line tells what runs and for how long", () => {
  assert.equal(
    progressLine([{ what: "backup-list", since: 1000 }, { what: "wal-verify", since: 2500 }], 13_900),
    "running backup-list 12 s, wal-verify 11 s",
  );
  assert.equal(progressLine([], 0), "");
});

Deno.test("a terminal sees the line after half a second and then each second; in the end nothing of it is left", async () => {
  let text = "";
  const clock = createManualClock(0);
  const progress = createProgress(hostWith(clock, true, (more) => text += more));
  const ended = progress.start("wal-verify");
  await clock.advance(499);
  assert.equal(text, "");
  await clock.advance(1);
  assert.match(text, /running wal-verify 0 s$/);
  await clock.advance(1000);
  assert.match(text, /running wal-verify 1 s$/);
  ended();
  progress.close();
  assert.match(text, /\r +\r$/);
  await clock.advance(0);
});

Deno.test("what is over soon shows nothing, nor does anything where stderr is no terminal", async () => {
  let text = "";
  const clock = createManualClock(0);
  const write = (more: string): void => void (text += more);
  const short = createProgress(hostWith(clock, true, write));
  short.start("storage-check")();
  short.close();
  const piped = createProgress(hostWith(clock, false, write));
  piped.start("storage-check");
  await clock.advance(10_000);
  piped.close();
  assert.equal(text, "");
});

Deno.test("a slow check whose stderr is a pipe writes nothing there", async () => {
  const env = { WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_SHIFT: "1", WALG_STANDIN_DELAY_WAL_VERIFY: "0.8" };
  const { code, stderr } = await runCli(["check"], { env });
  assert.equal(code, 0);
  assert.equal(stderr, "");
});

Deno.test("a slow check at a terminal shows what is running", async (t) => {
  const line = [...exporterCommand(), "check"].map((word) => `'${word}'`).join(" ");
  const options: Deno.CommandOptions = {
    args: ["-qefc", line, "/dev/null"],
    cwd: ROOT,
    env: {
      PATH: STANDIN_FIRST,
      WALG_STANDIN_SCENARIO: "healthy",
      WALG_STANDIN_SHIFT: "1",
      WALG_STANDIN_DELAY_WAL_VERIFY: "1.2",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  };
  let output;
  try {
    output = await new Deno.Command("script", options).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await t.step({ name: "there is no 'script' here to make a terminal", ignore: true, fn: () => {} });
    return;
  }
  const text = new TextDecoder().decode(output.stdout);
  assert.equal(output.code, 0, text);
  assert.match(text, /running (?:.*, )?wal-verify \d+ s/);
  assert.match(text, /\r +\rWALG OK - /);
});
