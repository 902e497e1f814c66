import { parseArgs } from "node:util";
import { generateHistory } from "./scenario/backup_history.ts";
import { printBackupList, printStorageListing, printWalVerify } from "./scenario/printed.ts";
import { seededRandom } from "./scenario/random.ts";
import { generateWalk } from "./scenario/wal_walk.ts";

/** The start of the newest backup where nothing else is asked for: 2026-11-23T03:00:00Z, Unix seconds. */
const DEFAULT_END = 1_795_402_800;

/** What a scenario is made from; the same options give the same scenario. */
export interface ScenarioOptions {
  /** Distinct backups, at least 1. */
  readonly backups: number;
  readonly seed: number;
  /** Segment ranges of `wal-verify`: 1 is one unbroken timeline, from 2 on there is a promotion. Default 3. */
  readonly ranges?: number;
  /** The chance of a backup to be permanent, its ancestors with it. Default 0.001. */
  readonly permanent?: number;
  /** The chance that a backup other than the week's first one is a delta. Default 1. */
  readonly deltas?: number;
  /** Storages; with more than one, most backups are listed once for each. Default 1. */
  readonly storages?: number;
  /** When the newest backup started: Unix seconds. */
  readonly end?: number;
}

/** What each command prints to stdout. */
export interface GeneratedScenario {
  readonly backupList: string;
  readonly walVerify: string;
  readonly storageListing: string;
}

/**
 * A backup list and a `wal-verify` answer that belong together, as large as asked for: weekly full backups, daily and
 * (from 500 backups on) hourly deltas in whole chains, and WAL from the earliest backup that is not permanent.
 *
 * @throws RangeError when an option is out of its range
 */
export function generateScenario(options: ScenarioOptions): GeneratedScenario {
  const { backups, seed, ranges = 3, permanent = 0.001, deltas = 1, storages = 1, end = DEFAULT_END } = options;
  for (const [name, value] of Object.entries({ backups, ranges, storages })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Cannot generate a scenario with ${name} ${value}: give a whole number from 1 on`);
    }
  }
  const random = seededRandom(seed);
  const history = generateHistory({
    backups,
    deltas,
    permanent,
    minSegments: Math.ceil(roomFor(ranges) / backups),
    end: end * 1000,
    timelines: ranges === 1 ? 1 : 2,
  }, random);
  const earliest = history.backups.find((backup) => !backup.permanent) ?? history.backups[0];
  const first = earliest?.segment ?? 1;
  const walk = generateWalk({
    first,
    // The earliest that is not permanent can be one of the newest.
    last: Math.max(history.lastSegment, first + roomFor(ranges)),
    switchSegment: history.switchSegment,
    ranges,
  }, random);
  return {
    backupList: printBackupList(history.backups, storages, random),
    walVerify: printWalVerify(walk, history.switchSegment === undefined ? 1 : 2),
    storageListing: printStorageListing(history.backups),
  };
}

/** So many segments hold the ranges, wherever the promotion is among them. */
function roomFor(ranges: number): number {
  return 5 * ranges + 40;
}

/** Writes the scenario as a folder that the stand-in replays. */
export async function writeScenario(folder: string, scenario: GeneratedScenario): Promise<void> {
  const log = "INFO: 2026/11/23 03:12:44.941910";
  const outputs = {
    "backup-list": [scenario.backupList, `${log} List backups from storages: [default]\n`],
    "wal-verify": [
      scenario.walVerify,
      `${log} Building check runner: integrity\n${log} Running the check: integrity\n`,
    ],
    "st-check": ["", `${log} Read check OK\n`],
    "st-ls-basebackups": [scenario.storageListing, ""],
  };
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, [stdout = "", stderr = ""]] of Object.entries(outputs)) {
    await Deno.writeTextFile(`${folder}/${name}.stdout`, stdout);
    await Deno.writeTextFile(`${folder}/${name}.stderr`, stderr);
    await Deno.writeTextFile(`${folder}/${name}.exit`, "0\n");
  }
}

const USAGE = "Usage: deno run -A tools/generate_scenario.ts --backups N --seed N --out DIR" +
  " [--ranges N] [--permanent P] [--deltas P] [--storages N] [--end UNIX_SECONDS]\n";

async function main(args: string[]): Promise<number> {
  const text = { type: "string" } as const;
  try {
    const { values: { out, ...rest } } = parseArgs({
      args,
      options: {
        out: text,
        backups: text,
        seed: text,
        ranges: text,
        permanent: text,
        deltas: text,
        storages: text,
        end: text,
      },
    });
    if (out === undefined) throw new TypeError("--out is missing: name the folder to write");
    const numbers: Record<string, number> = {};
    for (const [name, value] of Object.entries(rest)) {
      if (value === undefined) continue;
      numbers[name] = Number(value);
      if (!Number.isFinite(numbers[name])) throw new TypeError(`--${name} is not a number: '${value}'`);
    }
    await writeScenario(out, generateScenario({ backups: 1000, seed: 1, ...numbers }));
    return 0;
  } catch (error) {
    await Deno.stderr.write(
      new TextEncoder().encode(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`),
    );
    return 2;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
