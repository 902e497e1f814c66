import { steps, table, YES_NO } from "../panels.ts";
import { HOST, latestTable, ofNewestBackup, overTime } from "../queries.ts";
import type { Builder, Panel } from "../sdk.ts";

/** The backups of one host. */
export function backupPanels(): Builder<Panel>[] {
  return [
    steps({
      title: "Size of the newest backup",
      description: "Compressed, by type.",
      queries: [overTime(ofNewestBackup("walg_backup_compressed_size_bytes"), { legend: "{{backup_type}}" })],
      unit: "bytes",
      span: 6,
    }),
    steps({
      title: "Duration of the newest backup",
      description: "By type.",
      queries: [overTime(`walg_backup_last_duration_seconds{${HOST}}`, { legend: "{{backup_type}}" })],
      unit: "s",
      span: 6,
    }),
    steps({
      title: "Compression",
      description: "How many bytes of the newest backup became one, by type.",
      queries: [
        overTime(
          `${ofNewestBackup("walg_backup_uncompressed_size_bytes")} / ` +
            ofNewestBackup("walg_backup_compressed_size_bytes"),
          { legend: "{{backup_type}}" },
        ),
      ],
      span: 6,
    }),
    steps({
      title: "Stored backups",
      description: "The compressed size of all backups, and how many there are.",
      queries: [
        overTime(`walg_backups_compressed_size_bytes{${HOST}}`, { refId: "A", legend: "{{backup_type}}" }),
        overTime(`walg_backups{${HOST}}`, { refId: "B", legend: "{{backup_type}} (count)" }),
        overTime(`walg_backups_permanent{${HOST}}`, { refId: "C", legend: "{{backup_type}}, permanent (count)" }),
      ],
      unit: "bytes",
      span: 6,
    }).overrideByRegexp("/count/", [{ id: "unit", value: "short" }, { id: "custom.axisPlacement", value: "right" }]),
    backups(),
  ];
}

function backups(): Builder<Panel> {
  const byName = (expr: string) => `max by (instance, backup_name) (${expr})`;
  const infos = `max by (instance, backup_name, backup_type, is_permanent, delta_origin) (walg_backup_info{${HOST}})`;
  const compressed = `walg_backup_compressed_size_bytes{${HOST}}`;
  return table({
    title: "Backups",
    description: "Those that the exporter shows one by one (-backups.max-series).",
    queries: [
      latestTable(infos, "info"),
      latestTable(byName(`walg_backup_finish_timestamp{${HOST}} * 1000`), "finish"),
      latestTable(
        byName(`walg_backup_finish_timestamp{${HOST}} - walg_backup_start_timestamp{${HOST}}`),
        "took",
      ),
      latestTable(byName(compressed), "size"),
      latestTable(byName(`walg_backup_uncompressed_size_bytes{${HOST}} / (${compressed} > 0)`), "compression"),
      latestTable(byName(`walg_backup_restorable{${HOST}}`), "restorable"),
      // Before WAL-G 3.0 there is one storage, without a name; without -backups.max-series nothing is left out.
      latestTable(
        `count by (instance, backup_name) (walg_backup_storage_info{${HOST}}) or ${
          byName(`walg_backup_info{${HOST}}`)
        }`,
        "storages",
      ),
      latestTable(
        `max by (instance) (walg_backups_series_left_out{${HOST}}) or max by (instance) (walg_backups{${HOST}}) * 0`,
        "left",
      ),
    ],
    span: 24,
  })
    .overrideByRegexp("Time|Value #info", [{ id: "custom.hidden", value: true }])
    .overrideByName("Value #finish", [
      { id: "displayName", value: "finished" },
      { id: "unit", value: "dateTimeAsIso" },
    ])
    .overrideByName("Value #took", [{ id: "displayName", value: "took" }, { id: "unit", value: "s" }])
    .overrideByName("Value #size", [{ id: "displayName", value: "compressed" }, { id: "unit", value: "bytes" }])
    .overrideByName("Value #compression", [{ id: "displayName", value: "compression" }])
    .overrideByName("Value #restorable", [
      { id: "displayName", value: "restorable" },
      { id: "mappings", value: [YES_NO] },
      { id: "noValue", value: "unknown" },
    ])
    .overrideByName("Value #storages", [{ id: "displayName", value: "storages" }])
    .overrideByName("Value #left", [{ id: "displayName", value: "older ones not shown" }]);
}
