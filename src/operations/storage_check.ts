import { gauge } from "../base/family.ts";
import { formatAge, formatSeconds } from "../base/text.ts";
import { stdoutOf } from "../walg/failure.ts";
import { isUnknownCommand } from "../walg/stderr.ts";
import { COMMON_ERROR_TYPES, type Operation, UnsupportedError, USUAL } from "./operation.ts";

/** A storage that answered. Failed checks have a duration too, so that is part of the run. */
type StorageCheck = Record<never, never>;

const ANSWERED: StorageCheck = {};

/** Checks that the storage answers. */
export const storageCheck: Operation<StorageCheck> = {
  ...USUAL,
  name: "storage-check",
  description: "whether the storage answers",
  command: "wal-g st check read",
  defaults: { interval: "30s", timeout: "10s" },
  needs: [],
  backsOff: false,
  recoveryRestsOnIt: false,
  expires: false,
  fallbackError: "connectivity_failed",
  errorTypes: [...COMMON_ERROR_TYPES, "connectivity_failed"],
  problem: {
    code: "storage_down",
    level: "critical",
    says: (type) =>
      type === "access_denied" ? "The storage refuses access (access_denied)" : "The storage does not answer",
    unknown: "",
  },
  check: { fine: (_, { durationSeconds }) => `Answered in ${durationSeconds.toFixed(2)} s` },
  doctor: { step: "storage", fine: () => "it answers" },

  tile({ outcome, last }, now) {
    const name = "Storage";
    const when = last === undefined ? "" : formatAge(last.endTime, now);
    const took = last === undefined ? "" : formatSeconds(last.durationSeconds);
    switch (outcome) {
      case "ok":
        return { name, value: "up", more: `answered in ${took}, ${when}` };
      case "failed":
        return { name, value: "down", more: `failed after ${took}, ${when}`, level: "critical" };
      case "unsupported":
        return { name, value: "not checked", more: "this wal-g has no storage check" };
      case "pending":
        return { name, value: "not known", more: "not checked yet" };
    }
  },

  async collect({ runWalg, failure }) {
    const end = await runWalg(["st", "check", "read"]);
    if (end.how === "exited" && end.exitCode !== 0 && isUnknownCommand(end.stderr)) {
      throw new UnsupportedError("this wal-g has no 'st check read': WAL-G before 2.0 cannot check its storage");
    }
    stdoutOf(end, failure);
    return ANSWERED;
  },

  runFamilies: ({ success, durationSeconds }) => [
    gauge("walg_storage_up", "Whether the storage answered the last check (1 = up, 0 = down).", [
      { value: success ? 1 : 0 },
    ]),
    gauge("walg_storage_latency_seconds", "Time that the last storage check took, failed or not.", [
      { value: durationSeconds },
    ]),
  ],
};
