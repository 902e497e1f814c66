import { backupList } from "../../src/operations/backup_list.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { storageCheck } from "../../src/operations/storage_check.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import { freshState, type Outcome, outcomeOf, type State, withOutcome } from "../../src/operations/state.ts";
import type { Operation } from "../../src/operations/operation.ts";
import type { Backup } from "../../src/walg/backup_list.ts";

/** A state in which nothing has run, and all is on but what lists the archive and the files. */
export function emptyState(operations: readonly Operation<unknown>[] = [backupList, walVerify, storageCheck]): State {
  return freshState(operations);
}

/** All operations that run wal-g: the last restore drill is of the machine that tests run on, not of a capture. */
export const WALG_OPERATIONS: readonly Operation<unknown>[] = OPERATIONS.filter(({ name }) => name !== "drill-result");

/** The operation of a name. */
export function operationNamed(name: string): Operation<unknown> {
  const found = OPERATIONS.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`there is no operation ${name}`);
  return found;
}

/** The outcome of the operation of a name. */
export function outcomeNamed(state: State, name: string): Outcome<unknown> {
  return outcomeOf(state, operationNamed(name));
}

/** A state with another outcome of one operation. */
export function changed<T>(state: State, operation: Operation<T>, change: (outcome: Outcome<T>) => Outcome<T>): State {
  return withOutcome(state, operation, change(outcomeOf(state, operation)));
}

/** A state with another value of the last good answer of one operation. */
export function answering<T>(state: State, operation: Operation<T>, change: (value: T) => T): State {
  return changed(state, operation, (outcome) => {
    if (outcome.snapshot === undefined) throw new Error(`${operation.name} has not answered`);
    return { ...outcome, snapshot: { ...outcome.snapshot, value: change(outcome.snapshot.value) } };
  });
}

/** A state with its backups replaced. */
export function withBackups(state: State, change: (backups: readonly Backup[]) => readonly Backup[]): State {
  return answering(state, backupList, (list) => ({ ...list, backups: change(list.backups) }));
}
