import assert from "node:assert/strict";
import { toolTest } from "../deploy/tools.ts";
import { standinEnv } from "../standin.ts";
import { ROOT } from "../support/paths.ts";
import { startExporter } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { type PrometheusServer, type QueriedSample, startPrometheus } from "./prometheus_server.ts";
import { comesTo } from "./stored_series.ts";

/** The queries of the reference exporter's README, and the series in whose terms each answers. */
const REFERENCE = {
  age: "(time() - walg_backup_finish_timestamp) / 3600",
  fullAge: "(time() - (walg_backup_finish_timestamp * on(backup_name) group_left(backup_type) " +
    'walg_backup_info{backup_type="full"})) / 3600',
  duration: "walg_backup_finish_timestamp - walg_backup_start_timestamp",
  window: "walg_pitr_window_seconds / 3600",
  errors: "rate(walg_errors_total[5m])",
  up: "walg_storage_up",
  latency: "walg_storage_latency_seconds",
};

/** Its query that is to join deltas with their full backup. */
const REFERENCE_JOIN = 'walg_backup_info{backup_type="delta"} * on(delta_origin) group_left(backup_name) ' +
  'walg_backup_info{backup_type="full"}';

/** One sample per delta backup, with the type and the first segment of the backup that it builds on. */
const PARENTS = `walg_backup_info{backup_type="delta"}
  * on(instance, delta_origin) group_left(origin_type, origin_wal_file)
label_replace(label_replace(label_replace(walg_backup_info,
  "delta_origin", "$1", "backup_name", "(.+)"),
  "origin_type", "$1", "backup_type", "(.+)"),
  "origin_wal_file", "$1", "wal_file", "(.+)")`;

/** Seconds from the end of the backup that a delta builds on to the end of the delta. */
const SINCE_PARENT = `(walg_backup_finish_timestamp * on(instance, backup_name) group_left(delta_origin)
  walg_backup_info{backup_type="delta"})
  - on(instance, delta_origin) group_left()
label_replace(walg_backup_finish_timestamp, "delta_origin", "$1", "backup_name", "(.+)")`;

interface Backup {
  readonly name: string;
  readonly type: string;
  readonly origin: string;
  readonly walFile: string;
  readonly permanent: boolean;
  readonly start: number;
  readonly finish: number;
}

toolTest("the queries of the reference exporter's README return what they promise", ["prometheus"], async () => {
  await using exporter = await startExporter({
    env: standinEnv({ SCENARIO: "healthy", SHIFT: 1 }),
    flags: ["-storage-check.scrape-interval=1s"],
  });
  await exporter.ready();
  const backups = backupsOf(await exporter.metrics());
  const [full, deltas] = ["full", "delta"].map((wanted) => backups.filter(({ type }) => type === wanted));
  assert.ok(full !== undefined && deltas !== undefined && full.length === 3 && deltas.length === 4);
  await using prometheus = await startPrometheus({
    targets: [{ address: exporter.url.replace("http://", ""), labels: { instance: "db1" } }],
  });
  await comesTo(prometheus, "count_over_time(walg_storage_up[5m]) >= bool 3", 1);

  const now = Date.now() / 1000;
  const hours = ({ finish }: Backup): number => (now - finish) / 3600;
  near(await byName(prometheus, REFERENCE.age), backups, hours);
  near(await byName(prometheus, REFERENCE.fullAge), full, hours);
  near(await byName(prometheus, REFERENCE.duration), backups, ({ start, finish }) => finish - start);
  const earliest = Math.min(...backups.filter(({ permanent }) => !permanent).map(({ finish }) => finish));
  assert.ok(full.some(({ permanent, finish }) => permanent && finish !== earliest));
  const [window] = await prometheus.query(REFERENCE.window);
  assert.ok(Math.abs(Number(window?.value[1]) - (now - earliest) / 3600) < 0.01);
  const rates = await prometheus.query(REFERENCE.errors);
  assert.ok(rates.length > 10);
  assert.ok(rates.every(({ metric, value }) => metric["operation"] && metric["error_type"] && value[1] === "0"));
  assert.equal((await prometheus.query(REFERENCE.up))[0]?.value[1], "1");
  assert.ok(Number((await prometheus.query(REFERENCE.latency))[0]?.value[1]) > 0);

  // A full backup has no origin: several are an error, and one matches nothing.
  await assert.rejects(prometheus.query(REFERENCE_JOIN), /many-to-many matching not allowed/);
  const withOneFull = REFERENCE_JOIN.replace('"full"', `"full",backup_name="${full[0]?.name}"`);
  assert.deepEqual(await prometheus.query(withOneFull), []);
  const byParent = new Map(backups.map((backup) => [backup.name, backup]));
  const joined = await prometheus.query(PARENTS);
  const seen = joined.map((
    { metric: { backup_name, delta_origin, origin_type, origin_wal_file }, value: [, one] },
  ) => ({
    backup_name,
    delta_origin,
    origin_type,
    origin_wal_file,
    one,
  }));
  const wanted = deltas.map(({ name, origin }) => ({
    backup_name: name,
    delta_origin: origin,
    origin_type: byParent.get(origin)?.type,
    origin_wal_file: byParent.get(origin)?.walFile,
    one: "1",
  }));
  const order = (a: { backup_name?: string | undefined }, b: { backup_name?: string | undefined }): number =>
    (a.backup_name ?? "") < (b.backup_name ?? "") ? -1 : 1;
  assert.deepEqual(seen.toSorted(order), wanted.toSorted(order));
  assert.deepEqual(new Set(wanted.map(({ origin_type }) => origin_type)), new Set(["full", "delta"]));
  const since = await byName(prometheus, SINCE_PARENT);
  near(since, deltas, ({ finish, origin }) => finish - (byParent.get(origin)?.finish ?? NaN));
});

toolTest(
  "the queries of our README tell two hosts apart that share backup names, and two jobs",
  ["prometheus"],
  async () => {
    await using exporter = await startExporter({
      env: standinEnv({ SCENARIO: "healthy", SHIFT: 1 }),
      flags: ["-storage-check.scrape-interval=1s"],
    });
    await exporter.ready();
    const address = exporter.url.replace("http://", "");
    const hosts = [{ instance: "db1" }, { instance: "db2" }, { instance: "db2", job: "walg-too" }];
    await using prometheus = await startPrometheus({ targets: hosts.map((labels) => ({ address, labels })) });
    await comesTo(prometheus, "min(count_over_time(walg_storage_up[5m])) >= bool 3", 1);
    await comesTo(prometheus, "count(walg_storage_up)", hosts.length);
    const queries = readmeQueries(await Deno.readTextFile(`${ROOT}/docs/series.md`));
    assert.ok(queries.length >= 7);
    for (const query of queries) {
      const perHost = Object.values(Object.groupBy(
        await prometheus.query(query),
        ({ metric }) => `${metric["job"]} ${metric["instance"]}`,
      ));
      assert.equal(perHost.length, hosts.length, query);
      assert.equal(new Set(perHost.map((samples) => samples?.length)).size, 1, query);
    }
  },
);

/** The queries of the README's block: lines that are indented go on with the one before. */
function readmeQueries(readme: string): string[] {
  const [, block = ""] = /^```promql\n([\s\S]*?)^```/m.exec(readme) ?? [];
  return block.replaceAll(/^#.*\n/gm, "").split(/\n(?! )/).filter((query) => query !== "");
}

function backupsOf(text: string): Backup[] {
  const families = parseExposition(text);
  const valueOf = (family: string, name: string | undefined): number =>
    families.get(family)?.series.find(({ labels }) => labels["backup_name"] === name)?.value ?? NaN;
  return (families.get("walg_backup_info")?.series ?? []).map(({ labels }) => ({
    name: labels["backup_name"] ?? "",
    type: labels["backup_type"] ?? "",
    origin: labels["delta_origin"] ?? "",
    walFile: labels["wal_file"] ?? "",
    permanent: labels["is_permanent"] === "true",
    start: valueOf("walg_backup_start_timestamp", labels["backup_name"]),
    finish: valueOf("walg_backup_finish_timestamp", labels["backup_name"]),
  }));
}

async function byName(prometheus: PrometheusServer, expr: string): Promise<Map<string, number>> {
  const samples: readonly QueriedSample[] = await prometheus.query(expr);
  const values = new Map(samples.map(({ metric, value }) => [metric["backup_name"] ?? "", Number(value[1])]));
  assert.equal(values.size, samples.length, expr);
  return values;
}

/** A sample for each backup and no other, with its value, give or take the seconds that pass in the test. */
function near(
  values: ReadonlyMap<string, number>,
  backups: readonly Backup[],
  value: (backup: Backup) => number,
): void {
  assert.deepEqual([...values.keys()].toSorted(), backups.map(({ name }) => name).toSorted());
  for (const backup of backups) {
    const [found, wanted] = [values.get(backup.name) ?? NaN, value(backup)];
    assert.ok(Math.abs(found - wanted) < 0.01, `${backup.name}: ${found}, not ${wanted}`);
  }
}
