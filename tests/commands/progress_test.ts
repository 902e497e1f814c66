import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { createProgress, progressLine } from "../../src/commands/progress.ts";
import type { Host } from "../../src/base/host.ts";
import { exporterCommand, pause } from "../support/exporter.ts";
import { ROOT } from "../support/paths.ts";
import { runCli, STANDIN_FIRST } from "./run_cli.ts";

function hostWith(stderrIsTerminal: boolean, write: (text: string) => void): Host {
  return { clock: systemClock, stderr: write, stderrIsTerminal } as Host;
}

Deno.test("the progress line tells what runs and for how long", () => {
  assert.equal(
    progressLine([{ what: "backup-list", since: 1000 }, { what: "wal-verify", since: 2500 }], 13_900),
    "running backup-list 12 s, wal-verify 11 s",
  );
  assert.equal(progressLine([], 0), "");
});

Deno.test("a terminal sees the line, and in the end nothing of it is left", async () => {
  let text = "";
  const progress = createProgress(hostWith(true, (more) => text += more));
  const ended = progress.start("wal-verify");
  await pause(700);
  assert.match(text, /running wal-verify 0 s$/);
  ended();
  progress.close();
  assert.match(text, /\r +\r$/);
});

Deno.test("what is over soon shows nothing, nor does anything where stderr is no terminal", async () => {
  let text = "";
  const write = (more: string): void => void (text += more);
  const short = createProgress(hostWith(true, write));
  short.start("storage-check")();
  short.close();
  const piped = createProgress(hostWith(false, write));
  piped.start("storage-check");
  await pause(700);
  piped.close();
  assert.equal(text, "");
});

Deno.test("a slow check whose stderr is a pipe writes nothing there", async () => {
  const env = { WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_DELAY_WAL_VERIFY: "1.5" };
  const { code, stderr } = await runCli(["check"], { env });
  assert.equal(code, 0);
  assert.equal(stderr, "");
});

Deno.test("a slow check at a terminal shows what is running", async (t) => {
  const line = [...exporterCommand(), "check"].map((word) => `'${word}'`).join(" ");
  const options: Deno.CommandOptions = {
    args: ["-qefc", line, "/dev/null"],
    cwd: ROOT,
    env: { PATH: STANDIN_FIRST, WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_DELAY_WAL_VERIFY: "2.2" },
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
  assert.match(text, /running wal-verify 1 s/);
  assert.match(text, /\r +\rWALG OK - /);
});
