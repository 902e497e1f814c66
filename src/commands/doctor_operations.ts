import type { Collector } from "../collectors/collector.ts";
import { COLLECTORS } from "../collectors/mod.ts";
import { cachesStep } from "../doctor/caches.ts";
import { backupsStep, postgresStep, storageStep } from "../doctor/operation.ts";
import { settingsStep } from "../doctor/settings.ts";
import { skipped, type StepResult } from "../doctor/step.ts";
import type { Examination } from "./doctor.ts";
import { type RecordedRun, recordedRun } from "./recorded_run.ts";

/**
 * Checks what the operations need. One after the other: once the storage has failed, the rest would only wait for it,
 * with retries of half an hour.
 */
export async function examineOperations(examination: Examination): Promise<void> {
  const { config: { walgPath, walgConfigPath: configPath }, host: { env, clock }, show } = examination;
  const storageStart = clock.monotonic();
  const storage = await run(COLLECTORS["storage-check"], examination);
  const storageSeconds = clock.monotonic() - storageStart;
  const backupsStart = clock.monotonic();
  const backups = storage.result.how === "failure" ? undefined : await run(COLLECTORS["backup-list"], examination);
  const backupsSeconds = clock.monotonic() - backupsStart;

  const runs: readonly RecordedRun<unknown>[] = backups === undefined ? [storage] : [storage, backups];
  const stderr = runs.map((recorded) => recorded.stderr).join("");
  const failedStderr = runs.filter(({ result }) => result.how === "failure").map((recorded) => recorded.stderr);
  const settings = settingsStep({ stderr, failedStderr, configPath });
  show("config", settings);
  show("caches", cachesStep(stderr, env("HOME")));

  const unless = (failed: boolean, why: string, step: () => StepResult): StepResult => failed ? skipped(why) : step();
  const refused = settings.status === "failed";
  const without = "wal-g does not accept its settings";
  const storageFailed = storage.result.how === "failure";
  show(
    "storage",
    unless(refused && storageFailed, without, () => storageStep(storage.result, walgPath)),
    clock.monotonic() - storageSeconds,
  );
  if (backups === undefined) {
    show("backups", skipped("the storage does not answer"));
    show("PostgreSQL", skipped("wal-verify needs the storage, which does not answer"));
    return;
  }
  const backupsFailed = backups.result.how === "failure";
  show(
    "backups",
    unless(refused && backupsFailed, without, () => backupsStep(backups.result, walgPath)),
    clock.monotonic() - backupsSeconds,
  );
  const verifyStart = clock.monotonic();
  const verify = await run(COLLECTORS["wal-verify"], examination);
  show("PostgreSQL", postgresStep(verify.result, { backupsFailed, walgPath }), verifyStart);
}

async function run<T>(
  collector: Collector<T>,
  { config, host: { clock }, progress, signal }: Examination,
): Promise<RecordedRun<T>> {
  const ended = progress.start(collector.operation);
  try {
    return await recordedRun({ collector, previous: undefined, config, clock, signal });
  } finally {
    ended();
  }
}
