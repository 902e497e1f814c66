import { formatBytes, formatCount } from "../base/text.ts";
import { type BackupFiles, createBackupFilesBuilder } from "../walg/backup_files.ts";
import { describeListed, listFolder } from "./listing.ts";
import { type Operation, UnsupportedError, USUAL } from "./operation.ts";

/** The files of one answer, and what the next run need not ask again. */
export interface FilesAnswer {
  readonly files: BackupFiles;
  /** What the run before found: it counts until the backups have been listed again. */
  readonly before?: BackupFiles | undefined;
  readonly lacksAll: boolean;
}

/** Lists the files of all backups: what a backup really has in the storage. */
export const backupFiles: Operation<FilesAnswer> = {
  ...USUAL,
  name: "backup-files",
  description: "whether the files of the backups are all there",
  command: "wal-g st ls -t all -r basebackups_005/",
  defaults: { interval: "1h", timeout: "30m" },
  needs: ["storage-check", "backup-list"],
  waitsFor: ["backup-list"],
  readyAfterFirstRun: false,
  expires: false,
  problem: {
    code: "backup_files_failed",
    level: "warning",
    says: () => "The files of the backups cannot be listed, so whether they are all there is not known",
    unknown: "",
  },
  check: { fine: ({ files }) => describe(files) },
  doctor: { step: "backup files", fine: ({ files }) => describe(files) },

  async collect(context) {
    const listed = await listFolder("basebackups_005/", {
      recursive: true,
      lacksAll: context.previous?.lacksAll ?? false,
      create: createBackupFilesBuilder,
    }, context);
    if (listed === undefined) {
      throw new UnsupportedError("this wal-g has no 'st ls': WAL-G before 2.0 cannot list its storage");
    }
    const { collector, lacksAll, ...facts } = listed;
    const before = context.previous?.files;
    return { files: withoutDeleted(collector.build(facts), before), before, lacksAll };
  },
};

/** What had a sentinel the last time is no upload: 'wal-g delete' takes the sentinel first. */
function withoutDeleted(files: BackupFiles, before: BackupFiles | undefined): BackupFiles {
  const { true: deleted = [], false: unfinished = [] } = Object.groupBy(
    files.unfinished,
    ({ name }) => before?.backups.has(name) ? "true" : "false",
  );
  const bytes = deleted.flatMap(({ copies }) => copies).reduce((sum, copy) => sum + copy.bytes, 0);
  return { ...files, unfinished, otherBytes: files.otherBytes + bytes };
}

function describe(files: BackupFiles): string {
  const { backups, unfinished } = files;
  const bytes = [...backups.values()].flatMap(({ copies }) => copies).reduce((sum, copy) => sum + copy.bytes, 0);
  const left = unfinished.length > 0 ? `, ${unfinished.length} unfinished` : "";
  return describeListed(`${formatBytes(bytes)} of ${formatCount(backups.size, "backup")}`, files, left);
}
