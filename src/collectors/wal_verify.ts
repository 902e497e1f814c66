import { gauge } from "../metrics/family.ts";
import { joined } from "../pieces.ts";
import type { WalVerify } from "../walg/verified_wal.ts";
import { type Collector, COMMON_ERROR_TYPES } from "./collector.ts";

/** What one answer of wal-verify told. */
export interface VerifiedWal extends WalVerify {
  /** Tells whether the next answer is the same. */
  readonly digest: string;
}

/** Verifies that the WAL archive is whole. */
export const walVerifyCollector: Collector<VerifiedWal> = {
  operation: "wal-verify",
  description: "whether the WAL archive is whole",
  defaults: { interval: "5m", timeout: "10m" },
  countsAsScrapeError: true,
  backsOff: true,
  fallbackError: "command_failed",
  errorTypes: [...COMMON_ERROR_TYPES, "invalid_output", "empty_output", "command_failed"],

  async collect(context) {
    const end = await context.runWalg(["wal-verify", "integrity", "timeline", "--json"]);
    const { decodeOrFail, decodeWalVerify, digest, stdoutOf, unusable } = await import("../walg/answers.ts");
    const stdout = stdoutOf(end, context.failure);
    if (stdout.every((piece) => piece.every((byte) => byte <= 32))) {
      throw unusable("empty_output", "wal-verify printed nothing", end);
    }
    const sum = await digest(stdout, context.pace);
    if (context.previous?.digest === sum) return context.previous;
    return { ...await decodeOrFail(end, () => decodeWalVerify(joined(stdout), context.pace)), digest: sum };
  },

  families: async (wal) => (await import("../metrics/wal_families.ts")).walFamilies(wal),

  runFamilies: ({ durationSeconds }) => [
    gauge("walg_wal_verify_duration_seconds", "Time that the last run of 'wal-verify' took, failed or not.", [
      { value: durationSeconds },
    ]),
  ],
};
