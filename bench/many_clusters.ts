/**
 * `deno task bench:clusters [--clusters=100] [--backups=30] [--places=4] [--delay=0.2] [--processes=100] [--seconds=4]`:
 * many clusters in one process, beside a bare `Deno.serve` of the same bytes and beside as many processes of one cluster
 * each. Each cluster has a stand-in with a list of its own, whose runs take `--delay` seconds. It needs `ab` and `curl`.
 */
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { SCOPES } from "../src/base/host.ts";
import { OPERATIONS } from "../src/operations/registry.ts";
import {
  pause,
  type RunningExporter,
  servedAt,
  spawnExporter,
  startExporter,
  until,
} from "../tests/support/exporter.ts";
import { parseExposition } from "../tests/support/exposition_parser.ts";
import { bundle } from "../tools/compile/bundle.ts";
import { compileExecutable } from "../tools/compile/executable.ts";
import { ownArchitecture } from "../tools/compile/target.ts";
import { generateScenario, writeScenario } from "../tools/generate_scenario.ts";
import { giveUp, say } from "../tools/say.ts";
import { type Load, scrapeLoad } from "./apache_bench.ts";
import { bodyOf } from "./exporter.ts";
import { compileFloor, startFloor } from "./floor.ts";
import { settledMemory } from "./idle_memory.ts";
import { cpuSeconds, memoryOf, type Served } from "./served.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    clusters: { type: "string", default: "100" },
    backups: { type: "string", default: "30" },
    places: { type: "string", default: "4" },
    delay: { type: "string", default: "0.2" },
    processes: { type: "string", default: "100" },
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "5" },
  },
});
const [clusters, backups, places, processes, seconds, rounds] = [
  values.clusters,
  values.backups,
  values.places,
  values.processes,
  values.seconds,
  values.rounds,
].map(Number) as [number, number, number, number, number, number];

/** No run but the first while anything is measured. */
const SELDOM = OPERATIONS.map(({ name }) => `-${name}.scrape-interval=720h`);

try {
  const folder = await Deno.makeTempDir({ prefix: "walg-exporter-clusters-" });
  try {
    await bench(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
} catch (error) {
  giveUp("bench:clusters", error);
}

async function bench(folder: string): Promise<void> {
  const executable = await compileExporter(folder);
  const floorExecutable = await compileFloor(folder);
  await Deno.mkdir(`${folder}/clusters`);
  for (let n = 0; n < Math.max(clusters, processes); n++) {
    const scenario = `${folder}/scenario-${n}`;
    await Deno.mkdir(scenario);
    await writeScenario(scenario, generateScenario({ backups, seed: n + 1 }));
    const settings = { WALG_STANDIN_SCENARIO: scenario, WALG_STANDIN_DELAY: values.delay };
    const place = n < clusters ? "clusters/" : "";
    await Deno.writeTextFile(`${folder}/${place}cluster-${n}.json`, JSON.stringify(settings, null, 1));
  }
  await benchOne(folder, executable, floorExecutable);
  if (processes > 0) await benchProcesses(folder, executable);
}

async function benchOne(folder: string, executable: string, floorExecutable: string): Promise<void> {
  const start = performance.now();
  await using exporter = await startExporter({
    command: [executable],
    lists: true,
    flags: [`-clusters.dir=${folder}/clusters`, `-walg.max-running=${places}`, ...SELDOM],
  });
  const whole = OPERATIONS.length * clusters;
  await until("all operations of all clusters have run", async () => await runsIn(exporter) === whole, 3_600_000);
  const took = (performance.now() - start) / 1000;
  const families = parseExposition(new TextDecoder().decode(gunzipSync(await bodyOf(exporter.url, true))));
  const durations = families.get("walg_scrape_duration_seconds")?.series ?? [];
  const ideal = durations.reduce((sum, { value }) => sum + value, 0) / places;
  const listed = families.get("walg_backup_info")?.series.length;
  if (listed !== clusters * backups) throw new Error(`${listed} backups are shown, not ${clusters * backups}`);
  const startCpu = cpuSeconds(exporter.pid);
  const idle = await settledMemory(exporter);
  const body = await bodyOf(exporter.url, true);
  const plainSize = gunzipSync(body).length;
  const file = `${folder}/body`;
  await Deno.writeFile(file, body);
  await using floor = await startFloor({ executable: floorExecutable, file, gzip: true });
  const loads: { ours: Load; bare: Load }[] = [];
  for (let round = 0; round < rounds; round++) {
    const load = (server: Served): Promise<Load> => scrapeLoad(server, { gzip: true, amount: { seconds } });
    // The other one first in every second round, so that neither always follows.
    const first = await load(round % 2 === 0 ? exporter : floor);
    const second = await load(round % 2 === 0 ? floor : exporter);
    loads.push(round % 2 === 0 ? { ours: first, bare: second } : { ours: second, bare: first });
  }
  const ratio = median(loads.map(({ ours, bare }) => ours.rate / bare.rate));
  const cpu = median(loads.map(({ ours, bare }) => ours.cpu / bare.cpu));
  const loaded = memoryOf(exporter.pid);
  const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  say(`${clusters} clusters of ${backups} backups, ${durations.length} first runs in ${places} places`);
  say(
    `start to all listed   ${took.toFixed(1)} s; runs × their time / places ${ideal.toFixed(1)} s: ${
      (took / ideal).toFixed(2)
    } ×`,
  );
  say(`CPU of the exporter until then ${startCpu.toFixed(2)} s`);
  say(
    `resident at rest      ${mega(idle.resident)} (private ${mega(idle.anonymous)}); under load ${
      mega(loaded.resident)
    }, peak ${mega(loaded.peak)}`,
  );
  say(`exposition            ${mega(plainSize)}, with gzip ${mega(body.length)}`);
  const list = (of: "ours" | "bare"): string => loads.map((load) => load[of].rate.toFixed(0)).join(" ");
  say(
    `scrapes per second    ${list("ours")}; the floor ${list("bare")}: ${ratio.toFixed(2)} ×; CPU each ${
      cpu.toFixed(2)
    } ×`,
  );
}

async function benchProcesses(folder: string, executable: string): Promise<void> {
  const started = performance.now();
  const running: RunningExporter[] = [];
  try {
    for (let n = 0; n < processes; n++) {
      const file = n < clusters ? `clusters/cluster-${n}` : `cluster-${n}`;
      const exporter = spawnExporter({
        command: [executable],
        lists: true,
        flags: [`-walg.config-path=${folder}/${file}.json`, ...SELDOM],
      });
      running.push(Object.assign(exporter, { url: await servedAt(exporter.logged) }));
    }
    for (const exporter of running) await until("it has run", async () => await runsIn(exporter) === OPERATIONS.length);
    const took = (performance.now() - started) / 1000;
    await pause(5000);
    const memories = running.map(({ pid }) => memoryOf(pid));
    const sum = (of: "anonymous" | "resident"): string =>
      `${(memories.reduce((total, memory) => total + memory[of], 0) / 1e6).toFixed(0)} MB`;
    const cpu = running.reduce((total, { pid }) => total + cpuSeconds(pid), 0);
    say(
      `beside it, ${processes} processes of one cluster: private ${sum("anonymous")}, resident ${
        sum("resident")
      } (shared pages counted in each), started and listed in ${took.toFixed(1)} s with ${
        cpu.toFixed(1)
      } s of CPU of their own`,
    );
  } finally {
    await Promise.all(running.map((exporter) => exporter.stop()));
  }
}

/** How many operations have run once; asked as Prometheus asks, and not too often. */
async function runsIn(exporter: RunningExporter): Promise<number> {
  await pause(500);
  const text = new TextDecoder().decode(gunzipSync(await bodyOf(exporter.url, true)));
  return text.split("\nwalg_scrape_duration_seconds{").length - 1;
}

/** The exporter as it is released, but for one more folder that it may read. */
async function compileExporter(folder: string): Promise<string> {
  const output = `${folder}/walg-exporter`;
  const script = await bundle("main.ts", `${folder}/bundle-exporter`, "bench");
  const scopes = { ...SCOPES, read: [...SCOPES.read, folder] };
  await compileExecutable({ bundle: script, architecture: ownArchitecture(), scopes, output });
  return output;
}
