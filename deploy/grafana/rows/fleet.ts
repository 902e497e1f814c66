import { ANY_IS_BAD, lines, stat, type Steps, steps, table, YES_NO } from "../panels.ts";
import { EXPORTERS, FLEET, latest, latestTable, lostSegments, overTime, timeAtRisk } from "../queries.ts";
import { type Builder, type Panel, TableSortBuilder } from "../sdk.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const AGE: Steps = [[null, "green"], [26 * HOUR, "orange"], [2 * DAY, "red"]];
const WINDOW: Steps = [[null, "red"], [1, "orange"], [3 * DAY, "green"]];
/** Whether each exporter answers: those that do not too, known as by the alert WalgExporterDown. */
const ANSWERS =
  `max by (job, instance) (up{${EXPORTERS},job=~".*wal-?g.*"} or up{${EXPORTERS}} and on (job, instance) ` +
  `last_over_time(walg_exporter_build_info{${EXPORTERS}}[1d:1h]))`;
const NEWEST_BACKUP = `max by (job, instance, cluster) (walg_backup_last_finish_timestamp_seconds{${FLEET}})`;

/** The panels over all exporters of the chosen jobs. */
export function fleetPanels(): Builder<Panel>[] {
  return [...answers(), ...worstOverTime(), problems(), hosts()];
}

function problems(): Builder<Panel> {
  return steps({
    title: "Hosts with a problem",
    description: "How many hosts have each problem, warnings included; docs/alerts.md has a runbook for each.",
    queries: [overTime(`count by (code) (walg_problem{${FLEET}} > 0)`, { legend: "{{code}}" })],
    span: 24,
  });
}

function answers(): Builder<Panel>[] {
  return [
    stat({
      title: "Exporters",
      description: "How many there are, whether they answer or not.",
      queries: [latest(`count(${ANSWERS} or group by (job, instance) (walg_exporter_build_info{${EXPORTERS}}))`)],
      span: 2,
    }),
    stat({
      title: "Exporters down",
      description: "How many of them do not answer.",
      queries: [latest(`sum(${ANSWERS} == bool 0)`)],
      span: 2,
    }, ANY_IS_BAD),
    stat({
      title: "Alerts",
      description: "Firing alerts of walg.rules.yml, where Prometheus has loaded it.",
      queries: [latest(`count(ALERTS{alertname=~"Walg.*",alertstate="firing",${EXPORTERS}}) or vector(0)`)],
      span: 2,
    }, ANY_IS_BAD),
    stat({
      title: "Shortest recovery window",
      description: "On the host where it is shortest; 0 where nothing is restorable.",
      queries: [latest(`min(walg_recovery_window_seconds{${FLEET}})`)],
      unit: "s",
      span: 4,
    }, WINDOW),
    stat({
      title: "Oldest newest backup",
      description: "The age of the newest backup on the host where that is oldest.",
      queries: [latest(`time() - min(${NEWEST_BACKUP})`)],
      unit: "s",
      span: 4,
    }, AGE),
    stat({
      title: "Hosts without a backup",
      description: "Hosts for which WAL-G lists no backup.",
      queries: [latest(`sum(sum by (job, instance, cluster) (walg_backups{${FLEET}}) == bool 0)`)],
      span: 3,
    }, ANY_IS_BAD),
    stat({
      title: "WAL segments lost",
      description: "Holes in the WAL archives that have been there for 15 minutes.",
      queries: [latest(`sum(${lostSegments(FLEET)})`)],
      span: 3,
    }, ANY_IS_BAD),
    stat({
      title: "Storages down",
      description: "Hosts whose last storage check failed.",
      queries: [latest(`sum(walg_storage_up{${FLEET}} == bool 0)`)],
      span: 2,
    }, ANY_IS_BAD),
    stat({
      title: "Stored",
      description: "The compressed size of all backups.",
      queries: [latest(`sum(walg_backups_compressed_size_bytes{${FLEET}})`)],
      unit: "bytes",
      span: 2,
    }),
  ];
}

function worstOverTime(): Builder<Panel>[] {
  return [
    lines({
      title: "Shortest recovery windows",
      description: "The ten hosts with the shortest windows.",
      queries: [
        overTime(`bottomk(10, walg_recovery_window_seconds{${FLEET}})`, { legend: "{{instance}} {{cluster}}" }),
      ],
      unit: "s",
      span: 6,
    }),
    lines({
      title: "Oldest newest backups",
      description: "The ten hosts whose newest backup is oldest.",
      queries: [overTime(`topk(10, time() - ${NEWEST_BACKUP})`, { legend: "{{instance}} {{cluster}}" })],
      unit: "s",
      span: 6,
    }),
    lines({
      title: "Most time at risk",
      description:
        "The ten hosts where the last moment that can be recovered is longest ago while WAL waits; 0 where none does.",
      queries: [overTime(`topk(10, ${timeAtRisk(FLEET)})`, { legend: "{{instance}} {{cluster}}" })],
      unit: "s",
      span: 6,
    }),
    lines({
      title: "Most WAL at risk",
      description: "The ten hosts with the most segments after the end of what can be recovered.",
      queries: [overTime(`topk(10, walg_wal_at_risk_segments{${FLEET}})`, { legend: "{{instance}} {{cluster}}" })],
      span: 6,
    }),
  ];
}

function hosts(): Builder<Panel> {
  const up = `max by (job, instance) (up{${EXPORTERS}})`;
  const clusters = `group by (job, instance, cluster) (walg_scrape_success{${FLEET}})`;
  // A line for each cluster, and one for an exporter that shows none.
  const answers =
    `(${up} * on (job, instance) group_right () ${clusters} or (${up} unless on (job, instance) ${clusters}))`;
  const window = `max by (job, instance, cluster) (walg_recovery_window_seconds{${FLEET}})`;
  // Without a window: -1 if the exporter does not answer, 0 if wal-verify has never succeeded.
  const listed = `bottomk(100, ${window} or ${answers} - 1)`;
  const perHost = (expr: string, refId: string) =>
    latestTable(`${expr} and on (job, instance, cluster) ${listed}`, refId);
  return table({
    title: "Hosts",
    description: "At most a hundred, the worst first: no answer, no recovery window known, the shortest window.",
    queries: [
      perHost(answers, "up"),
      perHost(window, "window"),
      perHost(`(time() - ${NEWEST_BACKUP})`, "age"),
      perHost(`sum by (job, instance, cluster) (walg_backups{${FLEET}})`, "backups"),
      perHost(`max by (job, instance, cluster) (walg_wal_at_risk_segments{${FLEET}})`, "risk"),
      perHost(`(${timeAtRisk(FLEET)})`, "rpo"),
      perHost(`max by (job, instance, cluster) (${lostSegments(FLEET)})`, "lost"),
      perHost(`sum by (job, instance, cluster) (walg_backup_complete{${FLEET}} == bool 0)`, "incomplete"),
      perHost(`max by (job, instance, cluster) (walg_storage_up{${FLEET}})`, "storage"),
    ],
    span: 24,
  })
    // Grafana sorts an empty cell below every number.
    .sortBy([new TableSortBuilder().displayName("recovery window").desc(false)])
    .overrideByName("Time", [{ id: "custom.hidden", value: true }])
    .overrideByName("Value #up", [
      { id: "displayName", value: "exporter answers" },
      { id: "mappings", value: [YES_NO] },
    ])
    .overrideByName("Value #age", [{ id: "displayName", value: "newest backup's age" }, { id: "unit", value: "s" }])
    .overrideByName("Value #window", [{ id: "displayName", value: "recovery window" }, { id: "unit", value: "s" }])
    .overrideByName("Value #backups", [{ id: "displayName", value: "backups" }])
    .overrideByName("Value #risk", [{ id: "displayName", value: "segments at risk" }])
    .overrideByName("Value #rpo", [{ id: "displayName", value: "time at risk" }, { id: "unit", value: "s" }])
    .overrideByName("Value #lost", [{ id: "displayName", value: "segments lost" }])
    .overrideByName("Value #incomplete", [{ id: "displayName", value: "incomplete backups" }])
    .overrideByName("Value #storage", [
      { id: "displayName", value: "storage answers" },
      { id: "mappings", value: [YES_NO] },
    ]);
}
