import { emptyState } from "../support/state.ts";
import type { State } from "../../src/operations/state.ts";
import { succeeded } from "../../src/operations/state.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { aVerify, MiB, type Stretch } from "../recovery/builders.ts";
import { NOW } from "./scenario.ts";

/** 16 MiB. */
export const SIZE = 16 * MiB;

/** `count` archived segments. */
export function found(count: number): string[] {
  return Array<string>(count).fill("FOUND");
}

/** The state of a cluster whose commands have all answered three minutes before {@link NOW}. */
export function stateOf(backups: readonly Backup[], history: readonly Stretch[]): State {
  const time = NOW - 180_000;
  const state = emptyState();
  const answer = <T>(value: T) => ({ value, time, monotonic: time });
  const verify = { ...aVerify(history, SIZE), digest: "verify" };
  return {
    ...state,
    "backup-list": succeeded(state["backup-list"], answer({ backups, digest: "list" }), 1),
    "wal-verify": succeeded(state["wal-verify"], answer(verify), 1),
    "storage-check": succeeded(state["storage-check"], answer({} as never), 1),
    walgVersion: "3.0.9",
  };
}
