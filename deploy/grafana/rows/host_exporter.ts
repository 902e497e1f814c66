import { bars, lines, stat, table, YES_NO } from "../panels.ts";
import { EXPORTER, HOST, latest, latestTable, overTime } from "../queries.ts";
import type { Builder, Panel } from "../sdk.ts";

/** The storage, the operations and the exporter of one host. */
export function exporterPanels(): Builder<Panel>[] {
  return [
    lines({
      title: "Storage latency",
      description: "How long the storage check took, failed or not.",
      queries: [overTime(`walg_storage_latency_seconds{${HOST}}`, { legend: "latency" })],
      unit: "s",
      span: 6,
    }),
    bars({
      title: "Errors",
      description: "Failed runs by operation and type of error.",
      queries: [
        overTime(
          `sum by (operation, error_type) (increase(walg_errors_total{${HOST}}[$__rate_interval]))`,
          { refId: "A", legend: "{{operation}}: {{error_type}}" },
        ),
        overTime(`increase(walg_scrape_errors_total{${HOST}}[$__rate_interval])`, {
          refId: "B",
          legend: "backup-list and wal-verify together",
        }),
      ],
      span: 6,
    }),
    lines({
      title: "Duration of the operations",
      description: "How long the last run of each took, failed or not.",
      queries: [overTime(`walg_scrape_duration_seconds{${HOST}}`, { legend: "{{operation}}" })],
      unit: "s",
      span: 6,
    }),
    lines({
      title: "Age of the data",
      description: "Time since the last successful run of each operation.",
      queries: [
        overTime(`time() - walg_scrape_last_success_timestamp_seconds{${HOST}}`, { legend: "{{operation}}" }),
      ],
      unit: "s",
      span: 6,
    }),
    stat({
      title: "Last runs succeeded",
      description: "By operation.",
      queries: [latest(`walg_scrape_success{${HOST}}`, { legend: "{{operation}}" })],
      span: 4,
      height: 8,
    }, [[null, "red"], [1, "green"]]).mappings([YES_NO]),
    lines({
      title: "CPU of the exporter",
      description: "Without the wal-g it runs.",
      queries: [overTime(`rate(process_cpu_seconds_total{${EXPORTER}}[$__rate_interval])`, { legend: "cores" })],
      unit: "percentunit",
      span: 6,
    }),
    lines({
      title: "Memory of the exporter",
      description: "Resident, with the executable's own pages.",
      queries: [overTime(`process_resident_memory_bytes{${EXPORTER}}`, { legend: "resident" })],
      unit: "bytes",
      span: 6,
    }),
    table({
      title: "Versions and cluster",
      description:
        "The exporter, its runtime and WAL-G, when the exporter was started, and the cluster that the newest backup is of.",
      queries: [
        latestTable(
          `max by (instance, version, revision, deno_version) (walg_exporter_build_info{${EXPORTER}})`,
          "exporter",
        ),
        latestTable(
          `max by (instance, cluster, wal_g) (label_replace(walg_version_info{${HOST}}, "wal_g", "$1", "version", "(.*)"))`,
          "walg",
        ),
        latestTable(
          `max by (instance, cluster, system_identifier, hostname, data_dir) (walg_cluster_info{${HOST}})`,
          "cluster",
        ),
        latestTable(`max by (instance) (process_start_time_seconds{${EXPORTER}} * 1000)`, "start"),
      ],
      span: 8,
      height: 8,
    })
      .overrideByRegexp("Time|Value #(exporter|walg|cluster)", [{ id: "custom.hidden", value: true }])
      .overrideByName("Value #start", [
        { id: "displayName", value: "started" },
        { id: "unit", value: "dateTimeAsIso" },
      ]),
    lines({
      title: "Several clusters in one exporter",
      description:
        "How many it watches, config files that it cannot use, runs that wait for their turn and for how long. " +
        "Empty for an exporter of one cluster.",
      queries: [
        overTime(`walg_exporter_clusters{${EXPORTER}}`, { refId: "A", legend: "clusters" }),
        overTime(`walg_exporter_clusters_refused{${EXPORTER}}`, { refId: "B", legend: "config files refused" }),
        overTime(`walg_exporter_runs_waiting{${EXPORTER}}`, { refId: "C", legend: "runs waiting" }),
        overTime(`walg_exporter_longest_wait_seconds{${EXPORTER}}`, { refId: "D", legend: "longest wait (s)" }),
      ],
      span: 24,
    }),
  ];
}
