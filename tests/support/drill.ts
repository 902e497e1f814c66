import { dirname } from "node:path";
import { DRILL_FOLDER } from "../../src/operations/drill_result.ts";
import { exists } from "./paths.ts";

/** What a drill of 20 November 2026 that passed wrote, with some of it changed. */
export function drillText(changes: Readonly<Record<string, unknown>> = {}): string {
  const success = {
    end_time: "2026-11-20T04:20:00Z",
    recovery_seconds: 840.25,
    restored_bytes: 61_722_624,
    recovered_until: "2026-11-20T03:55:12.500000Z",
  };
  return JSON.stringify({
    format: 1,
    cluster: "default",
    outcome: "passed",
    phase: null,
    reason: null,
    last_words: null,
    start_time: "2026-11-20T04:00:00Z",
    end_time: "2026-11-20T04:20:00Z",
    phase_seconds: { plan: 3.1, space: 0.2, fetch: 700, start: 1.5, recovery: 135.45, checks: 359.75 },
    target: "latest",
    backup: "base_000000010000000000000003",
    pg_version: 150004,
    timeline: 1,
    system_identifier: "7712600152231124869",
    wal_segments: 2,
    restored_bytes: 61_722_624,
    recovered_until: "2026-11-20T03:55:12.500000Z",
    recovered_lsn: "0/5000000",
    checks: ["7 databases answer"],
    last_success: success,
    ...changes,
  });
}

/** Flags for an exporter that reads the result of a drill that passed, within the scope of the sandbox; needs root. */
export async function withDrillResult(use: (flags: readonly string[]) => Promise<void>): Promise<void> {
  const made = [dirname(DRILL_FOLDER), DRILL_FOLDER].filter((path) => !exists(path));
  await Deno.mkdir(DRILL_FOLDER, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: DRILL_FOLDER, prefix: "test-" });
  try {
    await Deno.writeTextFile(`${folder}/default.json`, drillText());
    await use([`-drill-result.folder=${folder}`, "-drill-result.scrape-interval=1m"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
    for (const path of made.toReversed()) await Deno.remove(path);
  }
}
