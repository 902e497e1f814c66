import { generateScenario, writeScenario } from "../tools/generate_scenario.ts";
import { startExporter } from "../tests/support/exporter.ts";
import { type Latency, latencyOf } from "./refresh_cost.ts";
import { memoryDuring } from "./served.ts";

/** A listing of the storage, and how long it is. */
export interface Listing {
  readonly operation: "wal-archive" | "backup-files";
  readonly objects: number;
}

/** What listings that follow each other without pause cost, beside the same exporter without them. */
export interface ListingCost extends Listing {
  readonly runs: number;
  /** Most ever resident (`VmHWM`) with the listings and without, bytes. */
  readonly peak: number;
  readonly peakWithout: number;
  /** Of scrapes on one connection meanwhile. */
  readonly latency: Latency;
}

/** The listings that the budgets are about. */
export const LISTINGS: readonly Listing[] = [
  { operation: "wal-archive", objects: 500_000 },
  { operation: "backup-files", objects: 1_000_000 },
];

/** Options of {@link measureListing}. */
export interface ListingOptions extends Listing {
  readonly backups: number;
  readonly folder: string;
  readonly seconds: number;
}

/** Scrapes with gzip while the listing runs again and again, and while it is off. */
export async function measureListing(options: ListingOptions): Promise<ListingCost> {
  const { operation, objects, backups, folder } = options;
  const scenario = await Deno.makeTempDir({ dir: folder, prefix: `${operation}-` });
  const size = operation === "wal-archive" ? { walObjects: objects } : { backupObjects: objects };
  await writeScenario(scenario, generateScenario({ backups, seed: 1, ...size }));
  const without = await measured(options, scenario, []);
  const listed = await measured(options, scenario, [`-${operation}.scrape-interval=10ms`]);
  if (listed.runs < 2) throw new Error(`${operation} ended ${listed.runs} times: nothing was measured`);
  return { operation, objects, ...listed, peakWithout: without.peak };
}

async function measured(
  { operation, folder, seconds }: ListingOptions,
  scenario: string,
  flags: readonly string[],
): Promise<{ readonly runs: number; readonly peak: number; readonly latency: Latency }> {
  const log = `${scenario}/runs.log`;
  await Deno.writeTextFile(log, "");
  await using exporter = await startExporter({
    scenario,
    flags: [
      ...["backup-list", "wal-verify", "storage-check"].map((name) => `-${name}.scrape-interval=1h`),
      "-scrape.jitter=0s",
      ...flags,
    ],
    env: { WALG_STANDIN_RUNS_LOG: log },
  });
  await exporter.ready();
  let latency: Latency | undefined;
  const { peak } = await memoryDuring(exporter.pid, async () => {
    latency = await latencyOf(exporter, 1, folder, seconds);
  });
  if (latency === undefined) throw new Error("No scrape was measured");
  const runs = Deno.readTextFileSync(log).split("\n").filter((line) => line.startsWith(`END ${operation}`)).length;
  return { runs, peak, latency };
}
