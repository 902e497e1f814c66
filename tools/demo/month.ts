import { generateScenario, writeScenario } from "../generate_scenario.ts";

/** What is wrong in a month; nothing by default. */
export interface MonthFaults {
  /** One WAL segment of six days ago is gone. */
  readonly hole?: boolean;
  /** A part of the full backup of last week is gone. */
  readonly lostPart?: boolean;
  /** A folder of captures in which `wal-verify` had no answer: its answer here, too. */
  readonly verify?: string;
}

/** A full backup each week, a delta on each other day; and this many days in all. */
const BACKUPS = 31;
/** The daily backup starts at a full hour, at least this long ago: far from still running, and from being too old. */
const BACKUP_AGE_MS = 5 * 3_600_000;
/** With this seed the hole is where the page shows it best: six days ago. */
const SEED = 39;
const HOUR_MS = 3_600_000;

/**
 * Writes a month of one cluster's life, up to a moment, as a folder for the stand-in: daily backups, a promotion nine days
 * ago, WAL that was archived until two minutes before.
 *
 * @param now Unix milliseconds
 */
export async function writeMonth(folder: string, now: number, { hole, lostPart, verify }: MonthFaults): Promise<void> {
  const end = Math.floor((now - BACKUP_AGE_MS) / HOUR_MS) * HOUR_MS;
  const until = Math.floor(now / 1000) - 120;
  const options = { backups: BACKUPS, seed: SEED, permanent: 0, ranges: hole ? 4 : 2, end: end / 1000, now: until };
  await writeScenario(folder, generateScenario(options));
  if (lostPart) await losePart(`${folder}/st-ls-backups.stdout`);
  if (verify === undefined) return;
  for (const suffix of ["stdout", "stderr", "exit"]) {
    await Deno.copyFile(`${verify}/wal-verify.${suffix}`, `${folder}/wal-verify.${suffix}`);
  }
}

/** Takes the third part of the last full backup but one out of a listing. */
async function losePart(listing: string): Promise<void> {
  const lines = (await Deno.readTextFile(listing)).split("\n");
  const parts = lines.flatMap((line, index) => /\/base_[0-9A-F]{24}\/.*\/part_003\.tar/.test(line) ? [index] : []);
  const lost = parts.at(-2);
  if (lost === undefined) throw new Error(`Cannot lose a part: ${listing} has no two full backups with three of them`);
  await Deno.writeTextFile(listing, lines.toSpliced(lost, 1).join("\n"));
}
