import { pause } from "../tests/support/exporter.ts";
import { scrapeLoad } from "./apache_bench.ts";
import { startMeasured } from "./exporter.ts";
import { cpuSeconds, type Memory, memoryDuring } from "./served.ts";
import { atAnyMoment, quantile } from "./statistics.ts";

/** How long scrapes take while refreshes follow each other without pause. */
export interface RefreshLatency {
  readonly refreshes: number;
  readonly seconds: number;
  readonly scrapes: number;
  /** Milliseconds, as the scraping client lists them. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Milliseconds, for a scrape that comes at any moment: see {@link atAnyMoment}. */
  readonly p99AnyMoment: number;
  /** The exporter's memory meanwhile, at most. */
  readonly memory: Memory;
}

/** Options of {@link measureRefreshLatency} and {@link measureRefreshCpu}. */
export interface RefreshOptions {
  readonly backups: number;
  readonly folder: string;
  readonly seconds: number;
}

/** Scrapes with gzip while each backup-list prints another list of backups than the last one. */
export async function measureRefreshLatency(options: RefreshOptions): Promise<RefreshLatency> {
  const { folder, seconds } = options;
  await using exporter = await startMeasured({ ...options, refresh: "10ms", changing: true });
  const first = exporter.refreshes();
  let load = { scrapes: 0, latencies: [] as readonly number[] };
  const memory = await memoryDuring(exporter.pid, async () => {
    load = await scrapeLoad(exporter, { gzip: true, amount: { seconds }, listIn: folder });
  });
  const { scrapes, latencies } = load;
  return {
    refreshes: exporter.refreshes() - first,
    seconds,
    scrapes,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    worst: latencies.at(-1) ?? NaN,
    p99AnyMoment: quantile(atAnyMoment(latencies), 0.99),
    memory,
  };
}

/** CPU of one refresh, the exporter's own without its child's, seconds. */
export interface RefreshCpu {
  readonly changed: number;
  readonly unchanged: number;
}

/** Compares refreshes whose output changed with those that printed the same again; nothing is scraped meanwhile. */
export async function measureRefreshCpu(options: RefreshOptions): Promise<RefreshCpu> {
  // Far enough apart that each is rendered before the next one comes.
  const changed = await cpuPerRefresh({ ...options, refresh: "2s", changing: true });
  const unchanged = await cpuPerRefresh({ ...options, refresh: "200ms", changing: false });
  return { changed, unchanged };
}

async function cpuPerRefresh(options: RefreshOptions & { refresh: string; changing: boolean }): Promise<number> {
  await using exporter = await startMeasured(options);
  await pause(1000);
  const [first, before] = [exporter.refreshes(), cpuSeconds(exporter.pid)];
  await pause(options.seconds * 1000);
  return (cpuSeconds(exporter.pid) - before) / (exporter.refreshes() - first);
}
