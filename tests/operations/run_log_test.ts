import assert from "node:assert/strict";
import { backupList } from "../../src/operations/backup_list.ts";
import { createRunLog } from "../../src/operations/run.ts";
import type { Fields, Log } from "../../src/base/log.ts";
import type { Failure } from "../../src/walg/failure.ts";
import { systemClock } from "../../src/base/clock.ts";

const REFUSED: Failure = { type: "network", message: "dial tcp 10.0.0.1:443: connection refused", exitCode: 1 };
const SLOW: Failure = { type: "network", message: "dial tcp 10.0.0.1:443: i/o timeout", exitCode: 1 };

function logging() {
  const lines: [string, Fields][] = [];
  const at = (level: string) => (message: string, fields: Fields = {}) => {
    if (level !== "debug") lines.push([`${level} ${message}`, fields]);
  };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  let seconds = 0;
  const clock = { ...systemClock, monotonic: () => seconds * 1000 };
  const runLog = createRunLog({ operation: backupList, log, clock });
  return { lines, runLog, wait: (more: number) => seconds += more };
}

Deno.test("failures that take turns are logged once a minute each", () => {
  const { lines, runLog, wait } = logging();
  for (let n = 0; n < 59; n++) {
    runLog.failed(n % 2 === 0 ? REFUSED : SLOW, 1);
    wait(1);
  }
  assert.deepEqual(lines.map(([, { error }]) => error), [REFUSED.message, SLOW.message]);
  wait(2);
  runLog.failed(SLOW, 1);
  assert.deepEqual([lines.length, lines[2]?.[1]["error"], lines[2]?.[1]["repeated"]], [3, SLOW.message, 28]);
});

Deno.test("a failure is said to repeat only as often as it did itself", () => {
  const { lines, runLog } = logging();
  for (const failure of [REFUSED, REFUSED, REFUSED, SLOW]) runLog.failed(failure, 1);
  assert.deepEqual(lines.map(([, { repeated }]) => repeated), [undefined, undefined]);
  runLog.succeeded(1);
  assert.deepEqual([lines[2]?.[0], lines[2]?.[1]["repeated"]], ["info run succeeded again", 2]);
  runLog.succeeded(1);
  assert.equal(lines.length, 3);
});

Deno.test("ever new failures do not fill the memory: the oldest is forgotten", () => {
  const { lines, runLog } = logging();
  const failure = (n: number): Failure => ({
    type: "command_failed",
    message: `failure ${"x".repeat(n % 14 + 1)}`,
    exitCode: n,
  });
  for (let n = 0; n < 17; n++) runLog.failed(failure(n), 1);
  runLog.failed(failure(16), 1);
  assert.equal(lines.length, 17);
  runLog.failed(failure(0), 1);
  assert.equal(lines.length, 18);
});
