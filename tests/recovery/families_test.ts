import assert from "node:assert/strict";
import { recover, type Recovery, recoveryFamilies } from "../../src/recovery/mod.ts";
import { aBackup, aVerify, MiB } from "./builders.ts";

const size = 16 * MiB;
const full = aBackup({ timeline: 1, number: 0x105, size, finishTime: 1_700_000_000_999 });
const orphan = aBackup({ timeline: 1, number: 0x106, size, parent: "", parentWalFile: "000000010000000000000001" });
const newest = aBackup({ timeline: 1, number: 0x109, size });
const verify = aVerify([{
  timeline: 1,
  first: 0x103,
  statuses: ["FOUND", "MISSING_LOST", "FOUND", "FOUND", "MISSING_LOST", "FOUND"],
}], size);

Deno.test("the series of a recovery", () => {
  assert.deepEqual(seriesOf(recover({ backups: [full, orphan, newest], verify: verify })), {
    walg_backup_restorable: [
      { labels: { backup_name: full.name }, value: 1 },
      { labels: { backup_name: orphan.name }, value: 0 },
    ],
    walg_recovery_until_lsn_bytes: [{ value: 0x1_0700_0000 }],
    walg_recovery_window_start_timestamp_seconds: [{ value: 1_700_000_000 }],
    walg_wal_at_risk_segments: [{ value: 2 }],
    walg_wal_lost_segments: [{ value: 1 }],
  });
});

Deno.test("what is not known has no series", () => {
  assert.deepEqual(seriesOf(recover({ backups: [full, newest], verify: aVerify([], size) })), {
    walg_backup_restorable: [],
    walg_recovery_until_lsn_bytes: [],
    walg_recovery_window_start_timestamp_seconds: [],
    walg_wal_at_risk_segments: [],
    walg_wal_lost_segments: [{ value: 0 }],
  });
});

Deno.test("the families can be walked more than once", () => {
  const recovery = recover({ backups: [full], verify: verify });
  for (const { samples } of recoveryFamilies(recovery)) assert.deepEqual([...samples], [...samples]);
});

function seriesOf(recovery: Recovery): Record<string, unknown> {
  return Object.fromEntries(recoveryFamilies(recovery).map(({ name, samples }) => [name, [...samples]]));
}
