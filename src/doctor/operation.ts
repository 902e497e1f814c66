import type { BackupList } from "../collectors/backup_list.ts";
import type { RunResult } from "../collectors/run_once.ts";
import type { Operation } from "../collectors/operation.ts";
import type { VerifiedWal } from "../collectors/wal_verify.ts";
import { formatCount } from "../status/text.ts";
import { mendFor } from "../walg/mend.ts";
import { failed, ok, skipped, type StepResult } from "./step.ts";

/** Whether the storage answered. */
export function storageStep(result: RunResult<unknown>, walgPath: string): StepResult {
  return stepOf(result, "storage-check", walgPath, () => "it answers");
}

/** Whether the backups could be listed. */
export function backupsStep(result: RunResult<BackupList>, walgPath: string): StepResult {
  return stepOf(
    result,
    "backup-list",
    walgPath,
    ({ backups }) => backups.length === 0 ? "listed: there is none yet" : formatCount(backups.length, "backup"),
  );
}

/** Whether wal-verify reached PostgreSQL; where backups cannot be listed either, it may have failed for that. */
export function postgresStep(
  result: RunResult<VerifiedWal>,
  { backupsFailed, walgPath }: { backupsFailed: boolean; walgPath: string },
): StepResult {
  if (result.how === "failure" && backupsFailed && result.failure.type !== "postgres_down") {
    return skipped("wal-verify needs the storage, and backups cannot be listed");
  }
  return stepOf(
    result,
    "wal-verify",
    walgPath,
    ({ integrity, timeline }) => `wal-verify answered: integrity ${integrity.status}, timeline ${timeline.status}`,
  );
}

function stepOf<T>(
  result: RunResult<T>,
  operation: Operation,
  walgPath: string,
  say: (value: T) => string,
): StepResult {
  switch (result.how) {
    case "answer":
      return ok(say(result.value));
    case "unsupported":
      return skipped(result.reason);
    case "failure":
      return failed(result.failure.message, mendFor(result.failure, { operation, walgPath }));
  }
}
