import { parseArgs } from "node:util";
import {
  type GeneratedArchive,
  printAllBackupFiles,
  printAllWal,
  printBackupFiles,
  printHistory,
  printWal,
  printWalShow,
} from "./scenario/archive.ts";
import { generateHistory } from "./scenario/backup_history.ts";
import { writePieces } from "./scenario/listing.ts";
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
  /** Storages; with more than one, most backups are listed once for each, and all WAL is in the first. Default 1. */
  readonly storages?: number;
  /** At least so many objects in the WAL archive, and not many more. Default: some 300 a day. */
  readonly walObjects?: number;
  /** At least so many objects of backups, and not many more. Default: a part of a backup for each GiB. */
  readonly backupObjects?: number;
  /** When the newest backup started: Unix seconds. */
  readonly end?: number;
  /** Until when the cluster went on writing WAL after it: Unix seconds. Default: for some minutes at most. */
  readonly now?: number;
}

/** What each command prints to stdout; `archive` is what those print that list the archive. */
export interface GeneratedScenario {
  readonly backupList: string;
  readonly walVerify: string;
  readonly storageListing: string;
  readonly archive: GeneratedArchive;
}

/** A backup's objects beside its parts. */
const OBJECTS_BESIDE_PARTS = 5;

/**
 * A backup list and a `wal-verify` answer that belong together, as large as asked for: weekly full backups, daily and
 * (from 500 backups on) hourly deltas in whole chains, and WAL from the earliest backup that is not permanent. The archive
 * holds what `wal-verify` found, all WAL before that back to the oldest backup, and the files of all backups.
 *
 * @throws RangeError when an option is out of its range
 */
export function generateScenario(options: ScenarioOptions): GeneratedScenario {
  const { backups, seed, ranges = 3, permanent = 0.001, deltas = 1, storages = 1, end = DEFAULT_END } = options;
  const { walObjects, backupObjects, now } = options;
  const counts = { backups, ranges, storages, walObjects: walObjects ?? 1, backupObjects: backupObjects ?? 1 };
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Cannot generate a scenario with ${name} ${value}: give a whole number from 1 on`);
    }
  }
  const random = seededRandom(seed);
  const names = Array.from({ length: storages }, (_, index) => ["default", "spare"][index] ?? `spare-${index}`);
  const history = generateHistory({
    backups,
    deltas,
    permanent,
    storages: names,
    // Of each range at most one segment, or the newest four, are missing.
    minSegments: Math.ceil(Math.max(roomFor(ranges), (walObjects ?? 0) + ranges + 4) / backups),
    ...walObjects !== undefined && { spread: 0 },
    end: end * 1000,
    ...now !== undefined && { now: now * 1000 },
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
    backupList: printBackupList(history.backups, random),
    walVerify: printWalVerify(walk, history.switchSegment === undefined ? 1 : 2),
    storageListing: printStorageListing(history.backups),
    archive: {
      history,
      walk,
      storages: names,
      parts: backupObjects === undefined
        ? undefined
        : Math.max(1, Math.ceil(backupObjects / backups) - OBJECTS_BESIDE_PARTS),
    },
  };
}

/** So many segments hold the ranges, wherever the promotion is among them. */
function roomFor(ranges: number): number {
  return 5 * ranges + 40;
}

/** Writes the scenario as a folder that the stand-in replays. */
export async function writeScenario(folder: string, scenario: GeneratedScenario): Promise<void> {
  const { archive } = scenario;
  const log = "INFO: 2026/11/23 03:12:44.941910";
  const checks = `${log} Building check runner: integrity\n${log} Running the check: integrity\n`;
  const storages = archive.storages.map((name) => `${log} storage ${name}\n`).join("");
  const history = printHistory(archive);
  const outputs: Readonly<Record<string, readonly [stdout: Iterable<string>, stderr: string]>> = {
    "backup-list": [[scenario.backupList], `${log} List backups from storages: [default]\n`],
    "wal-verify": [[scenario.walVerify], checks],
    "st-check": [[], `${log} Read check OK\n`],
    "st-ls-basebackups": [[scenario.storageListing], ""],
    "st-ls-wal": [printWal(archive), ""],
    "wal-show": [[printWalShow(archive)], ""],
    "st-ls-backups": [printBackupFiles(archive), ""],
    ...archive.storages.length > 1 && {
      "st-ls-wal-all": [printAllWal(archive), storages],
      "st-ls-backups-all": [printAllBackupFiles(archive), storages],
    },
    ...history !== undefined && { "st-cat-00000002.history": [[history], ""] },
  };
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, [stdout, stderr]] of Object.entries(outputs)) {
    await writePieces(`${folder}/${name}.stdout`, stdout);
    await Deno.writeTextFile(`${folder}/${name}.stderr`, stderr);
    await Deno.writeTextFile(`${folder}/${name}.exit`, "0\n");
  }
}

const USAGE = "Usage: deno run -A tools/generate_scenario.ts --backups N --seed N --out DIR" +
  " [--ranges N] [--permanent P] [--deltas P] [--storages N] [--end UNIX_SECONDS]" +
  " [--wal-objects N] [--backup-objects N]\n";

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
        "wal-objects": text,
        "backup-objects": text,
      },
    });
    if (out === undefined) throw new TypeError("--out is missing: name the folder to write");
    const numbers: Record<string, number> = {};
    for (const [name, value] of Object.entries(rest)) {
      if (value === undefined) continue;
      const number = Number(value);
      numbers[name.replace("-o", "O")] = number;
      if (!Number.isFinite(number)) throw new TypeError(`--${name} is not a number: '${value}'`);
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
