import { pause, startExporter } from "../tests/support/exporter.ts";
import { bodyOf } from "./exporter.ts";
import { startFloor } from "./floor.ts";
import type { Served } from "./served.ts";

/** CPU of exporter and floor at rest, their children's not counted, seconds an hour. */
export interface RestCpu {
  readonly exporter: number;
  readonly floor: number;
  /** Of a floor that starts commands as often as the exporter does, and drops what they print. */
  readonly running: number;
}

/** Of the default intervals: 60 of backup-list, 12 of wal-verify, 120 of storage-check, 12 of wal-archive, 1 of backup-files. */
const RUNS_PER_HOUR = 205;

/** From one scrape to the next, seconds. */
const SCRAPE_INTERVAL = 15;

/** CPU time of a process's threads so far, in nanoseconds as the scheduler counts them: seconds. */
function cpuOfThreads(pid: number): number {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
  const nanoseconds = threads.map(({ name }) =>
    Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0])
  );
  return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e9;
}

/** Measures them side by side: a scrape every 15 s, the exporter with its default intervals and 12 backups. */
export async function measureRest(
  { seconds, floor: executable, folder }: { seconds: number; floor: string; folder: string },
): Promise<RestCpu> {
  await using exporter = await startExporter({ scenario: "healthy", lists: true });
  await exporter.ready();
  const file = `${folder}/rest-body`;
  await Deno.writeFile(file, await bodyOf(exporter.url, true));
  await using floor = await startFloor({ executable, file, gzip: true });
  await bodyOf(floor.url, true);
  const runInterval = Math.round(3_600_000 / RUNS_PER_HOUR);
  await using running = await startFloor({ executable, file, gzip: true, runInterval });
  await bodyOf(running.url, true);
  // What they do after a start is not rest.
  await pause(5000);
  const servers: readonly Served[] = [exporter, floor, running];
  const before = servers.map(({ pid }) => cpuOfThreads(pid));
  const start = performance.now();
  for (let scrapes = 0; scrapes * SCRAPE_INTERVAL < seconds; scrapes++) {
    for (const { url } of servers) await bodyOf(url, true);
    await pause(SCRAPE_INTERVAL * 1000);
  }
  const hours = (performance.now() - start) / 3_600_000;
  const [ours = NaN, bare = NaN, withRuns = NaN] = servers.map(({ pid }, at) =>
    (cpuOfThreads(pid) - (before[at] ?? 0)) / hours
  );
  return { exporter: ours, floor: bare, running: withRuns };
}
