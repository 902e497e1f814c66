import assert from "node:assert/strict";
import { exporterCommand } from "../support/exporter.ts";
import { STANDIN_FIRST } from "./run_cli.ts";

/** Command lines with output, and the exit status when it does not get to stdout as a whole. */
const LINES: readonly (readonly [line: string, status: number])[] = [
  ["check", 3],
  ["check -format=json", 3],
  ["check -no-such-flag", 3],
  ["once", 3],
  ["doctor -web.listen-address=127.0.0.1:0", 1],
  ["completion bash", 1],
  ["-version", 1],
  ["-help", 1],
  ["check -help", 3],
];

for (const [line, status] of LINES) {
  Deno.test(`${line}: what does not get to stdout is told on stderr, exit status ${status}`, async () => {
    const child = new Deno.Command("sh", {
      args: ["-c", 'exec "$@" >/dev/full', "sh", ...exporterCommand(), ...line.split(" ")],
      env: { PATH: STANDIN_FIRST, WALG_STANDIN_SCENARIO: "healthy", WALG_STANDIN_SHIFT: "1" },
      stdout: "null",
      stderr: "piped",
    });
    const { code, stderr } = await child.output();
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, status, said);
    const why = line.includes("no-such")
      ? /^walg-exporter: .*'?-no-such-flag/m
      : /^walg-exporter: cannot write to stdout: No space left on device .*; what was written is not whole/m;
    assert.match(said, why);
    assert.doesNotMatch(said, /Uncaught|\n\s+at /);
  });
}
