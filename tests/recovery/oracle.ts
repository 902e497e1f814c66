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

/** A status of segments that wal-verify skipped, or that it only takes for missing. */
const NOTHING_SAID = "nothing said";
/** Stands for any reason. */
export const ANY = "*";

/** Answers for a cluster whose segment size, in bytes, is known. */
export function oracle(backups: readonly Backup[], verify: WalVerify, size: number): Answer {
  const told = withoutSkipped(enumerate(verify, size), backups, size);
  const places = isCutOff(backups, told, size) ? forget(told) : told;
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
  const places: Place[] = [];
  for (const { timeline, start, segments, status } of verify.integrity.ranges) {
    const first = numberOf(start, size);
    const before = places.at(-1);
    for (let number = (before?.number ?? first) + 1; number < first; number++) {
      const skipped = before?.timeline ?? timeline;
      places.push({ name: walName(skipped, number, size), timeline: skipped, number, status: NOTHING_SAID });
    }
    for (let number = first; number < first + segments; number++) {
      places.push({ name: walName(timeline, number, size), timeline, number, status });
    }
  }
  return places;
}

/** Without its `.history`, wal-verify looks for a timeline's segments where it had none yet. */
function isCutOff(backups: readonly Backup[], places: readonly Place[], size: number): boolean {
  const oldest = places[0];
  return oldest !== undefined && oldest.status !== "FOUND" && backups.some(({ walFile }) => {
    return timelineOf(walFile) < oldest.timeline && numberOf(walFile, size) >= oldest.number;
  });
}

function forget(places: readonly Place[]): Place[] {
  const until = places.findIndex(({ status, timeline }) => status === "FOUND" || timeline !== places[0]?.timeline);
  return places.map((place, at) => until < 0 || at < until ? { ...place, status: NOTHING_SAID } : place);
}

/** The one segment before a timeline's others, where a timeline was passed over, may be that timeline's. */
function withoutSkipped(places: readonly Place[], backups: readonly Backup[], size: number): Place[] {
  return places.map((place, at) => {
    const [before, next] = [places[at - 1], places[at + 1]];
    const isPassedOver = before !== undefined && place.timeline - before.timeline > 1;
    const isAlone = next?.timeline === place.timeline && next.status === "FOUND";
    const isSeen = backups.some(({ walFile }) =>
      timelineOf(walFile) === place.timeline && numberOf(walFile, size) === place.number
    );
    const isMissing = place.status !== "FOUND" && place.status !== NOTHING_SAID;
    return isMissing && isPassedOver && isAlone && !isSeen ? { ...place, status: NOTHING_SAID } : place;
  });
}

function answerFor(backup: Backup, backups: readonly Backup[], places: readonly Place[], size: number): BackupAnswer {
  const timeline = timelineOf(backup.walFile);
  const numbers = ownNumbers(backup, size);
  const lie = lies(backup, partsOf(places), size);
  const end = partsOf(places).find((part) => part.timeline === timeline)?.end ?? -1;
  // What lies beyond where its timeline was left says nothing of that timeline.
  const asked = lie === true ? numbers : numbers.filter((number) => number < end);
  const own = asked.map((number) => placeOf(number, places));
  const gone = own.find((place) => place !== undefined && !["FOUND", NOTHING_SAID].includes(place.status));
  const orphan = missingAncestor(backup, backups);
  const links = ancestorLinks(backup, backups, places, size);
  const answer = { name: backup.name, reach: undefined };
  if (orphan !== undefined || links.includes(false)) return { ...answer, restorable: false, reason: [ANY] };
  if (gone !== undefined) return { ...answer, restorable: false, reason: [wordsFor(gone, places), gone.name] };
  if (links.includes(undefined)) return { ...answer, restorable: undefined, reason: [ANY] };
  if (lie !== true || own.some((place) => place?.status !== "FOUND")) {
    return { ...answer, restorable: undefined, reason: ["not covered by wal-verify: "] };
  }
  let last = places.findIndex(({ name }) => name === own[0]?.name);
  for (;;) {
    const [here, next] = [places[last], places[last + 1]];
    if (here === undefined || next === undefined || next.status !== "FOUND") break;
    last++;
  }
  const reached = places[last];
  if (reached === undefined) throw new Error("a restorable backup has a first segment");
  const reach: [bigint, string] = [BigInt(reached.number) * BigInt(size) + BigInt(size), reached.name];
  return { ...answer, restorable: true, reason: [""], reach };
}

/** One timeline of the history: the numbers of its first segment and of the one in which it was left. */
interface Part {
  readonly timeline: number;
  readonly begin: number;
  readonly end: number;
}

function partsOf(places: readonly Place[]): Part[] {
  const timelines = [...new Set(places.map(({ timeline }) => timeline))];
  const first = (timeline: number | undefined): number =>
    places.find((place) => place.timeline === timeline)?.number ?? Infinity;
  return timelines.map((timeline, at) => {
    return { timeline, begin: at === 0 ? 0 : first(timeline), end: first(timelines[at + 1]) };
  });
}

/** Ranges do not tell at which byte of its last segment a timeline was left. */
function lies(backup: Backup, parts: readonly Part[], size: number): boolean | undefined {
  const timeline = timelineOf(backup.walFile);
  const numbers = ownNumbers(backup, size);
  const part = parts.find((part) => part.timeline === timeline);
  const root = parts[0]?.timeline ?? 0;
  if (part === undefined) return root === 1 || timeline > root ? false : undefined;
  if ((numbers[0] ?? 0) < part.begin) return undefined;
  const last = numbers.at(-1) ?? 0;
  return last === part.end ? undefined : last < part.end;
}

/** For each ancestor whether it lies on the history of the delta that was taken on it. */
function ancestorLinks(
  backup: Backup,
  backups: readonly Backup[],
  places: readonly Place[],
  size: number,
): (boolean | undefined)[] {
  const links: (boolean | undefined)[] = [];
  let child = backup;
  for (let steps = 0; steps <= backups.length && child.name.includes("_D_"); steps++) {
    const parent = backups.find(({ name }) => name === child.parent);
    if (parent === undefined) break;
    const timeline = timelineOf(child.walFile);
    const upTo = partsOf(places).filter((part) => part.timeline <= timeline)
      .map((part) => part.timeline === timeline ? { ...part, end: Infinity } : part);
    const isKnown = upTo.some((part) => part.timeline === timeline);
    links.push(lies(parent, isKnown ? upTo : [{ timeline, begin: 0, end: Infinity }], size));
    child = parent;
  }
  return links;
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

function placeOf(number: number, places: readonly Place[]): Place | undefined {
  return places.find((place) => place.number === number);
}

function countLost(backups: readonly Backup[], places: readonly Place[], size: number): number {
  const oldest = places[0];
  const parts = partsOf(places);
  const starts = backups.flatMap((backup) => {
    const [timeline, number] = [timelineOf(backup.walFile), numberOf(backup.walFile, size)];
    const part = parts.find((part) => part.timeline === timeline);
    if (part !== undefined) return number <= part.end ? [number] : [];
    const isOlder = oldest !== undefined && timeline < oldest.timeline && number <= oldest.number;
    return isOlder && !isCutOff(backups, places, size) ? [number] : [];
  });
  const from = Math.min(Infinity, ...starts);
  return places.filter(({ status, number }, at) => {
    if (number < from || status === "FOUND" || status === NOTHING_SAID) return false;
    return places.slice(at + 1).some((later) => later.status === "FOUND");
  }).length;
}

function timelineOf(walFile: string): number {
  return Number(`0x${walFile.slice(0, 8)}`);
}

function numberOf(walFile: string, size: number): number {
  const lsn = (BigInt(`0x${walFile.slice(8, 16)}`) << 32n) + BigInt(`0x${walFile.slice(16)}`) * BigInt(size);
  return Number(lsn / BigInt(size));
}
