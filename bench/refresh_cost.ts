import { pause } from "../tests/support/exporter.ts";
import { scrapeLoad } from "./apache_bench.ts";
import { bodyOf, startMeasured } from "./exporter.ts";
import { startFloor } from "./floor.ts";
import { cpuSeconds, type Memory, memoryDuring, type Served } from "./served.ts";
import { atAnyMoment, quantile } from "./statistics.ts";

/** How long scrapes took, milliseconds. */
export interface Latency {
  readonly scrapes: number;
  /** As the scraping client lists them. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** For a scrape that comes at any moment: see {@link atAnyMoment}. */
  readonly p99AnyMoment: number;
}

/** How long scrapes take while refreshes follow each other without pause. */
export interface RefreshLatency {
  readonly refreshes: number;
  /** Of each of the three. */
  readonly seconds: number;
  /** On one connection, which scrapes again as soon as it is answered; on four. */
  readonly one: Latency;
  readonly four: Latency;
  /** The floor, on one connection: what the machine adds by itself. Absent without its executable. */
  readonly floor?: Latency;
  /** The exporter's memory meanwhile, at most. */
  readonly memory: Memory;
}

/** Options of {@link measureRefreshLatency} and {@link measureRefreshCpu}. */
export interface RefreshOptions {
  readonly backups: number;
  readonly folder: string;
  readonly seconds: number;
  /** The floor's executable. */
  readonly floor?: string;
}

/** Scrapes with gzip while each backup-list prints another list of backups than the last one. */
export async function measureRefreshLatency(options: RefreshOptions): Promise<RefreshLatency> {
  const { folder, seconds, floor } = options;
  await using exporter = await startMeasured({ ...options, refresh: "10ms", changing: true });
  const calm = floor === undefined ? undefined : await latencyOfFloor(floor, await bodyOf(exporter.url, true), options);
  const first = exporter.refreshes();
  const both: Latency[] = [];
  const memory = await memoryDuring(exporter.pid, async () => {
    for (const connections of [1, 4]) both.push(await latencyOf(exporter, connections, folder, seconds));
  });
  const [one, four] = both;
  if (one === undefined || four === undefined) throw new Error("No scrape was measured");
  const refreshes = exporter.refreshes() - first;
  return { refreshes, seconds, one, four, ...(calm && { floor: calm }), memory };
}

/** How long scrapes with gzip take, for so many seconds. */
export async function latencyOf(
  server: Served,
  connections: number,
  listIn: string,
  seconds: number,
): Promise<Latency> {
  const { scrapes, latencies } = await scrapeLoad(server, { gzip: true, amount: { seconds }, connections, listIn });
  return {
    scrapes,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    worst: latencies.at(-1) ?? NaN,
    p99AnyMoment: quantile(atAnyMoment(latencies), 0.99),
  };
}

/** Measured before the exporter, whose refreshes go on meanwhile: both have the same machine. */
async function latencyOfFloor(
  executable: string,
  body: Uint8Array<ArrayBuffer>,
  { folder, seconds }: RefreshOptions,
): Promise<Latency> {
  const file = `${folder}/floor-body`;
  await Deno.writeFile(file, body);
  await using floor = await startFloor({ executable, file, gzip: true });
  return await latencyOf(floor, 1, folder, seconds);
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
