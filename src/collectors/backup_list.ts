import type { Family } from "../metrics/family.ts";
import { gauge } from "../metrics/family.ts";
import { joined, lengthOf, textOf } from "../pieces.ts";
import type { Backup } from "../walg/backup.ts";
import type { CommandEnd } from "../walg/command.ts";
import { type CollectContext, type Collector, COMMON_ERROR_TYPES } from "./collector.ts";

/** The backups of one answer. */
export interface BackupList {
  readonly backups: readonly Backup[];
  /** Tells whether the next answer is the same. */
  readonly digest: string;
}

const BLANK = /^\s*(null)?\s*$/;

/** Lists the backups. */
export const backupListCollector: Collector<BackupList> = {
  operation: "backup-list",
  description: "which backups there are",
  defaults: { interval: "1m", timeout: "2m" },
  countsAsScrapeError: true,
  backsOff: true,
  fallbackError: "command_failed",
  errorTypes: [...COMMON_ERROR_TYPES, "invalid_output", "empty_output", "command_failed"],

  async collect(context) {
    const end = await context.runWalg(["backup-list", "--detail", "--json"]);
    const { decodeBackupList, decodeOrFail, digest, stdoutOf } = await import("../walg/answers.ts");
    const stdout = stdoutOf(end, context.failure);
    if (lengthOf(stdout) < 64 && BLANK.test(textOf(stdout))) return await confirmEmpty(end, context);
    const sum = await digest(stdout, context.pace);
    if (context.previous?.digest === sum) return context.previous;
    return { backups: await decodeOrFail(end, () => decodeBackupList(joined(stdout), context.pace)), digest: sum };
  },

  families: async ({ backups }, options) =>
    (await import("../metrics/backup_families.ts")).backupFamilies(backups, options),

  runFamilies: ({ durationSeconds }): Family[] => [
    gauge("walg_backup_list_duration_seconds", "Time that the last run of 'backup-list' took, failed or not.", [
      { value: durationSeconds },
    ]),
  ],
};

/**
 * WAL-G before 3.0.9 prints nothing both for an empty storage and for one that it could not list: asks it to list
 * the folder of backups itself.
 */
async function confirmEmpty(end: CommandEnd, { runWalg, failure }: CollectContext<BackupList>): Promise<BackupList> {
  const listing = await runWalg(["st", "ls", "basebackups_005/"]);
  const { lastError, maskSecrets, stdoutOf, unusable } = await import("../walg/answers.ts");
  // One that gave no answer in time, or was killed, says nothing of the storage.
  if (listing.how !== "exited") stdoutOf(listing, failure);
  const listed = listing.exitCode === 0;
  const names = textOf(listing.stdout);
  if (listed && !names.includes("_backup_stop_sentinel.json")) return { backups: [], digest: "empty" };
  const why = listed
    ? "'wal-g st ls basebackups_005/' shows backups"
    : `'wal-g st ls basebackups_005/' could not confirm that there are none: ${
      lastError(maskSecrets(listing.stderr)) || `exit status ${listing.exitCode} without a word`
    }`;
  throw unusable("empty_output", `backup-list printed nothing, and ${why}`, listing.stderr === "" ? end : listing);
}
