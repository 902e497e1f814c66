import { ANY_IS_BAD, lines, stat, steps, YES_NO } from "../panels.ts";
import { HOST, latest, lostSegments, overTime, timeAtRisk } from "../queries.ts";
import type { Builder, Panel } from "../sdk.ts";

/** What can be recovered on one host. */
export function recoveryPanels(): Builder<Panel>[] {
  return [
    steps({
      title: "Problems",
      description: "What the exporter's page shows, too: 1 is a warning, 2 is critical.",
      queries: [overTime(`walg_problem{${HOST}} > 0`, { legend: "{{code}}" })],
      span: 24,
    }),
    stat({
      title: "Recoverable from",
      description: "Every moment from here up to the end of the archived WAL can be recovered.",
      queries: [latest(`walg_recovery_window_start_timestamp_seconds{${HOST}} * 1000`)],
      unit: "dateTimeAsIso",
      span: 5,
    }),
    stat({
      title: "Recoverable up to",
      description:
        "What was committed until about then can be recovered; on a quiet cluster nothing may have come since.",
      queries: [latest(`walg_recovery_until_timestamp_seconds{${HOST}} * 1000`)],
      unit: "dateTimeFromNow",
      span: 4,
    }),
    stat({
      title: "Newest backup",
      description: "When the newest backup was finished.",
      queries: [latest(`max(walg_backup_last_finish_timestamp_seconds{${HOST}}) * 1000`)],
      unit: "dateTimeFromNow",
      span: 3,
    }),
    stat({
      title: "Not restorable",
      description:
        "Listed backups that lack an ancestor, files or a WAL segment, or build on a timeline that was left.",
      queries: [latest(`sum(walg_backup_restorable{${HOST}} == bool 0)`)],
      span: 3,
    }, ANY_IS_BAD),
    stat({
      title: "Segments lost",
      description: "Holes in the WAL archive that have been there for 15 minutes.",
      queries: [latest(lostSegments(HOST))],
      span: 3,
    }, ANY_IS_BAD),
    stat({
      title: "Segments at risk",
      description: "Segments after the end of what can be recovered; a few in flight are normal.",
      queries: [latest(`walg_wal_at_risk_segments{${HOST}}`)],
      span: 3,
    }, [[null, "green"], [17, "orange"]]),
    stat({
      title: "Storage answers",
      description: "Whether the last storage check succeeded.",
      queries: [latest(`walg_storage_up{${HOST}}`)],
      span: 3,
    }, [[null, "red"], [1, "green"]]).mappings([YES_NO]),
    lines({
      title: "Recovery window",
      description: "How far back recovery can go without a gap; beside it WAL-G's own measure, which ignores gaps.",
      queries: [
        overTime(`walg_recovery_window_seconds{${HOST}}`, { refId: "A", legend: "recoverable" }),
        overTime(`walg_pitr_window_seconds{${HOST}}`, { refId: "B", legend: "since the oldest backup" }),
      ],
      unit: "s",
      span: 6,
    }),
    lines({
      title: "Recovery point (RPO)",
      description:
        "How long ago the last moment is that can be recovered, and how much of that is at risk: 0 while no WAL waits.",
      queries: [
        overTime(`time() - walg_recovery_until_timestamp_seconds{${HOST}}`, { refId: "A", legend: "last moment" }),
        overTime(timeAtRisk(HOST), { refId: "B", legend: "at risk" }),
      ],
      unit: "s",
      span: 6,
    }),
    lines({
      title: "Recovery time (RTO)",
      description: "How long the last restore drill that passed took, from its plan to the end of recovery. Empty " +
        "where there was none.",
      queries: [overTime(`walg_restore_drill_duration_seconds{${HOST}}`, { legend: "last drill" })],
      unit: "s",
      span: 6,
    }),
    lines({
      title: "Age of the newest backup by type",
      description: "It falls to 0 with each new backup.",
      queries: [
        overTime(`time() - walg_backup_last_finish_timestamp_seconds{${HOST}}`, { legend: "{{backup_type}}" }),
      ],
      unit: "s",
      span: 6,
    }),
    stat({
      title: "Last restore drill passed",
      description:
        "Whether the last restore drill passed: one that could not be run did not. Empty where there was none.",
      queries: [latest(`walg_restore_drill_success{${HOST}}`)],
      span: 6,
    }, [[null, "red"], [1, "green"]]).mappings([YES_NO]),
    stat({
      title: "Last drill that passed",
      description: "When the last restore drill that passed ended.",
      queries: [latest(`walg_restore_drill_last_success_timestamp_seconds{${HOST}} * 1000`)],
      unit: "dateTimeFromNow",
      span: 6,
    }),
    stat({
      title: "It recovered up to",
      description: "The last transaction that the last restore drill that passed recovered.",
      queries: [latest(`walg_restore_drill_recovered_until_timestamp_seconds{${HOST}} * 1000`)],
      unit: "dateTimeAsIso",
      span: 6,
    }),
    stat({
      title: "It restored",
      description: "The size of the data folder that the last restore drill that passed fetched.",
      queries: [latest(`walg_restore_drill_restored_bytes{${HOST}}`)],
      unit: "bytes",
      span: 6,
    }),
  ];
}
