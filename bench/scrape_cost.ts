import { scrapeLoad } from "./apache_bench.ts";
import { bodyOf, startMeasured } from "./exporter.ts";
import { startFloor } from "./floor.ts";
import { settledMemory } from "./idle_memory.ts";
import { type Memory, memoryDuring, memoryOf, type Served } from "./served.ts";
import { median } from "./statistics.ts";

/** What scrapes cost one server. */
export interface ServerCost {
  /** Scrapes per second. */
  readonly rate: number;
  /** CPU per scrape, seconds. */
  readonly cpu: number;
  /** Its memory before the first scrape, after 1,000, and the most under load. */
  readonly idle: Memory;
  readonly warm: Memory;
  readonly loaded: Memory;
}

/** What scrapes cost at one number of backups. */
export interface ScrapeCost {
  readonly backups: number;
  readonly gzip: boolean;
  /** Of an answer's body. */
  readonly bytes: number;
  readonly exporter: ServerCost;
  readonly floor: ServerCost;
  /** Exporter to floor: medians of the ratios of runs that followed each other. */
  readonly rateRatio: number;
  readonly cpuRatio: number;
}

/** Options of {@link measureScrapes}. */
export interface ScrapeCostOptions {
  readonly backups: number;
  readonly encodings: readonly ("gzip" | "identity")[];
  /** The floor's executable. */
  readonly floor: string;
  readonly folder: string;
  readonly rounds: number;
  /** Of each run. */
  readonly seconds: number;
}

/** Loads exporter and floor in turns. */
export async function measureScrapes(options: ScrapeCostOptions): Promise<ScrapeCost[]> {
  const { backups, encodings, folder, floor: executable } = options;
  await using exporter = await startMeasured(options);
  const idle = await settledMemory(exporter);
  const costs = [];
  for (const encoding of encodings) {
    const gzip = encoding === "gzip";
    const file = `${folder}/${backups}-${encoding}`;
    const body = await bodyOf(exporter.url, gzip);
    await Deno.writeFile(file, body);
    await using floor = await startFloor({ executable, file, gzip });
    costs.push({ backups, gzip, bytes: body.length, ...await compare(exporter, idle, floor, gzip, options) });
  }
  return costs;
}

async function compare(
  exporter: Served,
  idle: Memory,
  floor: Served,
  gzip: boolean,
  { rounds, seconds }: ScrapeCostOptions,
): Promise<Pick<ScrapeCost, "exporter" | "floor" | "rateRatio" | "cpuRatio">> {
  const ours = { server: exporter, idle, rates: [], cpus: [], peaks: [] } as Runs;
  const bare = { server: floor, idle: await settledMemory(floor), rates: [], cpus: [], peaks: [] } as Runs;
  const warm = [];
  for (const { server } of [ours, bare]) {
    // Whole texts of 10,000 backups would be 10 GB of them.
    if (gzip) await scrapeLoad(server, { gzip, amount: { scrapes: 1000 } });
    warm.push(memoryOf(server.pid));
  }
  for (let round = 0; round < rounds; round++) {
    // The other one first in every second round, so that neither always follows.
    for (const runs of round % 2 === 0 ? [ours, bare] : [bare, ours]) await run(runs, gzip, seconds);
  }
  const ratios = (of: readonly number[], to: readonly number[]): number[] => of.map((x, i) => x / (to[i] ?? NaN));
  return {
    exporter: summary(ours, warm[0]),
    floor: summary(bare, warm[1]),
    rateRatio: median(ratios(ours.rates, bare.rates)),
    cpuRatio: median(ratios(ours.cpus, bare.cpus)),
  };
}

interface Runs {
  readonly server: Served;
  readonly idle: Memory;
  readonly rates: number[];
  readonly cpus: number[];
  readonly peaks: Memory[];
}

async function run({ server, rates, cpus, peaks }: Runs, gzip: boolean, seconds: number): Promise<void> {
  peaks.push(
    await memoryDuring(server.pid, async () => {
      const { rate, cpu } = await scrapeLoad(server, { gzip, amount: { seconds } });
      rates.push(rate);
      cpus.push(cpu);
    }),
  );
}

function summary({ rates, cpus, idle, peaks }: Runs, warm = idle): ServerCost {
  const most = (of: keyof Memory): number => Math.max(...peaks.map((peak) => peak[of]));
  const loaded = { anonymous: most("anonymous"), resident: most("resident"), peak: most("peak") };
  return { rate: median(rates), cpu: median(cpus), idle, warm, loaded };
}
