/**
 * `deno task chaos:clusters [--seconds N] [--seed N] [--interval SECONDS]`: one exporter over twelve clusters, three of
 * which hang, flood and die at random, while others come and go by SIGHUP. No series of one may ever show another's value,
 * and the nine that are well may miss no run by more than one interval. Exit status 1 when something did not hold.
 */
import { parseArgs } from "node:util";
import { type ClustersWorld, createClustersWorld, drawFault } from "../tests/chaos/clusters_world.ts";
import { scrape } from "../tests/chaos/honest_scraper.ts";
import { Violation } from "../tests/chaos/violation.ts";
import { pause, type RunningExporter, startExporter } from "../tests/support/exporter.ts";
import { complain, say } from "./say.ts";
import { type Random, seededRandom } from "./scenario/random.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string" },
    seconds: { type: "string", default: "300" },
    interval: { type: "string", default: "5" },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const [seconds, interval] = [Number(values.seconds), Number(values.interval)];
if (!Number.isSafeInteger(seed) || !(seconds > 0) || !(interval > 0)) {
  complain("chaos:clusters: --seed takes a whole number, --seconds and --interval one above 0");
  Deno.exit(2);
}

const WELL = Array.from({ length: 9 }, (_, n) => `well${n}`);
const BAD = ["bad0", "bad1", "bad2"];
const PASSING = ["passing0", "passing1", "passing2"];
/** The operations of the well ones by the stand-in's names. */
const OPERATIONS = ["backup-list", "wal-verify", "st-check"];
/** What a start may be late beyond what the rules allow, seconds: the process is not alone on the machine. */
const SLACK = 0.5;

say(`seed: ${seed}`);
const figures = { scrapes: 0, hangups: 0, slowest: 0, gap: 0, runs: 0 };
try {
  await using world = await createClustersWorld();
  await run(world, seededRandom(seed));
  say(
    `${figures.scrapes} scrapes (slowest ${
      figures.slowest.toFixed(1)
    } ms), ${figures.hangups} SIGHUPs, ${figures.runs} runs ` +
      `of the well ones, at most ${figures.gap.toFixed(2)} s apart (interval ${interval} s): all held`,
  );
} catch (error) {
  if (!(error instanceof Violation)) throw error;
  complain(`VIOLATED: ${error.message}`);
  Deno.exitCode = 1;
}

async function run(world: ClustersWorld, random: Random): Promise<void> {
  for (const name of [...WELL, ...BAD]) await world.add(name);
  await using exporter = await startExporter({
    command: world.folder.command,
    flags: [
      `-clusters.dir=${world.folder.path}`,
      ...["backup-list", "wal-verify", "storage-check"].flatMap((operation) => [
        `-${operation}.scrape-interval=${interval}s`,
        `-${operation}.timeout=${interval / 2}s`,
      ]),
    ],
  });
  const end = performance.now() + seconds * 1000;
  const over = (): boolean => performance.now() >= end;
  await Promise.all([
    repeat(over, () => breakOne(world, random)),
    repeat(over, () => passOne(world, random, exporter)),
    repeat(over, () => lookOnce(world, exporter)),
    watchEnd(over, exporter),
  ]);
  checkGaps(world, Date.now() / 1000);
  const { code } = await exporter.stop();
  if (code !== 0) throw new Violation("TERM ends all in 5 s", `status ${code}`);
}

async function repeat(over: () => boolean, act: () => Promise<void>): Promise<void> {
  while (!over()) await act();
}

async function breakOne(world: ClustersWorld, random: Random): Promise<void> {
  await world.setFault(BAD[random.integer(0, 2)] ?? "bad0", drawFault(random));
  await pause(random.integer(200, 3000));
}

async function passOne(world: ClustersWorld, random: Random, exporter: RunningExporter): Promise<void> {
  const name = PASSING[random.integer(0, 2)] ?? "passing0";
  if (world.clusters.has(name) && random.chance(0.6)) await world.remove(name);
  else await world.add(name);
  exporter.signal("SIGHUP");
  figures.hangups++;
  await pause(random.integer(300, 4000));
}

async function lookOnce(world: ClustersWorld, { url }: RunningExporter): Promise<void> {
  const { families, ms } = await scrape(url, figures.scrapes++);
  figures.slowest = Math.max(figures.slowest, ms);
  world.check(families);
  await pause(200);
}

async function watchEnd(over: () => boolean, exporter: RunningExporter): Promise<void> {
  const ended = exporter.status.then(({ code }) => code);
  while (!over()) {
    const code = await Promise.race([ended, pause(500)]);
    if (code !== undefined) throw new Violation("it never ends by itself", `status ${code}\n${exporter.log()}`);
  }
}

/** No run of those that are well may be late by more than an interval: so two are at most two intervals apart. */
function checkGaps({ clusters }: ClustersWorld, now: number): void {
  for (const name of WELL) {
    const cluster = clusters.get(name);
    cluster?.runs.poll();
    for (const operation of OPERATIONS) {
      const starts = cluster?.runs.starts(operation, 0) ?? [];
      figures.runs += starts.length;
      const gaps = [...starts, now].slice(1).map((start, n) => start - (starts[n] ?? start));
      const longest = Math.max(0, ...gaps);
      figures.gap = Math.max(figures.gap, longest);
      if (starts.length > 0 && longest <= 2 * interval + SLACK) continue;
      throw new Violation(
        "clusters that are well keep their cadence",
        `${name} ${operation}: ${starts.length} runs, up to ${longest.toFixed(2)} s apart, one due every ${interval} s`,
      );
    }
  }
}
