import assert from "node:assert/strict";
import {
  archiveFamilies,
  backupFilesFamilies,
  clusterInfoFamily,
  recoveryFamilies,
  storageBytesFamily,
} from "../../src/recovery/families.ts";
import { recover } from "../../src/recovery/recover.ts";
import { type Recovery } from "../../src/recovery/recovery.ts";
import { aBackup, aVerify, MiB } from "./builders.ts";
import { loadCapture } from "./load_capture.ts";

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
    walg_recovery_until_timestamp_seconds: [],
    walg_recovery_window_start_timestamp_seconds: [{ value: 1_700_000_000 }],
    walg_wal_at_risk_segments: [{ value: 2 }],
    walg_wal_lost_segments: [{ value: 1 }],
  });
});

Deno.test("what is not known has no series", () => {
  assert.deepEqual(seriesOf(recover({ backups: [full, newest], verify: aVerify([], size) })), {
    walg_backup_restorable: [],
    walg_recovery_until_lsn_bytes: [],
    walg_recovery_until_timestamp_seconds: [],
    walg_recovery_window_start_timestamp_seconds: [],
    walg_wal_at_risk_segments: [],
    walg_wal_lost_segments: [{ value: 0 }],
  });
});

Deno.test("where nothing has answered, there is no series but of backups that lack an ancestor", () => {
  const series = seriesOf(recover({ backups: [full, orphan] }));
  assert.deepEqual(series["walg_backup_restorable"], [{ labels: { backup_name: orphan.name }, value: 0 }]);
  assert.deepEqual(series["walg_wal_lost_segments"], []);
});

Deno.test("the series of the archive, of the backups' files and of the cluster", async () => {
  const { archive, files, backups } = await loadCapture("backup-interrupted");
  assert.ok(archive !== undefined && files !== undefined);
  const recovery = recover({ backups, archive, files });
  const families = [
    ...recoveryFamilies(recovery).filter(({ name }) => name === "walg_recovery_until_timestamp_seconds"),
    ...archiveFamilies(archive),
    ...backupFilesFamilies(files, recovery.backups, backups),
    storageBytesFamily({ archive, files, listed: backups }),
    clusterInfoFamily(backups),
  ];
  const shown = Object.fromEntries(families.map(({ name, samples }) => [name, [...samples]]));
  const second = (time: string): number => Date.parse(time) / 1000;
  assert.deepEqual({ ...shown, walg_backup_complete: [], walg_backup_stored_bytes: [] }, {
    walg_recovery_until_timestamp_seconds: [{ value: second("2026-11-26T15:12:25Z") }],
    walg_archive_segments: [["1", 26], ["2", 11], ["3", 7]].map(([id, value]) => ({
      labels: { timeline_id: id, timeline_hex: `0000000${id}` },
      value,
    })),
    walg_archive_bytes: [{ value: archive.bytes }],
    walg_archive_newest_segment_timestamp_seconds: [{ value: second("2026-11-26T15:13:16Z") }],
    walg_backup_complete: [],
    walg_backup_stored_bytes: [],
    walg_unfinished_backups: [{ value: 1 }],
    walg_unfinished_backup_last_upload_timestamp_seconds: [{ value: second("2026-11-26T15:13:16Z") }],
    walg_storage_bytes: [
      { labels: { content: "backups" }, value: 123648102 },
      { labels: { content: "unfinished_backups" }, value: 1698762 },
      { labels: { content: "wal" }, value: archive.bytes },
    ],
    walg_cluster_info: [{
      labels: { system_identifier: "7712497990340698481", hostname: "db1", data_dir: "/var/lib/postgresql/15/main" },
      value: 1,
    }],
  });
  assert.deepEqual(shown["walg_backup_complete"]?.map(({ value }) => value), Array(11).fill(1));
  const least = backups.map(({ compressedSize }) => compressedSize);
  assert.ok(shown["walg_backup_stored_bytes"]?.every(({ value }, at) => value >= (least[at] ?? Infinity)));
});

Deno.test("the families can be walked more than once", () => {
  const recovery = recover({ backups: [full], verify: verify });
  for (const { samples } of recoveryFamilies(recovery)) assert.deepEqual([...samples], [...samples]);
});

function seriesOf(recovery: Recovery): Record<string, unknown> {
  return Object.fromEntries(recoveryFamilies(recovery).map(({ name, samples }) => [name, [...samples]]));
}
