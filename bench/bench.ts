/**
 * `deno task bench [--quick] [--assert] [--plot FILE]`: the compiled executable beside a bare `Deno.serve` executable
 * that answers with the same bytes. Full in 20 minutes, quick in four and without the time to first answer;
 * `--plot` draws cost over the number of backups, in one more. It needs `ab` and `curl`. WALG_EXPORTER names another
 * executable than dist's. With `--assert` it exits with 1 when a requirement is not met.
 */
import { parseArgs } from "node:util";
import { root } from "../tools/compile/bundle.ts";
import { ownArchitecture } from "../tools/compile/target.ts";
import { giveUp, say } from "../tools/say.ts";
import { drawCosts } from "./cost_plot.ts";
import { compileFloor } from "./floor.ts";
import { measureIdle } from "./idle_memory.ts";
import { type ListingCost, LISTINGS, measureListing } from "./listing_cost.ts";
import { reportOf } from "./markdown.ts";
import { panelsOf, PLOT_NOTE } from "./panels.ts";
import { measureRefreshCpu, measureRefreshLatency } from "./refresh_cost.ts";
import { isMet, requirementsOf } from "./requirements.ts";
import { measureRest } from "./rest.ts";
import { measureScrapes, type ScrapeCost } from "./scrape_cost.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    quick: { type: "boolean" },
    assert: { type: "boolean" },
    plot: { type: "string" },
  },
});

const QUICK = { starts: 3, rounds: 3, seconds: 1, latencySeconds: 5, refreshSeconds: 6, restSeconds: 60 };
const FULL = { starts: 7, rounds: 5, seconds: 4, latencySeconds: 20, refreshSeconds: 20, restSeconds: 300 };
/** Further numbers of backups for the plot. */
const BETWEEN = [100, 300, 3000];
const amount = options.quick ? QUICK : FULL;

try {
  const folder = await Deno.makeTempDir({ prefix: "walg-exporter-bench-" });
  try {
    if (Deno.env.get("WALG_EXPORTER") === undefined) {
      Deno.env.set("WALG_EXPORTER", `${root}/dist/walg-exporter-linux-${ownArchitecture()}`);
    }
    Deno.exitCode = await bench(folder) || !options.assert ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
} catch (error) {
  giveUp("bench", error);
}

/** Resolves to whether all requirements are met. */
async function bench(folder: string): Promise<boolean> {
  const before = load();
  const floor = await compileFloor(folder);
  const idle = await measureIdle({ starts: amount.starts, floor, folder });
  const scrapes: ScrapeCost[] = [];
  for (const backups of [12, 1000, 10_000]) {
    scrapes.push(...await measureScrapes({ backups, encodings: ["gzip", "identity"], floor, folder, ...amount }));
  }
  const many = { backups: 10_000, folder };
  const latency = await measureRefreshLatency({ ...many, floor, seconds: amount.latencySeconds });
  const refresh = await measureRefreshCpu({ ...many, seconds: amount.refreshSeconds });
  const listings: ListingCost[] = [];
  for (const listing of LISTINGS) {
    listings.push(await measureListing({ ...listing, ...many, seconds: amount.latencySeconds * 4 }));
  }
  const rest = await measureRest({ seconds: amount.restSeconds, floor, folder });
  const measured = { idle, scrapes, latency, refresh, listings, rest };
  const requirements = requirementsOf(measured);
  say(`${navigator.hardwareConcurrency} cores; load average ${before} before, ${load()} after.\n`);
  say(reportOf(measured, requirements));
  if (!options.quick) say(`\n### Time to first answer\n\n${await firstAnswer()}`);
  if (options.plot !== undefined) {
    for (const backups of BETWEEN) {
      scrapes.push(...await measureScrapes({ backups, encodings: ["gzip"], floor, folder, rounds: 3, seconds: 2 }));
    }
    await Deno.writeTextFile(options.plot, drawCosts(panelsOf(scrapes), PLOT_NOTE));
  }
  return requirements.every(isMet);
}

/** What else the machine does, beside the benchmark in the second one. */
function load(): string {
  return Deno.loadavg()[0]?.toFixed(1) ?? "unknown";
}

/** What bench/startup.ts prints. */
async function firstAnswer(): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `${root}/bench/startup.ts`],
    cwd: root,
    stdin: "null",
  }).output();
  // It fails by itself where the exporter takes too long.
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim()).join("\n\n").trim();
  return code === 0 || stdout.length > 0 ? text : `bench/startup.ts ended with ${code}: ${text}`;
}
