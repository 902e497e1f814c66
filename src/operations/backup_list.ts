import { formatCount } from "../base/text.ts";
import { digest, textOf } from "../base/bytes.ts";
import {
  classifyStderr,
  decodeOrFail,
  type Failure,
  failureOf,
  stdoutOf,
  unusable,
  WalgError,
} from "../walg/failure.ts";
import { type Family, gauge, type Sample } from "../base/family.ts";
import { isKnown, unixSeconds } from "../base/time.ts";
import { type Backup, BACKUP_TYPES, decodeBackupList, decodePlainList, endTime } from "../walg/backup_list.ts";
import type { CommandEnd } from "../walg/command.ts";
import { formatLsn } from "../walg/segment.ts";
import { lastError, maskStderr } from "../walg/stderr.ts";
import { type CollectContext, COMMON_ERROR_TYPES, type Operation, USUAL } from "./operation.ts";
import { outcomeOf, type State } from "./state.ts";

const NAME = ["backup_name"];
const TYPE = ["backup_type"];

/** The newest `limit` of the backups by their finish time, in the order listed; all of them for 0. */
export function newestBackups(backups: readonly Backup[], limit: number): readonly Backup[] {
  if (limit === 0 || backups.length <= limit) return backups;
  const byAge = backups.toSorted((a, b) => b.finishTime - a.finishTime);
  const shown = new Set(byAge.slice(0, limit));
  return backups.filter((backup) => shown.has(backup));
}

function perBackup(backups: readonly Backup[]): Family[] {
  const each = (name: string, help: string, value: (backup: Backup) => number): Family =>
    gauge(name, help, samplesOf(backups, value), NAME);
  return [
    gauge("walg_backup_info", "Information about stored backups. Value is always 1.", backups.values().map(infoOf), [
      "backup_name",
      "backup_type",
      "wal_file",
      "pg_version",
      "start_lsn",
      "finish_lsn",
      "is_permanent",
      "delta_origin",
    ]),
    each("walg_backup_start_timestamp", "Start time of the backup (Unix timestamp).", (b) => unixSeconds(b.startTime)),
    each(
      "walg_backup_finish_timestamp",
      "Finish time of the backup (Unix timestamp).",
      (b) => unixSeconds(b.finishTime),
    ),
    each("walg_backup_compressed_size_bytes", "Compressed size of the backup in bytes.", (b) => b.compressedSize),
    each("walg_backup_uncompressed_size_bytes", "Uncompressed size of the backup in bytes.", (b) => b.uncompressedSize),
    ...storages(backups),
  ];
}

function samplesOf(backups: readonly Backup[], value: (backup: Backup) => number): Iterable<Sample> {
  return backups.values().map((backup) => ({ labels: { backup_name: backup.name }, value: value(backup) }));
}

function infoOf(backup: Backup): Sample {
  const labels = {
    backup_name: backup.name,
    backup_type: backup.type,
    wal_file: backup.walFile,
    pg_version: String(backup.pgVersion),
    start_lsn: formatLsn(backup.startLsn),
    finish_lsn: formatLsn(backup.finishLsn),
    is_permanent: String(backup.permanent),
    delta_origin: backup.parent,
  };
  return { labels, value: 1 };
}

function storages(backups: readonly Backup[]): Family[] {
  if (backups.every((backup) => backup.storages.length === 0)) return [];
  const samples = backups.values().flatMap(({ name, storages }) =>
    storages.map((storage) => ({ labels: { backup_name: name, storage_name: storage }, value: 1 }))
  );
  const help = "The storages that hold the backup. Value is always 1.";
  return [gauge("walg_backup_storage_info", help, samples, ["backup_name", "storage_name"])];
}

function perType(backups: readonly Backup[]): Family[] {
  const ofType = BACKUP_TYPES.map((type) => [type, backups.filter((backup) => backup.type === type)] as const);
  const each = (name: string, help: string, value: (list: readonly Backup[]) => number | undefined): Family => {
    const samples = ofType.flatMap(([backup_type, list]) => {
      const known = value(list);
      return known === undefined ? [] : [{ labels: { backup_type }, value: known }];
    });
    return gauge(name, help, samples, TYPE);
  };
  return [
    each("walg_backups", "Number of backups by type.", (list) => list.length),
    each(
      "walg_backups_permanent",
      "Number of permanent backups by type.",
      (list) => list.filter((b) => b.permanent).length,
    ),
    each(
      "walg_backups_compressed_size_bytes",
      "Sum of the compressed sizes of the backups by type, in bytes.",
      (list) => list.reduce((sum, backup) => sum + backup.compressedSize, 0),
    ),
    each(
      "walg_backup_last_finish_timestamp_seconds",
      "Finish time of the newest backup of the type (Unix timestamp).",
      (list) => newestOf(list, (newest) => unixSeconds(endTime(newest))),
    ),
    each(
      "walg_backup_last_duration_seconds",
      "Time that the newest backup of the type took.",
      (list) =>
        newestOf(list, ({ startTime, finishTime }) => isKnown(startTime) ? (finishTime - startTime) / 1000 : undefined),
    ),
  ];
}

function newestOf(backups: readonly Backup[], value: (newest: Backup) => number | undefined): number | undefined {
  const dated = backups.filter((backup) => isKnown(endTime(backup)));
  const [newest] = dated.toSorted((a, b) => endTime(b) - endTime(a));
  return newest && value(newest);
}

/** Only where the operator set a limit: without one there is nothing to leave out. */
function leftOut(backups: readonly Backup[], limit: number): Family[] {
  if (limit === 0) return [];
  const help = "Number of older backups without series of their own, by -backups.max-series.";
  return [gauge("walg_backups_series_left_out", help, [{ value: Math.max(0, backups.length - limit) }])];
}

/** The backups of one answer. */
export interface BackupList {
  readonly backups: readonly Backup[];
  /** Equal for two answers that are the same. */
  readonly digest: string;
  /** Why it is the plain list: the details could not be listed, over a damaged backup. */
  readonly withoutDetails?: Failure;
}

const BLANK = /^\s*(null)?\s*$/;

/** Lists the backups. */
export const backupList: Operation<BackupList> = {
  ...USUAL,
  name: "backup-list",
  description: "which backups there are",
  command: "wal-g backup-list --detail --json",
  defaults: { interval: "1m", timeout: "2m" },
  canBeOff: false,
  countsAsScrapeError: true,
  errorTypes: [...COMMON_ERROR_TYPES, "invalid_output", "empty_output", "command_failed"],
  problem: {
    code: "backup_list_failed",
    level: "critical",
    says: () => "Backups cannot be listed",
    unknown: "",
  },
  check: {
    fine: ({ backups }) => {
      const full = backups.filter(({ type }) => type === "full").length;
      return `${formatCount(backups.length, "backup")}: ${full} full, ${backups.length - full} delta`;
    },
  },
  doctor: {
    step: "backups",
    fine: ({ backups }) => backups.length === 0 ? "listed: there is none yet" : formatCount(backups.length, "backup"),
  },

  async collect(context) {
    const end = await context.runWalg(["backup-list", "--detail", "--json"]);
    if (isDamaged(end)) return await listPlainly(end, context);
    const stdout = stdoutOf(end, context.failure);
    if (stdout.length < 64 && BLANK.test(textOf(stdout))) return await confirmEmpty(end, context);
    const sum = await digest(stdout, context.pace);
    if (context.previous?.digest === sum) return context.previous;
    return { backups: await decodeOrFail(end, () => decodeBackupList(stdout, context.pace)), digest: sum };
  },

  families: ({ backups }, { maxBackupSeries }) => [
    ...perBackup(newestBackups(backups.filter(({ lacksDetails }) => !lacksDetails), maxBackupSeries)),
    ...perType(backups),
    ...leftOut(backups, maxBackupSeries),
  ],

  live: ({ backups }) => {
    const start = pitrWindowStart(backups);
    const help = "Time since the earliest non-permanent backup, gaps in the WAL or not (0 = there is no such backup).";
    return (now) => [
      gauge("walg_pitr_window_seconds", help, [{ value: start === undefined ? 0 : Math.max(0, (now - start) / 1000) }]),
    ];
  },

  runFamilies: ({ durationSeconds }) => [
    gauge("walg_backup_list_duration_seconds", "Time that the last run of 'backup-list' took, failed or not.", [
      { value: durationSeconds },
    ]),
  ],
};

/** Whether the backups were listed after it: until then, what a listing lacks may belong to a backup that was deleted. */
export function isSettled<T>(state: State, operation: Operation<T>): boolean {
  const listed = outcomeOf(state, backupList).snapshot?.startTime ?? 0;
  return (outcomeOf(state, operation).snapshot?.time ?? 0) <= listed;
}

/** Whether the details cannot be listed because those of one backup are gone, or cannot be read. */
function isDamaged({ how, exitCode, stderr }: CommandEnd): boolean {
  return how === "exited" && exitCode !== 0 && /\bmetadata\b/.test(lastError(stderr)) &&
    classifyStderr(stderr) === undefined;
}

/**
 * Lists names and times alone.
 *
 * @throws WalgError for the list with details, where that cannot be listed either
 */
async function listPlainly(end: CommandEnd, context: CollectContext<BackupList>): Promise<BackupList> {
  const { runWalg, failure, previous, pace } = context;
  const withoutDetails = failureOf(end, failure);
  const plain = await runWalg(["backup-list", "--json"]);
  if (plain.how !== "exited" || plain.exitCode !== 0 || BLANK.test(textOf(plain.stdout.subarray(0, 64)))) {
    throw new WalgError(withoutDetails);
  }
  const sum = `plain ${withoutDetails.message} ${await digest(plain.stdout, pace)}`;
  if (previous?.digest === sum) return previous;
  const known = (previous?.backups ?? []).filter(({ lacksDetails }) => !lacksDetails);
  const backups = await decodeOrFail(plain, () => decodePlainList(plain.stdout, known, pace));
  return { backups, digest: sum, withoutDetails };
}

/**
 * WAL-G before 3.0.9 prints nothing both for an empty storage and for one that it could not list: asks it to list
 * the folder of backups itself.
 */
async function confirmEmpty(end: CommandEnd, { runWalg, failure }: CollectContext<BackupList>): Promise<BackupList> {
  const listing = await runWalg(["st", "ls", "basebackups_005/"]);
  // One that gave no answer in time, or was killed, says nothing of the storage.
  if (listing.how !== "exited") stdoutOf(listing, failure);
  const listed = listing.exitCode === 0;
  const names = textOf(listing.stdout);
  if (listed && !names.includes("_backup_stop_sentinel.json")) return { backups: [], digest: "empty" };
  const why = listed
    ? "'wal-g st ls basebackups_005/' shows backups"
    : `'wal-g st ls basebackups_005/' could not confirm that there are none: ${
      lastError(maskStderr(listing.stderr)) || `exit status ${listing.exitCode} and no message`
    }`;
  throw unusable("empty_output", `backup-list printed nothing, and ${why}`, listing.stderr === "" ? end : listing);
}

/** When the reference exporter's window begins: the earliest backup that is not permanent; undefined without one. */
function pitrWindowStart(backups: readonly Backup[]): number | undefined {
  return backups.reduce<number | undefined>((earliest, { permanent, modifiedTime }) => {
    if (permanent || !isKnown(modifiedTime)) return earliest;
    return earliest === undefined ? modifiedTime : Math.min(earliest, modifiedTime);
  }, undefined);
}
