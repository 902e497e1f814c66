import assert from "node:assert/strict";
import { pause, until } from "../support/exporter.ts";
import { FAST, startControlled } from "./controlled.ts";

const lastSuccess = "walg_scrape_last_success_timestamp_seconds";

Deno.test("by default the last good answer stays for ever, and its age is visible", async () => {
  await using exporter = await startControlled();
  await exporter.ready();
  await exporter.knobs("backup-list", { EXIT: 1 });
  await until("it fails", async () => await exporter.value("walg_scrape_success", { operation: "backup-list" }) === 0);
  const age = await exporter.value(lastSuccess, { operation: "backup-list" });
  await pause(1200);
  assert.equal(await exporter.value(lastSuccess, { operation: "backup-list" }), age);
  assert.ok(Date.now() / 1000 - (age ?? Infinity) >= 1.2);
  assert.equal(await exporter.value("walg_backups", { backup_type: "full" }), 4);
});

Deno.test("-snapshot.max-age drops the series of an older answer, and no others; the next success brings them back", async () => {
  await using exporter = await startControlled({ flags: [...FAST, "-snapshot.max-age=1s"] });
  await exporter.ready();
  await exporter.knobs("backup-list", { HANG: 1 });
  await until("dropped", async () => !(await exporter.families()).has("walg_backup_info"), 5000);
  const families = await exporter.families();
  for (
    const name of ["walg_backups", "walg_pitr_window_seconds", "walg_backup_restorable", "walg_recovery_window_seconds"]
  ) {
    assert.equal(families.has(name), false, name);
  }
  for (const name of ["walg_wal_verify_status", "walg_storage_up", "walg_errors_total", lastSuccess]) {
    assert.ok(families.has(name), name);
  }
  await exporter.knobs("backup-list");
  exporter.signal("SIGHUP");
  const [hanging] = exporter.runs("backup-list").slice(-1);
  if (hanging !== undefined) Deno.kill(hanging.pid, "SIGKILL");
  await until("back", async () => (await exporter.families()).has("walg_backup_info"), 10_000);
  assert.equal(await exporter.value("walg_backups", { backup_type: "full" }), 4);
});
