import assert from "node:assert/strict";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { emptyState } from "../support/state.ts";
import { runCapture, statusAt } from "./scenario.ts";

const NOW = Date.parse("2026-11-26T17:30:00Z");

/** The word on top, the codes of all problems with their levels, and the newest segment that can be replayed. */
const EXPECTED: Readonly<Record<string, readonly [word: string, problems: readonly string[], until: string]>> = {
  "healthy": ["OK", [], "000000010000000000000014"],
  "healthy-postgres-down": ["Warning", ["warning wal_verify_failed"], "000000010000000000000014"],
  "switched": ["OK", [], "000000020000000000000019"],
  "switched-postgres-down": ["Warning", ["warning wal_verify_failed"], "00000002000000000000001E"],
  "history-lost-postgres-down": [
    "Warning",
    ["warning wal_verify_failed", "warning history_missing"],
    "00000003000000000000001E",
  ],
  "part-lost": ["Warning", ["warning wal_verify_failed", "warning backup_incomplete"], "00000003000000000000001E"],
  "control-lost": ["Warning", ["warning wal_verify_failed", "warning backup_incomplete"], "00000003000000000000001E"],
  "backup-interrupted": [
    "Critical",
    ["critical recovery_point_too_old", "critical wal_lost", "warning upload_died"],
    "00000003000000000000001F",
  ],
  "failover": [
    "Critical",
    ["critical recovery_point_too_old", "critical wal_lost", "warning upload_died"],
    "00000003000000000000001F",
  ],
  "failover-wal": ["OK", [], "000000010000000000000008"],
  "just-promoted": ["Warning", ["warning newest_on_branch"], "000000010000000000000004"],
  "jam-stuck": ["Critical", ["critical recovery_point_too_old"], "000000010000000000000004"],
  "jam-oldest-through": ["Critical", ["critical recovery_point_too_old"], "000000010000000000000007"],
  "s3": ["Warning", ["warning history_missing"], "000000030000000000000024"],
  "segments-64mb-size-unset": ["Warning", ["warning wal_verify_failed"], "000000010000000000000007"],
  "newest-on-branch": ["Warning", ["warning newest_on_branch"], "000000020000000000000004"],
  "delta-on-branch": [
    "Critical",
    ["critical newest_not_restorable", "critical mixed_delta"],
    "00000002000000000000000C",
  ],
  "two-systems": ["Warning", ["warning other_system"], "000000010000000000000002"],
};

for (const [name, [word, problems, until]] of Object.entries(EXPECTED)) {
  Deno.test(`archive: ${name}: what is wrong, and up to where`, async () => {
    const state = await runCapture(`archive-wal-g-3.0.9/${name}`, emptyState(OPERATIONS), NOW);
    const status = statusAt(state, NOW);
    assert.deepEqual(status.problems.map(({ level, code }) => `${level} ${code}`), problems);
    assert.equal(status.summary.word, word);
    assert.equal(status.recovery?.untilSegment, until);
  });
}

Deno.test("archive: what is said of a mixed delta, of two systems and of a lost history names what to do", async () => {
  const problemOf = async (name: string, code: string): Promise<string> => {
    const state = await runCapture(`archive-wal-g-3.0.9/${name}`, emptyState(OPERATIONS), NOW);
    const found = statusAt(state, NOW).problems.find((problem) => problem.code === code);
    return `${found?.sentence}: ${found?.fix}`;
  };
  assert.match(await problemOf("delta-on-branch", "mixed_delta"), /mixture .*backup-push --full/);
  assert.match(
    await problemOf("two-systems", "other_system"),
    /2 backups of another system .*base_000000010000000000000006/,
  );
  assert.match(
    await problemOf("history-lost-postgres-down", "history_missing"),
    /00000003\.history is not in the archive.*wal-push PGDATA\/pg_wal\/00000003\.history/,
  );
  assert.match(
    await problemOf("backup-interrupted", "upload_died"),
    /base_000000030000000000000026 died .*st rm basebackups_005\/base_000000030000000000000026\/'/,
  );
});
