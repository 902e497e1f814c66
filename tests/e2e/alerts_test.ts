import assert from "node:assert/strict";
import { shippedAlerts, shippedRules } from "../deploy/rules_file.ts";
import { shortenRules } from "../deploy/shorten_rules.ts";
import { toolTest } from "../deploy/tools.ts";
import { controlStandin, standinEnv } from "../standin.ts";
import { pause, type RunningExporter, startExporter } from "../support/exporter.ts";
import { type AlertHost, alertHosts } from "./alert_hosts.ts";
import { type PrometheusServer, startPrometheus, type Target } from "./prometheus_server.ts";

const LIMIT = 180_000;
const FLAGS = [
  "-backup-list.scrape-interval=2s",
  "-wal-verify.scrape-interval=2s",
  "-storage-check.scrape-interval=2s",
  "-wal-archive.scrape-interval=2s",
  "-backup-files.scrape-interval=2s",
  "-scrape.jitter=0s",
];

/** Thresholds of the test's own file, which also shows that overriding works: see walg.site.rules.example.yml. */
const SITE_RULES = {
  groups: [{
    name: "walg-site",
    rules: [
      { record: "walg:override:recovery_window_seconds", expr: 'walg:target{instance!="young"} * 1' },
      { record: "walg:override:collection_age_seconds", expr: 'walg:target{instance="hanging"} * 10' },
    ],
  }],
};

toolTest("every alert fires through the real chain, each for its host and for no other", ["prometheus"], async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-alerts-" });
  const started = performance.now();
  const hosts = await alertHosts(folder);
  const exporters = new Map<string, RunningExporter>();
  try {
    await Promise.all(hosts.map(async (host) => void exporters.set(host.name, await startHost(host, folder))));
    const targets = hosts.map(({ name }) => target(name, exporters));
    const rules = [shortenRules(shippedRules()), SITE_RULES].map((file) => JSON.stringify(file));
    await using prometheus = await startPrometheus({ rules, targets });
    await recordedFor(hosts, prometheus);
    await turn(hosts, { exporters, prometheus, folder });
    const fired = await firedWithin(expected(hosts), prometheus, LIMIT - (performance.now() - started));
    assert.deepEqual([...fired].toSorted(), expected(hosts));
  } finally {
    await Promise.all([...exporters.values()].map((exporter) => exporter.stop()));
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the hosts of the chain fire every shipped alert between them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-alerts-" });
  const fired = new Set((await alertHosts(folder)).flatMap(({ fires }) => fires));
  assert.deepEqual([...fired].toSorted(), [...shippedAlerts().keys()].toSorted());
  await Deno.remove(folder, { recursive: true });
});

async function startHost({ name, knobs }: AlertHost, folder: string): Promise<RunningExporter> {
  const control = `${folder}/control-${name}`;
  await Deno.mkdir(control);
  return await startExporter({
    // By its name: the sandbox allows the wal-g that PATH finds.
    flags: FLAGS,
    env: standinEnv({ ...knobs, CONTROL: control }),
  });
}

function target(name: string, exporters: ReadonlyMap<string, RunningExporter>): Target {
  return { address: (exporters.get(name)?.url ?? "").replace("http://", ""), labels: { instance: name } };
}

/** Waits until the recording rules know every host. */
async function recordedFor(hosts: readonly AlertHost[], prometheus: PrometheusServer): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    const known = new Set((await prometheus.query("walg:target")).map(({ metric }) => metric["instance"]));
    if (hosts.every(({ name }) => known.has(name))) return;
    await pause(500);
  }
  throw new Error("the recording rules do not know every host within 30 s");
}

/** Lets happen to each host what is to happen to it once it is known. */
async function turn(
  hosts: readonly AlertHost[],
  { exporters, prometheus, folder }: {
    exporters: ReadonlyMap<string, RunningExporter>;
    prometheus: PrometheusServer;
    folder: string;
  },
): Promise<void> {
  for (const { name, then } of hosts) {
    if (then === "hang wal-verify") await controlStandin(`${folder}/control-${name}`, "wal-verify", { HANG: 1 });
    if (then === "stop") await exporters.get(name)?.stop();
  }
  const left = hosts.filter(({ then }) => then !== "leave").map(({ name }) => target(name, exporters));
  await prometheus.setTargets(left);
}

/** `alert host` of all that must fire, sorted. */
function expected(hosts: readonly AlertHost[]): string[] {
  return hosts.flatMap(({ name, fires }) => fires.map((alert) => `${alert} ${name}`)).toSorted();
}

/** Everything that has fired until 10 s after all that is expected has, or the time (milliseconds) is over. */
async function firedWithin(
  wanted: readonly string[],
  prometheus: PrometheusServer,
  limit: number,
): Promise<Set<string>> {
  let end = performance.now() + limit;
  let complete = false;
  const fired = new Set<string>();
  while (performance.now() < end) {
    for (const { state, labels, annotations } of await prometheus.alerts()) {
      assert.doesNotMatch(JSON.stringify(annotations), /error expanding|<no value>/i, labels["alertname"]);
      if (state === "firing") fired.add(`${labels["alertname"]} ${labels["instance"]}`);
    }
    if (!complete && wanted.every((one) => fired.has(one))) {
      complete = true;
      end = Math.min(end, performance.now() + 10_000);
    }
    await pause(1000);
  }
  return fired;
}
