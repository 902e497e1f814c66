import assert from "node:assert/strict";
import { atOnce } from "../../../src/base/clock.ts";
import { walArchive } from "../../../src/operations/wal_archive.ts";
import type { RunWalg } from "../../../src/operations/operation.ts";
import { NOW } from "./support.ts";

const LISTING = "type size last modified name\n" +
  "obj  70000 2026-11-26 11:00:00 +0000 UTC 000000010000000000000002.lz4\n" +
  "obj  70000 2026-11-26 11:00:00 +0000 UTC 000000010000000000000003.lz4\n" +
  "obj  60 2026-11-26 11:00:00 +0000 UTC 00000002.history.lz4\n";
const SHOWN = JSON.stringify([{
  id: 1,
  parent_id: 0,
  switch_point_lsn: 0,
  start_segment: "000000010000000000000002",
  end_segment: "000000010000000000000003",
  segments_count: 2,
  missing_segments: [],
}]);

/** Just promoted; the one file that tells it is read while the network is down, or until the time is up. */
const collect = async (how: "exited" | "timed_out") => {
  const runWalg: RunWalg = async (args, options) => {
    const [first, second] = args;
    const isCat = first === "st" && second === "cat";
    const stdout = new TextEncoder().encode(isCat ? "" : first === "wal-show" ? SHOWN : LISTING);
    const stderr = isCat
      ? "ERROR: 2026/11/26 11:00:02.0 RequestError: dial tcp 10.0.0.1:443: connect: connection refused\n"
      : "";
    if (!isCat) await options?.onStdout?.(stdout);
    const end = { exitCode: isCat ? 1 : 0, stderr, stdout, gone: Promise.resolve() };
    return isCat && how === "timed_out" ? { ...end, how: "timed_out" } as never : { ...end, how: "exited" };
  };
  return await walArchive.collect({
    runWalg,
    drillFile: "",
    failure: { path: "wal-g", timeout: 1000, fallback: "command_failed" },
    previous: undefined,
    pace: atOnce,
    now: () => NOW,
  });
};

for (const how of ["exited", "timed_out"] as const) {
  Deno.test(`a .history that could not be fetched just now (${how}) is a failed run, not a file that cannot be decrypted`, async () => {
    await assert.rejects(() => collect(how));
  });
}
