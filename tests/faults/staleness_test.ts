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
  await pause(300);
  assert.equal(await exporter.value(lastSuccess, { operation: "backup-list" }), age);
  assert.ok(Date.now() / 1000 - (age ?? Infinity) >= 0.3);
  assert.equal(await exporter.value("walg_backups", { backup_type: "full" }), 4);
});

Deno.test("-snapshot.max-age drops the series of an older answer, and no others; the next success brings them back", async () => {
  await using exporter = await startControlled({ flags: [...FAST, "-snapshot.max-age=1s"] });
  await exporter.ready();
  await exporter.knobs("backup-list", { HANG: 1 });
  // On a slow machine another answer may be too old as well, until its next one comes.
  let families = await exporter.families();
  await until("the list alone is dropped", async () => {
    families = await exporter.families();
    return !families.has("walg_backup_info") &&
      ["walg_wal_verify_status", "walg_storage_up"].every((name) => families.has(name));
  });
  for (
    const name of ["walg_backups", "walg_pitr_window_seconds", "walg_backup_restorable", "walg_recovery_window_seconds"]
  ) {
    assert.equal(families.has(name), false, name);
  }
  for (const name of ["walg_errors_total", lastSuccess]) assert.ok(families.has(name), name);
  await exporter.knobs("backup-list");
  exporter.signal("SIGHUP");
  const [hanging] = exporter.runs("backup-list").slice(-1);
  if (hanging !== undefined) Deno.kill(hanging.pid, "SIGKILL");
  await until("back", async () => await exporter.value("walg_backups", { backup_type: "full" }) === 4);
});
