import { backupListCollector } from "./backup_list.ts";
import type { Collector, Operation } from "./operation.ts";
import { storageCheckCollector } from "./storage_check.ts";
import { walVerifyCollector } from "./wal_verify.ts";

/** All collectors: the one place that names them. */
export const COLLECTORS = {
  "backup-list": backupListCollector,
  "wal-verify": walVerifyCollector,
  "storage-check": storageCheckCollector,
} as const;

/** The operations, in the order in which they are shown. */
export const OPERATIONS = Object.keys(COLLECTORS) as readonly Operation[];

/** The collector of an operation, where its answer's type does not matter. */
export function collectorOf(operation: Operation): Collector<unknown> {
  return COLLECTORS[operation] as Collector<unknown>;
}
