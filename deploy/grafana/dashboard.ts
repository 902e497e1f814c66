import { buildDashboard } from "./build.ts";

/** Writes walg.json beside this file: the same bytes for the same sources. */
if (import.meta.main) {
  await Deno.writeTextFile(new URL("walg.json", import.meta.url), dashboardJson());
}

/** The dashboard as the file that Grafana imports. */
export function dashboardJson(): string {
  return `${JSON.stringify(buildDashboard(), null, 2)}\n`;
}
