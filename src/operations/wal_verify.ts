import { digest } from "../base/bytes.ts";
import { type Family, gauge, type Sample } from "../base/family.ts";
import { decodeOrFail, stdoutOf, unusable } from "../walg/failure.ts";
import { samplesOf, TIMELINE_LABELS, timelineLabels } from "../recovery/families.ts";
import {
  decodeWalVerify,
  FOUND,
  rangesByTimeline,
  SEGMENT_STATUSES,
  type SegmentRange,
  segmentsByStatus,
  type WalVerify,
} from "../walg/wal_verify.ts";
import { addPosition, type Position } from "../recovery/moments.ts";
import { COMMON_ERROR_TYPES, type Operation, USUAL } from "./operation.ts";

const STATUS_VALUES = new Map([["OK", 1], ["FAILURE", 0], ["WARNING", 2]]);
const UNKNOWN_STATUS = -1;

/** The families that show what wal-verify found. */
function walFamilies({ integrity, timeline }: WalVerify): Family[] {
  const ofTimeline = rangesByTimeline(integrity.ranges);
  return [
    gauge("walg_wal_verify_status", "WAL verify status (1 = OK, 0 = FAILURE, 2 = WARNING, -1 = unknown).", [
      { labels: { operation: "integrity" }, value: STATUS_VALUES.get(integrity.status) ?? UNKNOWN_STATUS },
      { labels: { operation: "timeline" }, value: STATUS_VALUES.get(timeline.status) ?? UNKNOWN_STATUS },
    ], ["operation"]),
    gauge(
      "walg_wal_integrity_status",
      "WAL integrity status of the timeline (1 = every segment FOUND, 0 = some missing).",
      [...ofTimeline].map(([timeline, ranges]) => ({
        labels: timelineLabels(timeline),
        value: ranges.every(({ status }) => status === FOUND) ? 1 : 0,
      })),
      TIMELINE_LABELS,
    ),
    gauge("walg_wal_segments", "WAL segments of the timeline by status.", segmentSamples(ofTimeline), [
      ...TIMELINE_LABELS,
      "status",
    ]),
    gauge("walg_wal_current_timeline", "The timeline that the cluster is on.", samplesOf(timeline.current)),
    gauge(
      "walg_wal_highest_storage_timeline",
      "The highest timeline in the storage (0 = none).",
      samplesOf(timeline.highestInStorage),
    ),
  ];
}

function* segmentSamples(ofTimeline: ReadonlyMap<number, readonly SegmentRange[]>): Generator<Sample> {
  for (const [timeline, ranges] of ofTimeline) {
    const counts = new Map([...SEGMENT_STATUSES.map((status) => [status, 0] as const), ...segmentsByStatus(ranges)]);
    for (const [status, value] of counts) yield { labels: { ...timelineLabels(timeline), status }, value };
  }
}

/** WAL-G's word says nothing of where the gaps are. */
function spelled(status: string): string {
  return `Answered; WAL-G's own word for the WAL is ${status}, what it means for recovery is said below`;
}

/** One answer of wal-verify. */
export interface VerifiedWal extends WalVerify {
  /** Where the cluster was seen, by this answer and those before it. */
  readonly positions: readonly Position[];
  /** Equal for two answers that are the same. */
  readonly digest: string;
}

/** Verifies that the WAL archive is whole. */
export const walVerify: Operation<VerifiedWal> = {
  ...USUAL,
  name: "wal-verify",
  description: "whether the WAL archive is whole",
  command: "wal-g wal-verify integrity timeline --json",
  defaults: { interval: "5m", timeout: "10m" },
  asksPostgres: true,
  countsAsScrapeError: true,
  errorTypes: [...COMMON_ERROR_TYPES, "invalid_output", "empty_output", "command_failed"],
  problem: {
    code: "wal_verify_failed",
    level: "warning",
    says: () => "wal-verify gives no answer",
    unknown: ", so what is recoverable is not known",
  },
  check: { fine: ({ integrity }) => integrity.status === "OK" ? "Answered: integrity OK" : spelled(integrity.status) },
  doctor: {
    step: "PostgreSQL",
    fine: ({ integrity, timeline }) =>
      `wal-verify answered: integrity ${integrity.status}, timeline ${timeline.status}`,
  },

  async collect(context) {
    const time = context.now();
    const end = await context.runWalg(["wal-verify", "integrity", "timeline", "--json"]);
    const stdout = stdoutOf(end, context.failure);
    if (stdout.every((byte) => byte <= 32)) {
      throw unusable("empty_output", "wal-verify printed nothing", end);
    }
    const sum = await digest(stdout, context.pace);
    const { previous } = context;
    const wal = previous?.digest === sum
      ? previous
      : { ...await decodeOrFail(end, () => decodeWalVerify(stdout, context.pace)), digest: sum };
    return { ...wal, positions: addPosition(previous?.positions ?? [], wal, time) };
  },

  families: walFamilies,

  runFamilies: ({ durationSeconds }) => [
    gauge("walg_wal_verify_duration_seconds", "Time that the last run of 'wal-verify' took, failed or not.", [
      { value: durationSeconds },
    ]),
  ],
};
