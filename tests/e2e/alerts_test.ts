import assert from "node:assert/strict";
import { alertOf, type ProblemCode, type ProblemKind, PROBLEMS } from "../../src/operations/problems.ts";
import { shippedAlerts, shippedRules } from "../deploy/rules_file.ts";
import { shortenRules } from "../deploy/shorten_rules.ts";
import { toolTest } from "../deploy/tools.ts";
import { standinEnv } from "../standin.ts";
import { verdictCases } from "../status/verdict_cases.ts";
import { type Verdict, verdictOf } from "../status/verdicts.ts";
import { pause, type RunningExporter, startExporter } from "../support/exporter.ts";
import { startPrometheus, type Target } from "./prometheus_server.ts";

const LIMIT = 120_000;
/** The gravest severity that fires for each level of the page. */
const GRAVEST = { ok: undefined, warning: "warning", critical: "critical", unknown: "critical" } as const;

toolTest("a real Prometheus fires for each host of the table what its page and check say, and no more", [
  "prometheus",
], async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-alerts-" });
  try {
    const verdicts: Verdict[] = [];
    for (const one of await verdictCases(folder)) verdicts.push(await verdictOf(one));
    await using hosts = serve(verdicts);
    await using healthy = await realExporter("healthy");
    await using lost = await realExporter("segment-lost");
    const all = [...hosts.targets, target("real healthy", healthy), target("real segment-lost", lost)];
    const rules = [JSON.stringify(shortenRules(shippedRules()))];
    await using prometheus = await startPrometheus({ rules, targets: all });
    await until(async () => (await prometheus.query("walg_exporter_build_info")).length === all.length);
    hosts.stop();
    await prometheus.setTargets(all.filter(({ labels }) => labels["instance"] !== "removed"));
    const expected = [
      ...verdicts.flatMap(({ name, values }) => expectedOf(name, values)),
      ...expectedOf("real segment-lost", new Map([["wal_lost", 1], ["backup_not_restorable", 1]])),
      "WalgExporterDown critical stopped",
      "WalgExporterMissing warning removed",
      "WalgProblemsAbsent critical silent",
      "WalgFiguresStale critical stale",
    ].toSorted();

    const fired = new Set<string>();
    const look = async (): Promise<void> => {
      for (const { state, labels, annotations } of await prometheus.alerts()) {
        assert.doesNotMatch(JSON.stringify(annotations), /error expanding|<no value>/i, labels["alertname"]);
        if (state === "firing") fired.add(`${labels["alertname"]} ${labels["severity"]} ${labels["instance"]}`);
      }
    };
    const end = performance.now() + LIMIT;
    while (performance.now() < end && !expected.every((one) => fired.has(one))) {
      await look();
      await pause(1000);
    }
    // What would fire beyond that has had its waiting time by then, which is 24 s at most.
    for (let more = 0; more < 10; more++) {
      await look();
      await pause(1000);
    }
    assert.deepEqual([...fired].toSorted(), expected);
    for (const { name, page, json, exitStatus } of verdicts) {
      const severities = [...fired].filter((one) => one.endsWith(` ${name}`)).map((one) => one.split(" ")[1]);
      const gravest = severities.includes("critical") ? "critical" : severities[0];
      assert.equal(gravest, GRAVEST[page], name);
      assert.equal(json, page, name);
      assert.equal(exitStatus, ["ok", "warning", "critical", "unknown"].indexOf(page), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("each shipped alert is that of a problem, or one that only Prometheus can judge", () => {
  const own = [
    "WalgExporterDown",
    "WalgExporterMissing",
    "WalgProblemsAbsent",
    "WalgClustersRefused",
    "WalgRunsWaiting",
    "WalgFiguresStale",
  ];
  const ofProblems = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => "for" in PROBLEMS[code]).map(alertOf);
  assert.deepEqual([...shippedAlerts().keys()].toSorted(), [...own, ...ofProblems].toSorted());
});

/** `alert severity host` of all that must fire; a warning goes on while it is critical. */
function expectedOf(name: string, values: ReadonlyMap<string, number>): readonly string[] {
  return [...values].flatMap(([code, value]) => {
    const { levels }: ProblemKind = PROBLEMS[code as ProblemCode];
    const alert = alertOf(code as ProblemCode);
    return [
      ...levels.includes("warning") ? [`${alert} warning ${name}`] : [],
      ...value === 2 ? [`${alert} critical ${name}`] : [],
    ];
  });
}

interface Served {
  readonly targets: readonly Target[];
  /** From now on the host `stopped` does not answer. */
  stop(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The hosts of the table as each is at its moment, and four of which only Prometheus knows what is wrong. */
function serve(verdicts: readonly Verdict[]): Served {
  const fine = verdicts.find(({ page }) => page === "ok")?.exposition ?? "";
  const texts = new Map(verdicts.map(({ name, exposition }) => [name, answeredNow(exposition)]));
  for (const name of ["stopped", "removed"]) texts.set(name, answeredNow(fine));
  texts.set("silent", answeredNow(fine.replaceAll(/^.*walg_problem.*\n/gm, "")));
  texts.set("stale", fine);
  const names = [...texts.keys()];
  const silent = new Set<string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const name = names[Number(new URL(request.url).pathname.slice(1))] ?? "";
    return silent.has(name) ? new Response(null, { status: 500 }) : new Response(texts.get(name) ?? "", {
      headers: { "content-type": "text/plain; version=0.0.4" },
    });
  });
  return {
    targets: names.map((instance, index) => ({
      address: `127.0.0.1:${server.addr.port}`,
      path: `/${index}`,
      labels: { instance },
    })),
    stop: () => silent.add("stopped"),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The hosts stand still at moments of the past: as if each had been answered just now. */
function answeredNow(exposition: string): string {
  const now = Math.floor(Date.now() / 1000);
  return exposition.replaceAll(/^(walg_scrape_last_success_timestamp_seconds\{.*\}) .*$/gm, `$1 ${now}`);
}

async function realExporter(scenario: string): Promise<RunningExporter> {
  const flags = ["-wal-archive.scrape-interval=2s", "-backup-files.scrape-interval=2s", "-scrape.jitter=0s"];
  return await startExporter({ flags, env: standinEnv({ SCENARIO: scenario, SHIFT: "1" }) });
}

function target(instance: string, { url }: RunningExporter): Target {
  return { address: url.replace("http://", ""), labels: { instance } };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if (await holds()) return;
    await pause(500);
  }
  throw new Error("Prometheus does not know every host within 30 s");
}
