import type { ErrorType, Failure } from "../walg/failure.ts";
import type { BackupList } from "./backup_list.ts";
import type { Run } from "./operation.ts";
import type { StorageCheck } from "./storage_check.ts";
import type { VerifiedWal } from "./wal_verify.ts";

/** The last good answer of an operation. */
export interface Snapshot<T> {
  readonly value: T;
  /** When the run that gave it ended: Unix milliseconds. */
  readonly time: number;
  /** The same moment on the monotonic clock, milliseconds. */
  readonly monotonic: number;
}

/** All that is known of one operation. Immutable: each run makes a new one. */
export interface Outcome<T> {
  /** The last good answer; a failed run leaves it as it is. */
  readonly snapshot?: Snapshot<T>;
  /** The last run; absent before the first one has ended. */
  readonly last?: Run;
  /** The last failure, kept for people after a success too. */
  readonly lastFailure?: Failure & { readonly time: number };
  /** Failed runs in a row; 0 after a success. */
  readonly failuresInARow: number;
  /** Failed runs by type since start, those that never happened included as 0. */
  readonly errors: ReadonlyMap<ErrorType, number>;
  /** True once this wal-g turned out not to have the command: no run follows, its series stay absent. */
  readonly unsupported?: boolean;
  /** When the running run started, Unix milliseconds; absent between runs. */
  readonly runningSince?: number;
  /** When the next run is due, Unix milliseconds. */
  readonly nextRunTime?: number;
}

/** Everything the exporter knows at one moment. */
export interface State {
  readonly "backup-list": Outcome<BackupList>;
  readonly "wal-verify": Outcome<VerifiedWal>;
  readonly "storage-check": Outcome<StorageCheck>;
  /** What `wal-g --version` said; absent until it has. */
  readonly walgVersion?: string;
}

/** An outcome before the first run. */
export function freshOutcome<T>(errorTypes: readonly ErrorType[]): Outcome<T> {
  return { failuresInARow: 0, errors: new Map(errorTypes.map((type) => [type, 0])) };
}
