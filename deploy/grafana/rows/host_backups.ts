import { areas, steps, table, YES_NO } from "../panels.ts";
import { HOST, latestTable, ofNewestBackup, overTime } from "../queries.ts";
import type { Builder, DynamicConfigValue, Panel } from "../sdk.ts";

/** Of lines whose values are not bytes. */
const COUNT: DynamicConfigValue[] = [
  { id: "unit", value: "short" },
  { id: "custom.axisPlacement", value: "right" },
];

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
    }).overrideByRegexp("/count/", COUNT),
    ...stored(),
    backups(),
  ];
}

/** What the storage really holds. */
function stored(): Builder<Panel>[] {
  const onRight = { id: "custom.axisPlacement", value: "right" };
  return [
    areas({
      title: "Storage by content",
      description: "Bytes in all storages: backups, WAL, and what is left of unfinished backups.",
      queries: [overTime(`walg_storage_bytes{${HOST}}`, { legend: "{{content}}" })],
      unit: "bytes",
      span: 8,
    }),
    steps({
      title: "Backups held against the storage",
      description:
        "What WAL-G says was uploaded of the backups, and what the storage holds of them: never less, unless files are gone.",
      queries: [
        overTime(
          `sum(walg_backup_compressed_size_bytes{${HOST}} and on (job, instance, cluster, backup_name) ` +
            `walg_backup_stored_bytes{${HOST}})`,
          { refId: "A", legend: "uploaded" },
        ),
        overTime(`sum(walg_backup_stored_bytes{${HOST}})`, { refId: "B", legend: "in the storage" }),
        overTime(`sum(walg_backup_complete{${HOST}} == bool 0)`, { refId: "C", legend: "incomplete (count)" }),
      ],
      unit: "bytes",
      span: 8,
    }).overrideByRegexp("/count/", COUNT),
    steps({
      title: "Unfinished uploads",
      description:
        "Backups without a sentinel, and the time since anything was added to one: low while one is uploaded, rising once it died.",
      queries: [
        overTime(`walg_unfinished_backups{${HOST}}`, { refId: "A", legend: "unfinished" }),
        overTime(`time() - walg_unfinished_backup_last_upload_timestamp_seconds{${HOST}}`, {
          refId: "B",
          legend: "since the last upload",
        }),
      ],
      span: 8,
    }).overrideByName("since the last upload", [{ id: "unit", value: "s" }, onRight]),
  ];
}

function backups(): Builder<Panel> {
  const byName = (expr: string) => `max by (instance, cluster, backup_name) (${expr})`;
  const infos =
    `max by (instance, cluster, backup_name, backup_type, is_permanent, delta_origin) (walg_backup_info{${HOST}})`;
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
      latestTable(byName(`walg_backup_stored_bytes{${HOST}}`), "stored"),
      latestTable(byName(`walg_backup_uncompressed_size_bytes{${HOST}} / (${compressed} > 0)`), "compression"),
      latestTable(byName(`walg_backup_restorable{${HOST}}`), "restorable"),
      latestTable(byName(`walg_backup_complete{${HOST}}`), "complete"),
      // Before WAL-G 3.0 there is one storage, without a name; without -backups.max-series nothing is left out.
      latestTable(
        `count by (instance, cluster, backup_name) (walg_backup_storage_info{${HOST}}) or ${
          byName(`walg_backup_info{${HOST}}`)
        }`,
        "storages",
      ),
      latestTable(
        `max by (instance, cluster) (walg_backups_series_left_out{${HOST}}) or max by (instance, cluster) (walg_backups{${HOST}}) * 0`,
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
    .overrideByName("Value #stored", [{ id: "displayName", value: "in the storage" }, { id: "unit", value: "bytes" }])
    .overrideByName("Value #compression", [{ id: "displayName", value: "compression" }])
    .overrideByName("Value #restorable", [
      { id: "displayName", value: "restorable" },
      { id: "mappings", value: [YES_NO] },
      { id: "noValue", value: "unknown" },
    ])
    .overrideByName("Value #complete", [
      { id: "displayName", value: "complete" },
      { id: "mappings", value: [YES_NO] },
      { id: "noValue", value: "unknown" },
    ])
    .overrideByName("Value #storages", [{ id: "displayName", value: "storages" }])
    .overrideByName("Value #left", [{ id: "displayName", value: "older ones not shown" }]);
}
