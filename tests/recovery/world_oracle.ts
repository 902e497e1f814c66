import type { Backup } from "../../src/walg/backup_list.ts";
import { walName } from "./builders.ts";
import { backupsOf, type Kept, place, type Placed, type World } from "./generated_world.ts";

/**
 * What is recoverable in a world, told the slow and obvious way: PostgreSQL's recovery played segment by segment, files
 * looked up by name in each storage. It shares no code with src/recovery.
 */

/** What the oracle says of one backup. */
export interface Verdict {
  readonly restorable: boolean | undefined;
  /** What may be named as the reason: of several faults in a chain any one. */
  readonly codes: readonly string[];
  readonly branch: number | undefined;
  /** The first byte after the run, its last WAL file, and the WAL file in the way behind it. */
  readonly reach: readonly [bigint, string, string | undefined] | undefined;
}

/** What the oracle says of all. */
export interface WorldAnswer {
  readonly current: number | undefined;
  readonly backups: readonly Verdict[];
  readonly until: bigint | undefined;
  readonly windowStartTime: number | undefined;
  readonly lost: number;
  readonly atRisk: number | undefined;
  readonly newestOnBranch: string | undefined;
}

type State = "there" | "bad" | "gone" | "unknown";

/** One timeline of a history, and from where to where it is part of it. */
interface Part {
  readonly timeline: number;
  readonly begin: number;
  readonly beginLsn: bigint;
  /** undefined for the newest. */
  readonly endLsn: bigint | undefined;
}

/** Answers for a world. */
export function worldOracle(world: World): WorldAnswer {
  return playWorld(world).answer;
}

/** A world in which recoveries can be played. */
export interface Play {
  readonly answer: WorldAnswer;
  /** The backups in the order of the list. */
  readonly backups: readonly Backup[];
  /** How far PostgreSQL gets from a backup with `recovery_target_timeline`; undefined where it refuses to start. */
  readonly replayAlong: (backup: Backup, timeline: number) => Verdict["reach"];
  /** On which timeline the byte before an LSN was written, along a timeline's history. */
  readonly writtenOn: (lsn: bigint, timeline: number) => number | undefined;
}

/** Answers for a world, and plays recoveries in it. */
export function playWorld(world: World): Play {
  const { size } = world;
  const bytes = BigInt(size);
  const placed = place(world);
  const backups = backupsOf(world);
  const newest = backups.at(-1);
  const ours = backups.filter(({ systemIdentifier }) => systemIdentifier === newest?.systemIdentifier);
  const isShared = ours.length < backups.length;
  const current = currentOf();
  const history = current === undefined ? [] : historyOf(current);
  const clusterLast = clusterPosition();
  const limit = isShared ? sharedLimit() : Infinity;

  const verdicts = backups.map(verdictOf);
  const onHistory = verdicts.map(({ codes }) => codes.includes("restorable"));
  const reaches = verdicts.flatMap(({ reach }, at) => onHistory[at] && reach ? [reach[0]] : []);
  const until = reaches.reduce<bigint | undefined>((a, b) => a === undefined || b > a ? b : a, undefined);
  const starters = backups.filter((_, at) => onHistory[at] && verdicts[at]?.reach?.[0] === until);
  const newestOff = newest !== undefined && current !== undefined && lies(newest, history) === false;
  const answer: WorldAnswer = {
    current,
    backups: verdicts,
    until,
    windowStartTime: until === undefined ? undefined : Math.min(...starters.map(({ finishTime }) => finishTime)),
    lost: lostCount(),
    atRisk: until === undefined ? undefined : atRiskAfter(until),
    newestOnBranch: newestOff ? newest.name : undefined,
  };
  return {
    answer,
    backups,
    replayAlong: (backup, timeline) => {
      const parts = historyOf(timeline);
      return lies(backup, parts) === true ? replay(backup, parts, limit) : undefined;
    },
    writtenOn: (lsn, timeline) =>
      historyOf(timeline).find(({ endLsn }) => endLsn === undefined || lsn <= endLsn)?.timeline,
  };

  function currentOf(): number | undefined {
    const cluster = world.cluster === null ? undefined : placed[world.cluster.timeline % placed.length]?.timeline;
    const newestTimeline = newest === undefined ? undefined : timelineOf(newest);
    if (isShared) return cluster ?? newestTimeline;
    const seen = placed.filter((entry) => hasAny(entry)).map(({ timeline }) => timeline);
    if (cluster === undefined) return seen.length === 0 ? newestTimeline : Math.max(...seen);
    return Math.max(
      cluster,
      ...seen.filter((timeline) => historyOf(timeline).some((part) => part.timeline === cluster)),
    );
  }

  function hasAny({ timeline, plan, begin }: Placed): boolean {
    const hasFile = timeline > 1 && plan.history !== "missing";
    return hasFile || plan.segments.some((_, at) => isStored(timeline, begin + at));
  }

  function isStored(timeline: number, number: number): boolean {
    return keptOf(timeline, number).some((kept) => kept !== "nothing");
  }

  function keptOf(timeline: number, number: number): readonly Kept[] {
    const entry = placed.find((entry) => entry.timeline === timeline);
    const both = entry?.plan.segments[number - entry.begin] ?? ["nothing", "nothing"];
    return world.isSecondListed ? both : both.slice(0, 1);
  }

  /** wal-fetch asks each storage for the name with a suffix, then each for the name alone. */
  function stateOf(timeline: number, number: number): State {
    const kept = keptOf(timeline, number);
    const first = kept.find((one) => one === "compressed" || one === "empty") ??
      kept.find((one) => one === "plain" || one === "short");
    if (first === undefined) return world.isSecondListed ? "gone" : "unknown";
    return first === "empty" || first === "short" ? "bad" : "there";
  }

  /** Oldest first; it ends where a history cannot be read. */
  function historyOf(timeline: number): Part[] {
    const parts: Part[] = [];
    let endLsn: bigint | undefined;
    for (let at = timeline; at > 0;) {
      const entry = placed.find((entry) => entry.timeline === at);
      const isKnown = entry !== undefined && entry.parent > 0 && entry.plan.history === "readable";
      parts.unshift({
        timeline: at,
        begin: isKnown ? entry.begin : 0,
        beginLsn: isKnown ? entry.switchLsn : 0n,
        endLsn,
      });
      if (!isKnown) break;
      endLsn = entry.switchLsn;
      at = entry.parent;
    }
    return parts;
  }

  function lies(backup: Backup, parts: readonly Part[]): boolean | undefined {
    const part = parts.find(({ timeline }) => timeline === timelineOf(backup));
    const root = parts[0]?.timeline ?? 0;
    if (part === undefined) return root > 1 && timelineOf(backup) < root ? undefined : false;
    if (firstOf(backup) < part.begin) return undefined;
    return part.endLsn === undefined || backup.finishLsn <= part.endLsn;
  }

  function clusterPosition(): number {
    const { cluster } = world;
    const at = cluster === null ? undefined : placed[cluster.timeline % placed.length];
    const part = history.find(({ timeline }) => timeline === at?.timeline);
    if (cluster === null || at === undefined || part === undefined) return -1;
    const last = at.begin + cluster.last;
    return part.endLsn !== undefined && BigInt(last) > part.endLsn / bytes ? -1 : last;
  }

  function standsOnHistory(backup: Backup): boolean {
    const part = history.find(({ timeline }) => timeline === timelineOf(backup));
    return part !== undefined && (part.endLsn === undefined || BigInt(firstOf(backup)) <= part.endLsn / bytes);
  }

  function sharedLimit(): number {
    return Math.max(clusterLast, ...ours.filter(standsOnHistory).map((backup) => ownOf(backup).at(-1) ?? -1));
  }

  /** What recovery along a history gets for a segment: the file's timeline, and up to where it serves. */
  function fetch(number: number, parts: readonly Part[]): { state: State; timeline: number; until?: bigint } {
    const asked = parts.filter(({ begin }) => begin <= number).toReversed();
    let doubt = false;
    for (const [nth, part] of asked.entries()) {
      // Only in the segment in which the newer timelines began do older ones' files serve.
      const newer = asked.slice(0, nth);
      if (newer.some(({ begin }) => begin < number)) break;
      const state = stateOf(part.timeline, number);
      if (state === "unknown") doubt = true;
      if (state === "bad") return { state, timeline: part.timeline };
      if (state !== "there") continue;
      if (nth === 0) return { state, timeline: part.timeline };
      if (part.endLsn === BigInt(number) * bytes) break;
      return { state, timeline: part.timeline, ...(part.endLsn !== undefined && { until: part.endLsn }) };
    }
    return { state: doubt ? "unknown" : "gone", timeline: asked[0]?.timeline ?? 0 };
  }

  function verdictOf(backup: Backup): Verdict {
    const nothing = { branch: undefined, reach: undefined };
    if (!ours.includes(backup)) return { ...nothing, restorable: undefined, codes: ["other_system"] };
    const timeline = timelineOf(backup);
    const isOn = lies(backup, history) === true;
    const branch = isOn ? undefined : timeline;
    const parts = isOn ? history : [{ timeline, begin: 0, beginLsn: 0n, endLsn: undefined }];
    const doubts: string[] = [];
    const faults = chainFaults(backup, doubts);
    const no = (...codes: string[]): Verdict => ({ restorable: false, codes, branch, reach: undefined });
    if (faults.length > 0) return no(...faults);
    const whole = isWhole(backup);
    if (whole === false) return no("incomplete");
    const top = isOn ? limit : isShared ? branchLimit(timeline) : Infinity;
    const got = ownOf(backup).map((number) => {
      const got = number > top ? { state: "gone" as const } : fetch(number, parts);
      const isParents = "until" in got && got.until !== undefined && got.timeline < timeline;
      return isParents ? { state: world.isSecondListed ? "gone" as const : "unknown" as const } : got;
    });
    const firstBad = got.find(({ state }) => state === "bad" || state === "gone");
    if (firstBad?.state === "bad") return no("segment_empty");
    if (firstBad !== undefined) {
      const number = ownOf(backup)[got.indexOf(firstBad)] ?? 0;
      return no(foundAfter(number, parts, top) ? "segment_lost" : "segment_not_archived");
    }
    if (got.some(({ state }) => state === "unknown")) doubts.push("storage_not_listed");
    if (whole === undefined) doubts.push("storage_not_listed");
    if (doubts.length > 0) return { ...nothing, restorable: undefined, codes: doubts, branch };
    return { restorable: true, codes: [isOn ? "restorable" : "branch"], branch, reach: replay(backup, parts, top) };
  }

  function replay(backup: Backup, parts: readonly Part[], top: number): readonly [bigint, string, string | undefined] {
    let lsn = 0n;
    let file = "";
    for (let number = firstOf(backup);; number++) {
      const { state, timeline, until } = number > top ? { state: "gone" as const, timeline: 0 } : fetch(number, parts);
      if (state !== "there") return [lsn, file, state === "bad" ? walName(timeline, number, size) : undefined];
      file = walName(timeline, number, size);
      lsn = until ?? BigInt(number + 1) * bytes;
      if (until !== undefined) return [lsn, file, undefined];
    }
  }

  function branchLimit(timeline: number): number {
    const there = ours.filter((backup) => timelineOf(backup) === timeline && lies(backup, history) !== true);
    return Math.max(...there.map((backup) => ownOf(backup).at(-1) ?? -1));
  }

  function foundAfter(number: number, parts: readonly Part[], top: number): boolean {
    for (let later = number; later <= Math.min(top, number + 5000); later++) {
      if (later > world.first + 60 && later > number) return false;
      const got = fetch(later, parts);
      if (got.state === "there" && got.until === undefined) return true;
    }
    return false;
  }

  /** Follows the chain; what is known to be wrong is returned, what may be wrong is collected. */
  function chainFaults(backup: Backup, doubts: string[]): readonly string[] {
    const own = historyOf(timelineOf(backup));
    const found: string[] = [];
    let child = backup;
    while (child.name.includes("_D_")) {
      const parent = backups.find(({ name }) => name === child.parent);
      if (parent === undefined) {
        found.push("ancestor_missing");
        break;
      }
      // The other system's backup took the place of the one it was built on.
      if (!ours.includes(parent)) found.push("ancestor_missing");
      const parts = servesDeltas(parent);
      const lie = lies(parent, own);
      if (parts === false) found.push("ancestor_incomplete");
      // A delta of a mixture is a mixture.
      if (lie === false || lies(parent, historyOf(timelineOf(child))) === false) found.push("mixed");
      else if (lie === undefined) doubts.push("history_unknown");
      else if (parts === undefined) doubts.push("storage_not_listed");
      child = parent;
    }
    return found;
  }

  function planOf(backup: Backup) {
    return world.plans[backups.indexOf(backup)];
  }

  function filesOf(backup: Backup): readonly string[] {
    const files: readonly string[] = planOf(backup)?.files ?? [];
    return (world.isSecondListed ? files : files.slice(0, 1)).filter((kept) => kept !== "nothing");
  }

  function isWhole(backup: Backup): boolean | undefined {
    const files = filesOf(backup);
    if (files.length === 0 || files.includes("whole")) return true;
    return world.isSecondListed ? false : undefined;
  }

  function servesDeltas(backup: Backup): boolean | undefined {
    const files = filesOf(backup);
    if (files.length === 0 || files.some((kept) => kept !== "short")) return true;
    return world.isSecondListed ? false : undefined;
  }

  function numbersFrom(first: number): number[] {
    return Array.from({ length: Math.max(0, world.first + 60 - first) }, (_, at) => first + at);
  }

  function lostCount(): number {
    const starts = ours.filter(standsOnHistory).map(firstOf);
    if (starts.length === 0) return 0;
    const numbers = numbersFrom(Math.min(...starts)).filter((number) => number <= limit);
    const states = numbers.map((number) => {
      const got = fetch(number, history);
      return got.until !== undefined ? "gone" : got.state;
    });
    const last = states.lastIndexOf("there");
    return states.filter((state, at) => at < last && (state === "gone" || state === "bad")).length;
  }

  function atRiskAfter(lsn: bigint): number {
    const next = Number((lsn + bytes - 1n) / bytes);
    const numbers = numbersFrom(world.first).filter((number) => number <= limit);
    const there = numbers.filter((number) => {
      const { state } = fetch(number, history);
      return state === "there" || state === "bad";
    });
    const end = Math.min(limit, Math.max(clusterLast, ...there));
    return Math.max(0, end - next + 1);
  }

  function ownOf(backup: Backup): number[] {
    const numbers = [firstOf(backup)];
    while (BigInt((numbers.at(-1) ?? 0) + 1) * bytes < backup.finishLsn) numbers.push((numbers.at(-1) ?? 0) + 1);
    return numbers;
  }

  function firstOf({ walFile }: Backup): number {
    const lsn = (BigInt(`0x${walFile.slice(8, 16)}`) << 32n) + BigInt(`0x${walFile.slice(16)}`) * bytes;
    return Number(lsn / bytes);
  }

  function timelineOf({ walFile }: Backup): number {
    return Number(`0x${walFile.slice(0, 8)}`);
  }
}
