import { backupFiles } from "../../../src/operations/backup_files.ts";
import { backupList } from "../../../src/operations/backup_list.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { OPERATIONS } from "../../../src/operations/registry.ts";
import { type State, succeeded } from "../../../src/operations/state.ts";
import { storageCheck } from "../../../src/operations/storage_check.ts";
import { walArchive } from "../../../src/operations/wal_archive.ts";
import { walVerify } from "../../../src/operations/wal_verify.ts";
import { addPosition } from "../../../src/recovery/moments.ts";
import { recover, type RecoveryFacts } from "../../../src/recovery/recover.ts";
import type { Recovery } from "../../../src/recovery/recovery.ts";
import type { Status } from "../../../src/status/status.ts";
import { type BackupFiles, createBackupFilesBuilder } from "../../../src/walg/backup_files.ts";
import type { Backup } from "../../../src/walg/backup_list.ts";
import { createArchiveBuilder, type HistoryLine, type WalArchive } from "../../../src/walg/wal_archive.ts";
import type { ShownTimeline } from "../../../src/walg/wal_show.ts";
import type { WalVerify } from "../../../src/walg/wal_verify.ts";
import { MiB, walName } from "../../recovery/builders.ts";
import { changed, emptyState } from "../../support/state.ts";
import { statusAt } from "../scenario.ts";

export const SIZE = 16 * MiB;
/** Unix milliseconds: every world ends about then. */
export const NOW = Date.parse("2026-11-26T12:00:00Z");
export const MINUTE = 60_000;

/** An object of `wal_005/`. */
export interface Obj {
  readonly name: string;
  readonly size?: number;
  /** Unix milliseconds. */
  readonly time?: number;
  readonly storage?: number;
}

/** Segments of a timeline, archived one per minute, the last one at `lastTime`. */
export function segments(timeline: number, first: number, last: number, lastTime = NOW - 5 * MINUTE): Obj[] {
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    name: `${walName(timeline, first + at, SIZE)}.lz4`,
    time: lastTime - (last - first - at) * MINUTE,
  }));
}

/** An archive as the listing would give it. */
export function archiveOf(
  objects: readonly Obj[],
  { time = NOW - 3 * MINUTE, storages = ["default"], unlisted = [], parents = [] }: {
    readonly time?: number;
    readonly storages?: readonly string[];
    readonly unlisted?: readonly string[];
    readonly parents?: readonly (readonly [timeline: number, parent: number, switchLsn: bigint])[];
  } = {},
): WalArchive {
  const builder = createArchiveBuilder();
  for (const { name, size = 70_000, time = NOW - 5 * MINUTE, storage = 0 } of objects) {
    builder.add({ storage, isFolder: false, size, time, name });
  }
  const shown: ShownTimeline[] = [];
  const read = parents.map(([timeline, parent, switchLsn]): HistoryLine => ({ timeline, parent, switchLsn }));
  return builder.build({ time, storages, unlisted, shown, read });
}

/** The files of backups; `objects` are paths under `basebackups_005/`. */
export function filesOf(
  objects: readonly (readonly [path: string, size: number, time?: number, storage?: number])[],
  { time = NOW - 3 * MINUTE, storages = ["default"] }: { readonly time?: number; readonly storages?: string[] } = {},
): BackupFiles {
  const builder = createBackupFilesBuilder();
  for (const [name, size, at = NOW - 60 * MINUTE, storage = 0] of objects) {
    builder.add({ storage, isFolder: false, size, time: at, name });
  }
  return builder.build({ startTime: time, endTime: time, storages });
}

/** A recovery in which a backup is found by its name. */
export function recovered(facts: RecoveryFacts): Recovery & { of(name: string): Recovery["backups"][number] } {
  const recovery = recover(facts);
  return {
    ...recovery,
    of(name) {
      const found = recovery.backups.find(({ backup }) => backup.name === name);
      if (found === undefined) throw new Error(`no ${name}`);
      return found;
    },
  };
}

/** What has answered. */
export interface Answers {
  readonly backups: readonly Backup[];
  readonly archive?: WalArchive;
  readonly verify?: WalVerify;
  readonly files?: BackupFiles;
  readonly verifyTime?: number;
}

/** The status when everything has answered; the backups were listed a minute ago, after all the rest. */
export function statusOf(
  { backups, archive, verify, files, verifyTime = NOW - 3 * MINUTE }: Answers,
  now = NOW,
): Status {
  const answered = <T>(state: State, operation: Operation<T>, value: T, time: number): State =>
    changed(state, operation, (outcome) => succeeded(outcome, { value, startTime: time, time, monotonic: time }, 1));
  let state = emptyState(OPERATIONS);
  state = answered(state, backupList, { backups, digest: "list" }, NOW - MINUTE);
  state = answered(state, storageCheck, {}, NOW - MINUTE);
  if (archive !== undefined) {
    state = answered(state, walArchive, {
      archive,
      shape: "",
      shown: [],
      read: new Map(),
      lacksAll: false,
    }, archive.time);
  }
  if (verify !== undefined) {
    const positions = addPosition([], verify, verifyTime);
    state = answered(state, walVerify, { ...verify, positions, digest: "verify" }, verifyTime);
  }
  if (files !== undefined) state = answered(state, backupFiles, { files, lacksAll: false }, files.endTime);
  return statusAt({ ...state, walgVersion: "3.0.9" }, now);
}

/** `level code` of all problems. */
export function codes({ problems }: Status): string[] {
  // That wal-verify has not answered is none of the world.
  return problems.filter(({ code }) => code !== "not_yet_run").map(({ level, code }) => `${level} ${code}`);
}
