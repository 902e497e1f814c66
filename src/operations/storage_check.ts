import { gauge } from "../base/family.ts";
import { stdoutOf } from "../walg/failure.ts";
import { isUnknownCommand } from "../walg/stderr.ts";
import { type Collector, COMMON_ERROR_TYPES, UnsupportedError } from "./operation.ts";

/** A storage that answered; how fast is known of the failed checks too, so it stands with the run. */
export type StorageCheck = Record<never, never>;

const ANSWERED: StorageCheck = {};

/** Checks that the storage answers. */
export const storageCheckCollector: Collector<StorageCheck> = {
  operation: "storage-check",
  description: "whether the storage answers",
  defaults: { interval: "30s", timeout: "10s" },
  countsAsScrapeError: false,
  backsOff: false,
  fallbackError: "connectivity_failed",
  errorTypes: [...COMMON_ERROR_TYPES, "connectivity_failed"],

  async collect({ runWalg, failure }) {
    const end = await runWalg(["st", "check", "read"]);
    if (end.how === "exited" && end.exitCode !== 0 && isUnknownCommand(end.stderr)) {
      throw new UnsupportedError("this wal-g has no 'st check read': WAL-G before 2.0 cannot check its storage");
    }
    stdoutOf(end, failure);
    return ANSWERED;
  },

  families: () => [],

  runFamilies: ({ success, durationSeconds }) => [
    gauge("walg_storage_up", "Whether the storage answered the last check (1 = up, 0 = down).", [
      { value: success ? 1 : 0 },
    ]),
    gauge("walg_storage_latency_seconds", "Time that the last storage check took, failed or not.", [
      { value: durationSeconds },
    ]),
  ],
};
