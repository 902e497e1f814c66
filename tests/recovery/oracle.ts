import type { Backup } from "../../src/walg/backup_list.ts";
import type { WalVerify } from "../../src/walg/wal_verify.ts";
import { walName } from "./builders.ts";

/**
 * What is recoverable, told the slow and obvious way: one entry for each segment, one look at a time, and WAL file names
 * compared as text. It shares no code with src/recovery.
 */

/** One segment of the history. */
interface Place {
  readonly name: string;
  readonly timeline: number;
  readonly number: number;
  readonly status: string;
}

/** What the oracle says of one backup. */
export interface BackupAnswer {
  readonly name: string;
  readonly restorable: boolean | undefined;
  /** The reason's first words, and the WAL file that it must name. */
  readonly reason: readonly string[];
  /** The first byte after its run, and the run's last WAL file. */
  readonly reach: readonly [bigint, string] | undefined;
}

/** What the oracle says of all. */
export interface Answer {
  readonly backups: readonly BackupAnswer[];
  readonly until: readonly [bigint, string] | undefined;
  readonly windowStartTime: number | undefined;
  readonly windowKnown: boolean;
  readonly atRisk: number | undefined;
  readonly lost: number;
}

/** Answers for a cluster whose segment size, in bytes, is known. */
export function oracle(backups: readonly Backup[], verify: WalVerify, size: number): Answer {
  const places = enumerate(verify, size);
  const answers = backups.map((backup) => answerFor(backup, backups, places, size));
  const ends = answers.map(({ reach }) => reach === undefined ? -1 : places.findIndex(({ name }) => name === reach[1]));
  const farthest = Math.max(-1, ...ends);
  const starts = backups.filter((_, at) => farthest >= 0 && ends[at] === farthest).map(({ finishTime }) => finishTime);
  return {
    backups: answers,
    until: answers[ends.indexOf(farthest)]?.reach,
    windowStartTime: starts.length === 0 ? undefined : Math.min(...starts),
    windowKnown: backups.length === 0 || answers.some(({ restorable }) => restorable !== undefined),
    atRisk: farthest < 0 ? undefined : places.slice(farthest + 1).length,
    lost: countLost(backups, places, size),
  };
}

function enumerate(verify: WalVerify, size: number): Place[] {
  return verify.integrity.ranges.flatMap(({ timeline, start, segments, status }) => {
    const first = numberOf(start, size);
    return Array.from({ length: segments }, (_, at) => {
      const number = first + at;
      return { name: walName(timeline, number, size), timeline, number, status };
    });
  });
}

function answerFor(backup: Backup, backups: readonly Backup[], places: readonly Place[], size: number): BackupAnswer {
  const own = isCopiedToBeginning(backup, places, size)
    ? places.slice(0, 1)
    : ownNumbers(backup, size).map((number) => placeOf(timelineOf(backup.walFile), number, places));
  const gone = own.find((place) => place !== undefined && place.status !== "FOUND");
  const orphan = missingAncestor(backup, backups);
  const answer = { name: backup.name, reach: undefined };
  if (orphan !== undefined) return { ...answer, restorable: false, reason: [orphan] };
  if (gone !== undefined) return { ...answer, restorable: false, reason: [wordsFor(gone, places), gone.name] };
  if (own.includes(undefined)) return { ...answer, restorable: undefined, reason: ["not covered by wal-verify: "] };
  let last = places.findIndex(({ name }) => name === own[0]?.name);
  for (;;) {
    const [here, next] = [places[last], places[last + 1]];
    if (here === undefined || next === undefined || next.status !== "FOUND" || next.number !== here.number + 1) break;
    last++;
  }
  const end = places[last];
  if (end === undefined) throw new Error("a restorable backup has a first segment");
  const reach: [bigint, string] = [BigInt(end.number) * BigInt(size) + BigInt(size), end.name];
  return { ...answer, restorable: true, reason: [""], reach };
}

function wordsFor(gone: Place, places: readonly Place[]): string {
  const foundLater = places.slice(places.indexOf(gone)).some(({ status }) => status === "FOUND");
  if (!foundLater) return `segment ${gone.name} not archived yet (${gone.status})`;
  return gone.status === "MISSING_LOST" ? `segment ${gone.name} lost` : `segment ${gone.name} missing (${gone.status}`;
}

/** Walks up one parent at a time; more steps than there are backups means a loop. */
function missingAncestor(backup: Backup, backups: readonly Backup[]): string | undefined {
  let child = backup;
  for (let steps = 0; steps <= backups.length; steps++) {
    if (!child.name.includes("_D_")) return undefined;
    const parent = backups.find(({ name }) => name === child.parent);
    if (parent === undefined) return `ancestor missing: base_${child.name.split("_D_")[1]?.slice(0, 24)}`;
    child = parent;
  }
  return "ancestors form a loop: ";
}

/** The bytes that a backup needs are those from the start of its WAL file up to, but without, its finish LSN. */
function ownNumbers(backup: Backup, size: number): number[] {
  const numbers = [numberOf(backup.walFile, size)];
  for (let number = (numbers[0] ?? 0) + 1; BigInt(number) * BigInt(size) < backup.finishLsn; number++) {
    numbers.push(number);
  }
  return numbers;
}

/** A segment of its own name; or, one past the end of its timeline, the child's that follows there. */
function placeOf(timeline: number, number: number, places: readonly Place[]): Place | undefined {
  const named = places.find((place) => place.timeline === timeline && place.number === number);
  if (named !== undefined) return named;
  const lastOfTimeline = places.findLastIndex((place) => place.timeline === timeline);
  const next = places[lastOfTimeline + 1];
  const isCopy = lastOfTimeline >= 0 && places[lastOfTimeline]?.number === number - 1 && next?.number === number;
  return isCopy ? next : undefined;
}

/** True where the history's very first segment is the copy of the only one that a backup of the timeline before needs. */
function isCopiedToBeginning(backup: Backup, places: readonly Place[], size: number): boolean {
  const [only, ...more] = ownNumbers(backup, size);
  const copy = places[0]?.name;
  return only !== undefined && more.length === 0 && copy === walName(timelineOf(backup.walFile) + 1, only, size);
}

function countLost(backups: readonly Backup[], places: readonly Place[], size: number): number {
  const oldest = places[0];
  const starts = backups.flatMap((backup) => {
    const [timeline, number] = [timelineOf(backup.walFile), numberOf(backup.walFile, size)];
    const place = placeOf(timeline, number, places);
    if (place !== undefined) return [places.indexOf(place)];
    if (oldest === undefined || timeline > oldest.timeline) return [];
    const limit = timeline === oldest.timeline ? oldest.number - 1 : oldest.number;
    return number <= limit ? [0] : [];
  });
  const from = Math.min(Infinity, ...starts);
  return places.filter(({ status }, at) => {
    return at >= from && status === "MISSING_LOST" && places.slice(at + 1).some((later) => later.status === "FOUND");
  }).length;
}

function timelineOf(walFile: string): number {
  return Number(`0x${walFile.slice(0, 8)}`);
}

function numberOf(walFile: string, size: number): number {
  const lsn = (BigInt(`0x${walFile.slice(8, 16)}`) << 32n) + BigInt(`0x${walFile.slice(16)}`) * BigInt(size);
  return Number(lsn / BigInt(size));
}
