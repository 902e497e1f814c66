import { backupFiles } from "./backup_files.ts";
import { backupList, isSettled } from "./backup_list.ts";
import type { Operation } from "./operation.ts";
import { drillResult } from "./drill_result.ts";
import type { State } from "./state.ts";
import { storageCheck } from "./storage_check.ts";
import { walArchive } from "./wal_archive.ts";
import { walVerify } from "./wal_verify.ts";

/** All operations, in the order in which they are shown: everything that concerns each of them iterates over this. */
export const OPERATIONS: readonly Operation<unknown>[] = [
  backupList,
  walVerify,
  storageCheck,
  walArchive,
  backupFiles,
  drillResult,
];

/**
 * Whether a listing of the storage ended after the backups were listed: one that it lacks may have been deleted meanwhile,
 * and they must be listed once more.
 */
export function isUnsettled(state: State): boolean {
  const listings: readonly Operation<unknown>[] = [walArchive, backupFiles];
  return listings.some((listing) => !isSettled(state, listing));
}

/** The operations with each after those that it needs. */
export function inOrderOfNeed(operations: readonly Operation<unknown>[]): readonly Operation<unknown>[] {
  const ordered: Operation<unknown>[] = [];
  const add = (operation: Operation<unknown>): void => {
    if (ordered.includes(operation)) return;
    for (const needed of operations.filter(({ name }) => operation.needs.includes(name))) add(needed);
    ordered.push(operation);
  };
  for (const operation of operations) add(operation);
  return ordered;
}
