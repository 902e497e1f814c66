import assert from "node:assert/strict";
import { buildDashboard } from "../../deploy/grafana/build.ts";
import { dashboardJson } from "../../deploy/grafana/dashboard.ts";
import { ROOT } from "../support/paths.ts";
import { dashboardQueries } from "./dashboard_queries.ts";
import { SERIES, seriesOf } from "./series.ts";

Deno.test("walg.json is what the sources build", async () => {
  const file = await Deno.readTextFile(`${ROOT}/deploy/grafana/walg.json`);
  assert.equal(file, dashboardJson(), "deploy/grafana/walg.json is not up to date: deno task dashboard");
});

Deno.test("every query names series that exist, and every panel has a query", () => {
  const known = new Set([...SERIES, "ALERTS"]);
  const queries = dashboardQueries();
  assert.ok(queries.length > 40);
  for (const { where, expr } of queries) {
    const names = seriesOf(expr);
    assert.ok(names.length > 0, where);
    for (const name of names) assert.ok(known.has(name), `${where}: ${name}`);
  }
  for (const panel of buildDashboard().panels ?? []) {
    if (panel.type !== "row") assert.ok("targets" in panel && (panel.targets?.length ?? 0) > 0, panel.title ?? "");
  }
});

Deno.test("the dashboard shows every series of the contract but those that only the rules need", () => {
  const shown = new Set(dashboardQueries().flatMap(({ expr }) => seriesOf(expr)));
  // The reference exporter's twins of walg_scrape_duration_seconds.
  const twins = ["walg_backup_list_duration_seconds", "walg_wal_verify_duration_seconds"];
  assert.deepEqual(SERIES.filter((name) => !shown.has(name)), twins);
});

Deno.test("panels have ids of their own, fit the 24 columns, and no two overlap", () => {
  const panels = buildDashboard().panels ?? [];
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos } of panels) {
    assert.ok(gridPos !== undefined, title ?? "");
    assert.ok(gridPos.x + gridPos.w <= 24, title ?? "");
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x},${y}`), `${title} overlaps`);
        taken.add(`${x},${y}`);
      }
    }
  }
});

Deno.test("the host's row repeats for each chosen host, and the variables choose among the exporters", () => {
  const { panels = [], templating, annotations } = buildDashboard();
  const rows = panels.flatMap((panel) => panel.type === "row" && "repeat" in panel ? [panel.repeat] : []);
  assert.deepEqual(rows.filter((repeat) => repeat !== undefined), ["instance"]);
  assert.deepEqual((templating.list ?? []).map(({ name }) => name), ["datasource", "job", "instance"]);
  assert.deepEqual((annotations.list ?? []).map(({ name, useValueForTime }) => [name, useValueForTime]), [
    ["Backups", true],
  ]);
});
