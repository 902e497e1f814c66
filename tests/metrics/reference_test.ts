import assert from "node:assert/strict";
import { backupList } from "../../src/operations/backup_list.ts";
import { outcomeOf } from "../../src/operations/state.ts";
import { storageCheck } from "../../src/operations/storage_check.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import { allSeries, parseExposition, parseSample, seriesKey } from "../support/exposition_parser.ts";
import { collectState, expositionText, failureType } from "../support/in_process.ts";
import { CAPTURES, exists, scenarios } from "../support/paths.ts";

/** The families that the reference exporter does not have. */
const BEYOND = new Set([
  "walg_problem",
  "walg_scrape_success",
  "walg_scrape_last_success_timestamp_seconds",
  "walg_scrape_duration_seconds",
  "walg_wal_segments",
  "walg_wal_current_timeline",
  "walg_wal_highest_storage_timeline",
  "walg_backup_last_finish_timestamp_seconds",
  "walg_backup_last_duration_seconds",
  "walg_backups_compressed_size_bytes",
  "walg_backups_permanent",
  "walg_backup_storage_info",
  "walg_version_info",
  "walg_exporter_build_info",
  "walg_backup_restorable",
  "walg_recovery_until_lsn_bytes",
  "walg_recovery_window_start_timestamp_seconds",
  "walg_recovery_window_seconds",
  "walg_wal_at_risk_segments",
  "walg_wal_lost_segments",
  "walg_cluster_info",
]);
/** Those of the reference exporter that differ from run to run, so that its recordings leave them out. */
const VOLATILE = new Set([
  "walg_backup_list_duration_seconds",
  "walg_errors_total",
  "walg_pitr_window_seconds",
  "walg_storage_latency_seconds",
  "walg_wal_verify_duration_seconds",
]);

for (const scenario of scenarios().filter((name) => exists(`${CAPTURES}/${name}/reference.prom`))) {
  Deno.test(`${scenario}: shows all that the reference exporter shows, and beyond it only what is documented`, async () => {
    const families = parseExposition(await expositionText(await collectState(scenario)));
    const ours = allSeries(families);
    const reference = Deno.readTextFileSync(`${CAPTURES}/${scenario}/reference.prom`).trimEnd().split("\n");
    const types = new Map(reference.flatMap((line) => {
      const [, name = "", type = ""] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      return name === "" ? [] : [[name, type]];
    }));
    const samples = reference.filter((line) => !line.startsWith("#")).map((line) =>
      parseSample(line) ?? assert.fail(line)
    );
    assert.ok(samples.length > 10);
    for (const sample of samples) {
      assert.equal(ours.get(seriesKey(sample))?.value, sample.value, seriesKey(sample));
      assert.equal(families.get(sample.name)?.type, types.get(sample.name), sample.name);
    }
    const expected = new Set(samples.map(seriesKey));
    for (const [key, { name }] of ours) {
      assert.ok(expected.has(key) || BEYOND.has(name) || VOLATILE.has(name), `unexpected ${key}`);
    }
  });
}

Deno.test("wal-g 1.1: the storage check is off, and its series are absent", async () => {
  const state = await collectState("wal-g-1.1/two-timelines");
  assert.match(outcomeOf(state, storageCheck).unsupported ?? "", /^this wal-g has no 'st check read'/);
  const text = await expositionText(state);
  assert.doesNotMatch(text, /^walg_storage_/m);
  assert.doesNotMatch(text, /^walg_scrape_\w+\{operation="storage-check"/m);
  assert.match(text, /^walg_errors_total\{operation="storage-check",error_type="connectivity_failed"\} 0$/m);
});

Deno.test("no backups on 3.0.9 and 3.0.3: zeros, both types there", async () => {
  for (const version of ["3.0.9", "3.0.3"]) {
    const state = await collectState(`wal-g-${version}/no-backups`);
    assert.equal(outcomeOf(state, backupList).last?.success, true, version);
    const text = await expositionText(state);
    assert.match(text, /^walg_backups\{backup_type="full"\} 0$/m);
    assert.match(text, /^walg_backups\{backup_type="delta"\} 0$/m);
    assert.match(text, /^walg_pitr_window_seconds 0$/m);
    assert.doesNotMatch(text, /^walg_backup_info/m);
  }
});

for (const scenario of ["wal-g-3.0.3/storage-unlistable", "wal-g-1.1/storage-unlistable", "wal-g-1.1/no-backups"]) {
  Deno.test(`${scenario}: an unconfirmed empty answer is a failed run without zeros`, async () => {
    const state = await collectState(scenario);
    assert.equal(failureType(state, backupList), "empty_output");
    const text = await expositionText(state);
    assert.doesNotMatch(text, /^walg_backups/m);
    assert.doesNotMatch(text, /^walg_pitr_window_seconds/m);
    assert.match(text, /^walg_errors_total\{operation="backup-list",error_type="empty_output"\} 1$/m);
  });
}

Deno.test("a failed run after a good one: the last good list stays", async () => {
  const good = await collectState("wal-g-3.0.3/two-timelines");
  const state = await collectState("wal-g-3.0.3/storage-unlistable", { from: good });
  assert.equal(failureType(state, backupList), "empty_output");
  const text = await expositionText(state);
  assert.match(text, /^walg_backups\{backup_type="full"\} 4$/m);
  assert.match(text, /^walg_scrape_success\{operation="backup-list"\} 0$/m);
});

Deno.test("storage-unlistable on 3.0.9: the failure is told in WAL-G's words", async () => {
  const state = await collectState("wal-g-3.0.9/storage-unlistable");
  assert.equal(failureType(state, backupList), "access_denied");
  assert.match(
    outcomeOf(state, backupList).lastFailure?.message ?? "",
    /open \/srv\/wal-g\/basebackups_005: permission denied$/,
  );
});

Deno.test("failover storages: 8 backups, each counted once, with their storages", async () => {
  const families = parseExposition(await expositionText(await collectState("wal-g-3.0.9/failover-storage")));
  assert.equal(families.get("walg_backup_info")?.series.length, 8);
  assert.equal(families.get("walg_backups")?.series.reduce((sum, { value }) => sum + value, 0), 8);
  assert.equal(families.get("walg_backup_storage_info")?.series.length, 15);
});

Deno.test("postgres down: backups are shown, wal-verify has failed and has no series", async () => {
  const state = await collectState("wal-g-3.0.9/postgres-down");
  assert.equal(failureType(state, walVerify), "postgres_down");
  const text = await expositionText(state);
  assert.match(text, /^walg_backups\{backup_type="full"\} 4$/m);
  assert.doesNotMatch(text, /^walg_wal_(verify_status|integrity|segments)/m);
  assert.doesNotMatch(text, /^walg_(recovery|backup_restorable|wal_at_risk|wal_lost)/m);
  assert.match(text, /^walg_storage_up 1$/m);
});

Deno.test("archiving stuck: at risk, and only what was lost before counts as lost", async () => {
  const text = await expositionText(await collectState("wal-g-3.0.9/archiving-stuck-long"));
  assert.match(text, /^walg_wal_at_risk_segments 59$/m);
  assert.match(text, /^walg_wal_lost_segments 1$/m);
});
