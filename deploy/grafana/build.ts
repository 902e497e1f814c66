import { annotations } from "./annotations.ts";
import { fleetPanels } from "./rows/fleet.ts";
import { backupPanels } from "./rows/host_backups.ts";
import { exporterPanels } from "./rows/host_exporter.ts";
import { recoveryPanels } from "./rows/host_recovery.ts";
import { walPanels } from "./rows/host_wal.ts";
import { type Dashboard, DashboardBuilder, DashboardCursorSync, RowBuilder } from "./sdk.ts";
import { variables } from "./variables.ts";

/** The whole dashboard: a row for the fleet, and one for each chosen host. */
export function buildDashboard(): Dashboard {
  const dashboard = new DashboardBuilder("WAL-G: backups and recovery")
    .uid("walg-exporter")
    .description("Did the backups run, is the WAL archive whole, and from when to when can be recovered?")
    .tags(["wal-g", "postgresql", "backup"])
    .timezone("utc")
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: "now-7d", to: "now" })
    .refresh("1m")
    .variables(variables())
    .annotations(annotations());
  dashboard.withRow(new RowBuilder("Fleet: $job"));
  for (const panel of fleetPanels()) dashboard.withPanel(panel);
  dashboard.withRow(new RowBuilder("Host: $instance").repeat("instance"));
  for (const panel of [...recoveryPanels(), ...backupPanels(), ...walPanels(), ...exporterPanels()]) {
    dashboard.withPanel(panel);
  }
  return numbered(dashboard.build());
}

/** Every panel with an id of its own, which links and repeated rows need. */
function numbered(dashboard: Dashboard): Dashboard {
  const panels = dashboard.panels?.map((panel, index) => ({ ...panel, id: index + 1 }));
  return panels === undefined ? dashboard : { ...dashboard, panels };
}
