import type { Operation } from "../collectors/operation.ts";
import type { Status } from "../status/mod.ts";
import type { Figure, Measured } from "./judgement.ts";
import { isFloor, type Thresholds } from "./threshold.ts";

const RUNS: readonly (readonly [string, Operation])[] = [
  ["storage_check_time", "storage-check"],
  ["backup_list_time", "backup-list"],
  ["wal_verify_time", "wal-verify"],
];

/** The figures of a round, always the same ones in the same order: graphs are made by position. */
export function figuresOf(status: Status, measured: readonly Measured[], thresholds: Thresholds): readonly Figure[] {
  const { backups, recovery, operations } = status;
  return [
    ...measured.map(({ measure, value }): Figure => ({
      name: measure,
      value,
      unit: measure === "at_risk_segments" ? "" : "s",
      floor: isFloor(measure),
      threshold: thresholds[measure],
    })),
    { name: "lost_segments", value: recovery?.lostSegments, unit: "", floor: false, threshold: { critical: 0 } },
    { name: "backups", value: backups?.length, unit: "", floor: true, threshold: { critical: 1 } },
    ...RUNS.map(([name, operation]): Figure => {
      const value = operations.find((run) => run.operation === operation)?.durationSeconds;
      return { name, value, unit: "s", floor: false, threshold: {} };
    }),
  ];
}
