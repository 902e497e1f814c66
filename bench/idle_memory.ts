import { pause } from "../tests/support/exporter.ts";
import { bodyOf, startMeasured } from "./exporter.ts";
import { startFloor } from "./floor.ts";
import { type Memory, memoryOf, quiet, type Served } from "./served.ts";
import { median } from "./statistics.ts";

/** How long after its start a server counts as settled, milliseconds: the exporter collects its garbage before. */
const SETTLED = 3000;

/** Memory of exporter and floor with nothing to do, bytes: medians of several starts. */
export interface IdleMemory {
  readonly starts: number;
  readonly exporter: Omit<Memory, "peak">;
  readonly floor: Omit<Memory, "peak">;
}

/** Resolves to the memory of a server that has settled. */
export async function settledMemory({ pid }: Served): Promise<Memory> {
  await pause(SETTLED);
  await quiet(pid);
  return memoryOf(pid);
}

/** Starts both in turns, the exporter with 12 backups; each has answered a scrape before it is measured. */
export async function measureIdle(
  { starts, floor: executable, folder }: { starts: number; floor: string; folder: string },
): Promise<IdleMemory> {
  const [ours, bare]: [Memory[], Memory[]] = [[], []];
  for (let start = 0; start < starts; start++) {
    await using exporter = await startMeasured({ backups: 12, folder });
    const file = `${folder}/idle-body`;
    await Deno.writeFile(file, await bodyOf(exporter.url, true));
    await using floor = await startFloor({ executable, file, gzip: true });
    // The exporter has been scraped as well, and what answers the first request is not given back.
    await bodyOf(floor.url, true);
    const [first, second] = await Promise.all([exporter, floor].map(settledMemory));
    if (first !== undefined) ours.push(first);
    if (second !== undefined) bare.push(second);
  }
  const middle = (memories: readonly Memory[]): Omit<Memory, "peak"> => ({
    anonymous: median(memories.map(({ anonymous }) => anonymous)),
    resident: median(memories.map(({ resident }) => resident)),
  });
  return { starts, exporter: middle(ours), floor: middle(bare) };
}
