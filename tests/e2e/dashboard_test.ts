import assert from "node:assert/strict";
import { generateScenario, writeScenario } from "../../tools/generate_scenario.ts";
import { dashboardQueries } from "../deploy/dashboard_queries.ts";
import { FLEET_SERIES, SERIES, seriesOf } from "../deploy/series.ts";
import { toolTest } from "../deploy/tools.ts";
import { standinEnv } from "../standin.ts";
import { withDrillResult } from "../support/drill.ts";
import { pause, type RunningExporter, startExporter, until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { type PrometheusServer, startPrometheus } from "./prometheus_server.ts";

/** What Grafana puts in place of its variables. */
const VARIABLES: Readonly<Record<string, string>> = {
  "$job": ".+",
  "$instance": "db1",
  "$cluster": ".*",
  "$__rate_interval": "15s",
};
/** Shown where its flag is set. */
const BY_FLAG = "walg_backups_series_left_out";
/** Shown while a backup is unfinished; here none is. */
const WHILE_UNFINISHED = "walg_unfinished_backup_last_upload_timestamp_seconds";
const ALWAYS = SERIES.filter((name) => name !== WHILE_UNFINISHED).toSorted();

toolTest("every query of the dashboard returns data from a real exporter", ["prometheus"], async () => {
  await withDrillResult(queriesReturnData);
});

async function queriesReturnData(drill: readonly string[]): Promise<void> {
  const folder = await sixtyBackups();
  try {
    const env = standinEnv({ SCENARIO: folder });
    // A listing of the files counts once the backups have been listed after it.
    const flags = ["-backup-list.scrape-interval=1s", ...drill];
    await using plain = await startExporter({ env, flags, lists: true });
    await using limited = await startExporter({ env, flags: [...flags, "-backups.max-series=40"], lists: true });
    assert.deepEqual(await shownNames(plain), ALWAYS.filter((name) => name !== BY_FLAG));
    assert.deepEqual(await shownNames(limited), ALWAYS);
    // It has no cluster, as its file is not there, and says so.
    await using several = await startExporter({ env, flags: ["-cluster=main=/etc/ssl/nowhere.yaml"] });
    const targets = [plain, limited, several].map(({ url }, index) => ({
      address: url.replace("http://", ""),
      labels: { instance: `db${index + 1}` },
    }));
    await using prometheus = await startPrometheus({ targets });
    await scraped(prometheus, 5);
    const stored = new Set(await prometheus.api("label/__name__/values") as string[]);
    for (const { where, expr } of dashboardQueries()) {
      if (seriesOf(expr).includes(WHILE_UNFINISHED)) continue;
      const missing = seriesOf(expr).filter((name) => !stored.has(name) && name !== "ALERTS");
      assert.deepEqual(missing, [], where);
      const query = inserted(expr);
      const result = await prometheus.query(query);
      assert.ok(result.length > 0, `${where} returns nothing: ${query}`);
      assert.ok(result.every(({ value: [, value] }) => Number.isFinite(Number(value))), `${where}: ${query}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The names of the series that an exporter shows once each command has run. */
async function shownNames(exporter: RunningExporter): Promise<string[]> {
  await exporter.ready();
  let text = "";
  await until(
    "the backups and their files are shown",
    async () =>
      (text = await exporter.metrics()).includes("\nwalg_backup_complete{") && text.includes("walg_restore_drill"),
  );
  return [...parseExposition(text).keys()].toSorted();
}

function inserted(expr: string): string {
  const ofSeveral = seriesOf(expr).some((name) => FLEET_SERIES.includes(name)) ? { $instance: "db3" } : {};
  const text = Object.entries({ ...VARIABLES, ...ofSeveral }).reduce(
    (rest, [name, value]) => rest.replaceAll(name, value),
    expr,
  );
  // "$1" belongs to label_replace.
  assert.doesNotMatch(text, /\$[a-z_{]/i);
  return text;
}

/** Sixty backups on two storages, the newest of them an hour old. */
async function sixtyBackups(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "walg-dashboard-" });
  const end = Math.floor(Date.now() / 1000) - 3600;
  await writeScenario(folder, generateScenario({ backups: 60, seed: 1, storages: 2, end }));
  return folder;
}

async function scraped(prometheus: PrometheusServer, times: number): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    const [count] = await prometheus.query("count_over_time(walg_exporter_build_info[1m])");
    if (Number(count?.value[1] ?? 0) >= times) return;
    await pause(500);
  }
  throw new Error(`not scraped ${times} times within 30 s`);
}
