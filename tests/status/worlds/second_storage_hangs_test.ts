import assert from "node:assert/strict";
import { atOnce } from "../../../src/base/clock.ts";
import { walArchive } from "../../../src/operations/wal_archive.ts";
import type { RunWalg } from "../../../src/operations/operation.ts";
import { NOW } from "./support.ts";

// A failover storage on S3 that refuses connections: 'st ls -t all' retries for 30 minutes (design, section 1), so it
// never exits with 1 by itself; TERM ends it. The first storage answers at once.
Deno.test("where another storage makes '-t all' run into the time limit, the first storage is listed all the same", async () => {
  const runWalg: RunWalg = async (args, options) => {
    const command = args.join(" ");
    const gone = Promise.resolve();
    if (command.startsWith("st ls -t all")) {
      const stderr = "INFO: 2026/11/26 11:00:01.0 storage default\nINFO: 2026/11/26 11:00:01.1 storage second\n" +
        "ERROR: 2026/11/26 11:10:00.0 RequestError: dial tcp 10.0.0.2:443: connect: connection refused\n";
      return { how: "timed_out", exitCode: 1, stderr, stdout: new Uint8Array(), gone } as never;
    }
    const text = command.startsWith("wal-show")
      ? "[]"
      : "type size last modified name\nobj  70000 2026-11-26 11:00:00 +0000 UTC 000000010000000000000002.lz4\n";
    const stdout = new TextEncoder().encode(text);
    await options?.onStdout?.(stdout);
    return { how: "exited", exitCode: 0, stderr: "", stdout, gone };
  };
  const failure = { path: "wal-g", timeout: 1000, fallback: "command_failed" } as const;
  const { archive } = await walArchive.collect({
    runWalg,
    drillFile: "",
    failure,
    previous: undefined,
    pace: atOnce,
    now: () => NOW,
  });
  assert.deepEqual([archive.timelines.get(1)?.segments, archive.unlisted], [1, ["second"]]);
});
