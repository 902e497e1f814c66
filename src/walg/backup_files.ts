import type { Backup } from "./backup_list.ts";
import { detach, type ListedObject } from "./storage_listing.ts";

/** What one storage holds of one backup. */
export interface StoredCopy {
  /** The index of the storage. */
  readonly storage: number;
  /** Bytes under `tar_partitions/`. */
  readonly partBytes: number;
  /** Objects under `tar_partitions/`. */
  readonly parts: number;
  /** Whether `pg_control.tar.*` is there. */
  readonly hasControl: boolean;
  /** Whether `backup_label.tar.*` is there. */
  readonly hasLabel: boolean;
  /** Whether its sentinel is there, which makes it a backup that WAL-G lists. */
  readonly hasSentinel: boolean;
  /** Bytes of all its objects, the sentinel too. */
  readonly bytes: number;
  /** How many objects it has, the sentinel too. */
  readonly objects: number;
  /** When its oldest and its newest object were written: Unix milliseconds. */
  readonly oldestTime: number;
  readonly newestTime: number;
}

/** What all storages hold of one backup. */
export interface StoredBackup {
  readonly name: string;
  /** One for each storage that has anything of it, in the order of the storages. */
  readonly copies: readonly StoredCopy[];
}

/** What all storages together hold under `basebackups_005/`. Never changed once it is made. */
export interface BackupFiles {
  /** When the listing began: Unix milliseconds. */
  readonly startTime: number;
  /** When the listing ended: Unix milliseconds. */
  readonly endTime: number;
  /** The storages that were listed, in the order of their tables. */
  readonly storages: readonly string[];
  /** The storages that could not be listed: what is not found is then not known. */
  readonly unlisted: readonly string[];
  /** By name; those that have a sentinel somewhere. */
  readonly backups: ReadonlyMap<string, StoredBackup>;
  /** Folders that have a sentinel nowhere: uploads that go on, or died. */
  readonly unfinished: readonly StoredBackup[];
  /** Bytes of all other objects: what belongs to no backup. */
  readonly otherBytes: number;
}

/** Facts of the listing as a whole. */
export interface BackupFilesFacts {
  readonly startTime: number;
  readonly endTime: number;
  readonly storages: readonly string[];
  readonly unlisted?: readonly string[];
}

/** The objects of `basebackups_005/`, collected row by row. */
export interface BackupFilesBuilder {
  readonly add: (object: ListedObject) => void;
  /** Nothing may be added after that. */
  readonly build: (facts: BackupFilesFacts) => BackupFiles;
}

type GrowingCopy = { -readonly [Name in keyof StoredCopy]: StoredCopy[Name] };

/** The backup, and whether it is its sentinel, one of its parts, and which of those that a restore cannot do without. */
const OBJECT =
  /^(base_[^/]*?)(?:(_backup_stop_sentinel\.json)$|\/(tar_partitions\/(pg_control\.tar|backup_label\.tar)?)?)/;

/** Collects what `st ls -r basebackups_005/` lists: some 100 bytes for each backup in each storage, none for an object. */
export function createBackupFilesBuilder(): BackupFilesBuilder {
  const backups = new Map<string, GrowingCopy[]>();
  let otherBytes = 0;

  function copyOf(name: string, storage: number): GrowingCopy {
    const copies = backups.get(name);
    const last = copies?.at(-1);
    if (last?.storage === storage) return last;
    const copy: GrowingCopy = {
      storage,
      partBytes: 0,
      parts: 0,
      hasControl: false,
      hasLabel: false,
      hasSentinel: false,
      bytes: 0,
      objects: 0,
      oldestTime: Infinity,
      newestTime: -Infinity,
    };
    // An empty list that grows takes room for 17.
    if (copies === undefined) backups.set(detach(name), [copy]);
    else copies.push(copy);
    return copy;
  }

  return {
    add({ isFolder, name, size, time, storage }) {
      if (isFolder) return;
      const [, backup, sentinel, part, needed] = OBJECT.exec(name) ?? [];
      if (backup === undefined) {
        otherBytes += size;
        return;
      }
      const copy = copyOf(backup, storage);
      copy.bytes += size;
      copy.objects++;
      copy.oldestTime = Math.min(copy.oldestTime, time);
      copy.newestTime = Math.max(copy.newestTime, time);
      copy.hasSentinel ||= sentinel !== undefined && size > 0;
      copy.hasControl ||= needed === "pg_control.tar" && size > 0;
      copy.hasLabel ||= needed === "backup_label.tar" && size > 0;
      if (part === undefined) return;
      copy.partBytes += size;
      copy.parts++;
    },
    build({ startTime, endTime, storages, unlisted = [] }) {
      const finished = new Map<string, StoredBackup>();
      const unfinished: StoredBackup[] = [];
      for (const [name, copies] of backups) {
        if (copies.some(({ hasSentinel }) => hasSentinel)) finished.set(name, { name, copies });
        else unfinished.push({ name, copies });
      }
      return { startTime, endTime, storages, unlisted, backups: finished, unfinished, otherBytes };
    },
  };
}

/** A folder without a sentinel. */
export interface UnfinishedBackup {
  readonly name: string;
  /** Bytes in all storages. */
  readonly bytes: number;
  /** Objects in all storages. */
  readonly objects: number;
  /** When its oldest and its newest object were written: Unix milliseconds. */
  readonly firstUploadTime: number;
  readonly lastUploadTime: number;
  /** The storages that have any. */
  readonly storages: readonly string[];
}

/** The unfinished backups, but for those that `backup-list` has listed since: they finished meanwhile. */
export function unfinishedBackups(files: BackupFiles, listed: readonly Backup[]): readonly UnfinishedBackup[] {
  if (files.unfinished.length === 0) return [];
  const names = new Set(listed.map(({ name }) => name));
  return files.unfinished.filter(({ name }) => !names.has(name)).map(({ name, copies }) => ({
    name,
    bytes: copies.reduce((sum, { bytes }) => sum + bytes, 0),
    objects: copies.reduce((sum, { objects }) => sum + objects, 0),
    firstUploadTime: Math.min(...copies.map(({ oldestTime }) => oldestTime)),
    lastUploadTime: Math.max(...copies.map(({ newestTime }) => newestTime)),
    storages: copies.flatMap(({ storage }) => files.storages[storage] ?? []),
  }));
}
