import assert from "node:assert/strict";
import { buildDashboard } from "../../deploy/grafana/build.ts";
import { dashboardJson } from "../../deploy/grafana/dashboard.ts";
import { ROOT } from "../support/paths.ts";
import { dashboardQueries } from "./dashboard_queries.ts";
import { FLEET_SERIES, SERIES, seriesOf } from "./series.ts";
import { toolTest } from "./tools.ts";

Deno.test("walg.json is what the sources build", async () => {
  const file = await Deno.readTextFile(`${ROOT}/deploy/grafana/walg.json`);
  assert.equal(file, dashboardJson(), "deploy/grafana/walg.json is not up to date: deno task dashboard");
});

Deno.test("every query names series that exist, and every panel has a query", () => {
  const known = new Set([...SERIES, ...FLEET_SERIES, "ALERTS", "up"]);
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
  assert.deepEqual([...SERIES, ...FLEET_SERIES].filter((name) => !shown.has(name)), twins);
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
  assert.deepEqual((templating.list ?? []).map(({ name }) => name), ["datasource", "job", "instance", "cluster"]);
  assert.deepEqual((annotations.list ?? []).map(({ name, useValueForTime }) => [name, useValueForTime]), [
    ["Backups", true],
  ]);
});

toolTest(
  "the table of hosts has a row for those that do not answer and those without a window",
  ["promtool"],
  async () => {
    const asked = dashboardQueries().filter(({ where }) => /^Hosts (up|window)$/.test(where));
    assert.deepEqual(asked.map(({ where }) => where), ["Hosts up", "Hosts window"]);
    const values = [["db1", 1], ["db2", 0], ["db3", 1], ["db4", 1]] as const;
    const labels = (host: string): string => `{job="walg",instance="${host}:9351"}`;
    const series = (name: string, host: string, value: number) => ({
      series: name + labels(host),
      values: `${value}x5`,
    });
    const shown = (results: readonly (readonly [string, number])[]) =>
      results.map(([host, value]) => ({ labels: labels(host), value }));
    const windows = [["db1", 86_400], ["db4", 0]] as const;
    const expected = [shown(values), shown(windows)];
    await askPromtool([
      ...values.map(([host, value]) => series("up", host, value)),
      ...windows.map(([host, value]) => series("walg_recovery_window_seconds", host, value)),
    ], asked.map(({ expr }, index) => ({ expr, eval_time: "3m", exp_samples: expected[index] ?? [] })));
  },
);

toolTest("the table of hosts has a row for each cluster of an exporter", ["promtool"], async () => {
  const asked = dashboardQueries().filter(({ where }) => /^Hosts (up|window|backups)$/.test(where));
  const host = 'job="walg",instance="db1:9351"';
  const clusters = [["a", 10], ["b", 20]] as const;
  const labels = (cluster: string): string => `{${host},cluster="${cluster}"}`;
  const rows = (value: (window: number) => number) =>
    clusters.map(([cluster, window]) => ({ labels: labels(cluster), value: value(window) }));
  await askPromtool(
    [
      { series: `up{${host}}`, values: "1x5" },
      ...clusters.flatMap(([cluster, window]) => [
        { series: `walg_scrape_success{${host},cluster="${cluster}",operation="backup-list"}`, values: "1x5" },
        { series: `walg_scrape_success{${host},cluster="${cluster}",operation="storage-check"}`, values: "1x5" },
        { series: `walg_recovery_window_seconds${labels(cluster)}`, values: `${window}x5` },
        { series: `walg_backups{${host},cluster="${cluster}",backup_type="full"}`, values: "3x5" },
      ]),
    ],
    [rows(() => 1), rows((window) => window), rows(() => 3)].map((exp_samples, index) => ({
      expr: asked[index]?.expr ?? "",
      eval_time: "3m",
      exp_samples,
    })),
  );
});

toolTest("exporters that do not answer are counted, and other targets are not", ["promtool"], async () => {
  const asked = dashboardQueries().filter(({ where }) => /^Exporters( down)? A$/.test(where));
  assert.deepEqual(asked.map(({ where }) => where), ["Exporters A", "Exporters down A"]);
  const series = (name: string, labels: string, values: string) => ({ series: `${name}{${labels}}`, values });
  const hosts = [["walg", "db1"], ["walg", "db2"], ["other", "db3"], ["other", "db4"], ["other", "node"]] as const;
  await askPromtool(
    hosts.flatMap(([job, host]) => {
      const labels = `job="${job}",instance="${host}"`;
      const down = host === "db2" || host === "db4";
      const up = series("up", labels, down ? "1x10 0x600" : "1x610");
      return host === "node" ? [up] : [up, series("walg_exporter_build_info", labels, down ? "1x10 stale" : "1x610")];
    }),
    asked.map(({ expr }, index) => ({
      expr: expr.replaceAll("$job", ".+").replaceAll("$cluster", ".*"),
      eval_time: "10h",
      exp_samples: [{ labels: "{}", value: [4, 2][index] ?? NaN }],
    })),
  );
});

toolTest("a host's panels can be drawn while its target's labels change", ["promtool"], async () => {
  const asked = dashboardQueries().filter(({ expr }) => expr.includes("group_left"));
  assert.ok(asked.length >= 2);
  const values: readonly (readonly [string, string, string])[] = [
    ["walg_backup_info", 'backup_name="a",backup_type="full"', "1x5"],
    ["walg_backup_finish_timestamp", 'backup_name="a"', "100x5"],
    ["walg_backup_compressed_size_bytes", 'backup_name="a"', "50x5"],
    ["walg_backup_uncompressed_size_bytes", 'backup_name="a"', "50x5"],
    ["walg_backup_last_finish_timestamp_seconds", 'backup_type="full"', "100x5"],
  ];
  await askPromtool(
    ["dev", "prod"].flatMap((env) =>
      values.map(([name, labels, values]) => ({
        series: `${name}{job="walg",instance="db1",env="${env}",${labels}}`,
        values,
      }))
    ),
    asked.map(({ expr, where }) => ({
      expr,
      eval_time: "3m",
      exp_samples: [{ labels: '{instance="db1",backup_type="full"}', value: where.startsWith("Compression") ? 1 : 50 }],
    })),
  );
});

toolTest("time is at risk only while WAL waits, also while its target's labels change", ["promtool"], async () => {
  const [asked] = dashboardQueries().filter(({ where }) => where === "Recovery point (RPO) B");
  assert.ok(asked !== undefined);
  const series = (env: string, name: string, values: string) => ({
    series: `${name}{job="walg",instance="db1",env="${env}"}`,
    values,
  });
  await askPromtool(
    ["dev", "prod"].flatMap((env) => [
      series(env, "walg_recovery_until_timestamp_seconds", "0x10"),
      series(env, "walg_wal_at_risk_segments", "0x5 3x5"),
    ]),
    [["5m", 0], ["8m", 480]].map(([at, value]) => ({
      expr: asked.expr,
      eval_time: String(at),
      exp_samples: [{ labels: '{job="walg",instance="db1"}', value: Number(value) }],
    })),
  );
});

interface Question {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

/** Has promtool ask queries of series that have a value each minute, for the job `walg` and the host `db1`. */
async function askPromtool(
  input_series: readonly { readonly series: string; readonly values: string }[],
  questions: readonly Question[],
): Promise<void> {
  const promql_expr_test = questions.map(({ expr, ...rest }) => ({
    expr: expr.replaceAll("$job", "walg").replaceAll("$instance", "db1").replaceAll("$cluster", ".*"),
    ...rest,
  }));
  const test = { interval: "1m", input_series, promql_expr_test };
  const path = await Deno.makeTempFile({ prefix: "walg-dashboard-", suffix: ".json" });
  try {
    await Deno.writeTextFile(path, JSON.stringify({ evaluation_interval: "1m", tests: [test] }));
    const { success, stdout, stderr } = await new Deno.Command("promtool", { args: ["test", "rules", path] }).output();
    const decoder = new TextDecoder();
    assert.ok(success, decoder.decode(stdout) + decoder.decode(stderr));
  } finally {
    await Deno.remove(path);
  }
}
