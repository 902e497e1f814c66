import { lines, stat, type Steps, steps } from "../panels.ts";
import { HOST, latest, overTime } from "../queries.ts";
import { type Builder, MappingType, type Panel, type ValueMapping } from "../sdk.ts";

const VERDICT: ValueMapping = {
  type: MappingType.ValueToText,
  options: {
    "1": { text: "OK", color: "green", index: 0 },
    "2": { text: "WARNING", color: "orange", index: 1 },
    "0": { text: "FAILURE", color: "red", index: 2 },
    "-1": { text: "unknown", color: "purple", index: 3 },
  },
};
const BY_TEXT: Steps = [[null, "text"]];

/** The WAL archive of one host. */
export function walPanels(): Builder<Panel>[] {
  return [
    stat({
      title: "wal-verify says",
      description: "WAL-G's own verdicts. WARNING does not mean that nothing is lost.",
      queries: [latest(`walg_wal_verify_status{${HOST}}`, { legend: "{{operation}}" })],
      span: 4,
      height: 8,
    }, BY_TEXT).mappings([VERDICT]),
    stat({
      title: "Timelines",
      description: "The cluster's timeline and the highest in the storage, which must not be higher.",
      queries: [
        latest(`walg_wal_current_timeline{${HOST}}`, { refId: "A", legend: "cluster" }),
        latest(`walg_wal_highest_storage_timeline{${HOST}}`, { refId: "B", legend: "storage" }),
        latest(`walg_wal_integrity_status{${HOST}}`, { refId: "C", legend: "{{timeline_hex}} is whole" }),
      ],
      span: 4,
      height: 8,
    }, BY_TEXT),
    steps({
      title: "WAL segments by status",
      description: "As wal-verify names them, by timeline.",
      queries: [overTime(`walg_wal_segments{${HOST}}`, { legend: "{{timeline_hex}} {{status}}" })],
      span: 8,
    }),
    lines({
      title: "WAL at risk and lost",
      description:
        "Segments after the end of what can be recovered, and holes, with those that an upload will yet fill.",
      queries: [
        overTime(`walg_wal_at_risk_segments{${HOST}}`, { refId: "A", legend: "at risk" }),
        overTime(`walg_wal_lost_segments{${HOST}}`, { refId: "B", legend: "lost" }),
      ],
      span: 4,
    }),
    lines({
      title: "Archived WAL",
      description: "How fast the end of what can be recovered moves on.",
      queries: [overTime(`clamp_min(deriv(walg_recovery_until_lsn_bytes{${HOST}}[1h]), 0)`, { legend: "archived" })],
      unit: "Bps",
      span: 4,
    }),
    steps({
      title: "Segments in the archive",
      description: "In all storages together, by timeline.",
      queries: [overTime(`walg_archive_segments{${HOST}}`, { legend: "{{timeline_hex}}" })],
      span: 8,
    }),
    steps({
      title: "Size of the archive",
      description: "Bytes of all its objects, in all storages.",
      queries: [overTime(`walg_archive_bytes{${HOST}}`, { legend: "archive" })],
      unit: "bytes",
      span: 8,
    }),
    lines({
      title: "Age of the newest archived segment",
      description:
        "It falls with each segment that is archived; archive_timeout bounds it, on a quiet cluster nothing does.",
      queries: [overTime(`time() - walg_archive_newest_segment_timestamp_seconds{${HOST}}`, { legend: "age" })],
      unit: "s",
      span: 8,
    }),
  ];
}
