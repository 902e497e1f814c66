import { timelineHex } from "../walg/segment.ts";
import { FOUND, SEGMENT_STATUSES, type SegmentRange, type WalVerify } from "../walg/verified_wal.ts";
import { type Family, gauge, type Sample } from "./family.ts";

const STATUS_VALUES = new Map([["OK", 1], ["FAILURE", 0], ["WARNING", 2]]);
const UNKNOWN_STATUS = -1;
const TIMELINE = ["timeline_id", "timeline_hex"];

/** The families that show what wal-verify found. */
export function walFamilies({ integrity, timeline }: WalVerify): Family[] {
  const ofTimeline = Map.groupBy(integrity.ranges, (range) => range.timeline);
  return [
    gauge("walg_wal_verify_status", "WAL verify status (1 = OK, 0 = FAILURE, 2 = WARNING, -1 = unknown).", [
      { labels: { operation: "integrity" }, value: statusValue(integrity.status) },
      { labels: { operation: "timeline" }, value: statusValue(timeline.status) },
    ], ["operation"]),
    gauge(
      "walg_wal_integrity_status",
      "WAL integrity status of the timeline (1 = every segment FOUND, 0 = some missing).",
      integritySamples(ofTimeline),
      TIMELINE,
    ),
    gauge("walg_wal_segments", "WAL segments of the timeline by status.", segmentSamples(ofTimeline), [
      ...TIMELINE,
      "status",
    ]),
    ...optional("walg_wal_current_timeline", "The timeline that the cluster is on.", timeline.current),
    ...optional(
      "walg_wal_highest_storage_timeline",
      "The highest timeline in the storage (0 = none).",
      timeline.highestInStorage,
    ),
  ];
}

function statusValue(status: string): number {
  return STATUS_VALUES.get(status) ?? UNKNOWN_STATUS;
}

function timelineLabels(timeline: number): Record<string, string> {
  return { timeline_id: String(timeline), timeline_hex: timelineHex(timeline) };
}

function* integritySamples(ofTimeline: ReadonlyMap<number, readonly SegmentRange[]>): Generator<Sample> {
  for (const [timeline, ranges] of ofTimeline) {
    const whole = ranges.every(({ status }) => status === FOUND);
    yield { labels: timelineLabels(timeline), value: whole ? 1 : 0 };
  }
}

function* segmentSamples(ofTimeline: ReadonlyMap<number, readonly SegmentRange[]>): Generator<Sample> {
  for (const [timeline, ranges] of ofTimeline) {
    const counts = new Map(SEGMENT_STATUSES.map((status) => [status, 0]));
    for (const { status, segments } of ranges) counts.set(status, (counts.get(status) ?? 0) + segments);
    for (const [status, value] of counts) yield { labels: { ...timelineLabels(timeline), status }, value };
  }
}

function optional(name: string, help: string, value: number | undefined): Family[] {
  return value === undefined ? [] : [gauge(name, help, [{ value }])];
}
