import { backupList } from "../../src/operations/backup_list.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { type State, succeeded } from "../../src/operations/state.ts";
import { storageCheck } from "../../src/operations/storage_check.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { aVerify, MiB, type Stretch } from "../recovery/builders.ts";
import { changed, emptyState } from "../support/state.ts";
import { NOW } from "./scenario.ts";

/** 16 MiB. */
export const SIZE = 16 * MiB;

/** Flags for backups whose age does not matter. */
export const ANY_AGE = { "warn-backup-age": "none", "max-backup-age": "none", "warn-full-backup-age": "none" };

/** `count` archived segments. */
export function found(count: number): string[] {
  return Array<string>(count).fill("FOUND");
}

/** The state of a cluster whose commands have all answered one minute before {@link NOW}. */
export function stateOf(backups: readonly Backup[], history: readonly Stretch[]): State {
  const time = NOW - 60_000;
  const answered = <T>(state: State, operation: Operation<T>, value: T): State =>
    changed(state, operation, (outcome) => succeeded(outcome, { value, startTime: time, time, monotonic: time }, 1));
  let state = emptyState();
  state = answered(state, backupList, { backups, digest: "list" });
  state = answered(state, walVerify, { ...aVerify(history, SIZE), positions: [], digest: "verify" });
  state = answered(state, storageCheck, {});
  return { ...state, walgVersion: "3.0.9" };
}
