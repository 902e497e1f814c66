import fc from "fast-check";
import type { Position } from "../../src/recovery/moments.ts";
import type { RecoveryFacts } from "../../src/recovery/recover.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { createArchiveBuilder, type HistoryLine } from "../../src/walg/wal_archive.ts";
import { aBackup, MiB, walName } from "./builders.ts";

/** What happens to a cluster, one thing after another, each so many milliseconds after the one before. */
export type Event = readonly [after: number, what: What, chance: number];
type What = "commit" | "switch" | "archive" | "backup" | "verify" | "promote" | "go back" | "lose" | "empty";

export const story: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.tuple(
    fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 50 }) }, {
      weight: 1,
      arbitrary: fc.integer({ min: 1000, max: 100_000 }),
    }),
    fc.oneof<fc.WeightedArbitrary<What>[]>(
      { weight: 12, arbitrary: fc.constant("commit") },
      { weight: 8, arbitrary: fc.constant("switch") },
      { weight: 9, arbitrary: fc.constant("archive") },
      { weight: 3, arbitrary: fc.constant("backup") },
      { weight: 2, arbitrary: fc.constantFrom("verify", "promote", "go back") },
      { weight: 1, arbitrary: fc.constantFrom("lose", "empty") },
    ),
    fc.nat(1000),
  ),
  { minLength: 10, maxLength: 70 },
);

/** A transaction. */
export interface Commit {
  readonly timeline: number;
  readonly lsn: bigint;
  readonly time: number;
}

/** What happened, and what is known of it. */
export interface Told {
  readonly facts: RecoveryFacts;
  /** What the current timeline's history holds, oldest first. */
  readonly history: readonly Commit[];
  /** After everything: Unix milliseconds. */
  readonly now: number;
  /** Moments that matter, Unix milliseconds. */
  readonly moments: readonly number[];
  /**
   * PostgreSQL's recovery from a backup along a timeline up to a time: the transactions that it replays after those of
   * the backup, and whether it came to one after that time; undefined where it does not start.
   */
  readonly recoverTo: (backup: Backup, timeline: number, time: number) => Recovered | undefined;
}

export interface Recovered {
  /** All that is then in the database. */
  readonly commits: readonly Commit[];
  readonly isReached: boolean;
}

const SIZE = MiB;
const BYTES = BigInt(SIZE);
const START = Date.parse("2026-11-26T10:00:00Z");

/** Plays a story. */
export function tell(events: readonly Event[]): Told {
  let [time, timeline, lsn] = [START, 1, 2n * BYTES + 0x1000n];
  const lines: HistoryLine[] = [];
  const historyTimes = new Map<number, number>();
  let queue: number[] = [];
  const archived = new Map<string, { readonly size: number; readonly time: number }>();
  const commits: Commit[] = [];
  const backups: Backup[] = [];
  const positions: Position[] = [];
  const number = (): number => Number(lsn / BYTES);
  const end = (): void => {
    queue.push(number());
    lsn = BigInt(number() + 1) * BYTES + 0x28n;
  };
  const archive = (): void => {
    const next = queue.shift();
    if (next !== undefined) archived.set(walName(timeline, next, SIZE), { size: 1000, time });
  };
  const begin = (from: bigint): void => {
    // What was not archived yet is lost with the old timeline; the new one has the segment of the switch.
    const last = Number(from / BYTES);
    const parent = timeline;
    timeline = Math.max(timeline, ...lines.map((line) => line.timeline)) + 1;
    lines.push({ timeline, parent, switchLsn: from });
    historyTimes.set(timeline, time);
    queue = [];
    lsn = from + 0x50n;
    if (Number(lsn / BYTES) > last) lsn = BigInt(last + 1) * BYTES + 0x28n;
  };
  const moments: number[] = [];
  for (const [after, what, chance] of events) {
    time += after;
    moments.push(time, time - 1, time + 1);
    if (what === "commit") {
      lsn += 0x100n;
      commits.push({ timeline, lsn: lsn - 0x50n, time });
    } else if (what === "switch") end();
    else if (what === "archive") archive();
    else if (what === "backup") {
      end();
      const [startTime, first] = [time, number()];
      time += 1 + chance % 20;
      const finishLsn = lsn + 0x80n;
      lsn = finishLsn;
      end();
      // It waits for its last segment.
      if (chance % 5 > 0) { while (queue.length > 0) archive(); }
      time += 1;
      const spec = {
        timeline,
        number: first,
        size: SIZE,
        finishLsn,
        finishTime: time,
        suffix: `_${hex(backups.length)}`,
      };
      backups.push({ ...aBackup(spec), startTime });
      moments.push(time);
    } else if (what === "verify") {
      const segment = walName(timeline, number() - 1, SIZE);
      positions.push({ timeline, segment, firstTime: time, lastTime: time });
    } else if (what === "promote") begin(lsn);
    else if (what === "go back") {
      // To a transaction that its history holds, after the newest backup's end, so that it was possible.
      const own = historyOf(timeline, commits, lines);
      const target = own[own.length - 1 - chance % 4];
      const latest = backups.reduce((last, { finishLsn }) => finishLsn > last ? finishLsn : last, 0n);
      if (target !== undefined && target.lsn > latest) begin(target.lsn + 0x50n);
    } else {
      const names = [...archived.keys()];
      const name = names[chance % names.length];
      if (name === undefined) continue;
      if (what === "lose") archived.delete(name);
      else archived.set(name, { size: 0, time });
    }
  }
  time += 1000;
  const builder = createArchiveBuilder();
  for (const [name, object] of archived) builder.add({ storage: 0, isFolder: false, name: `${name}.lz4`, ...object });
  for (const [at, written] of historyTimes) {
    const name = `${walName(at, 0, SIZE).slice(0, 8)}.history.lz4`;
    builder.add({ storage: 0, isFolder: false, size: 50, time: written, name });
  }
  const built = builder.build({ time, storages: ["default"], unlisted: [], shown: [], read: lines });
  return {
    facts: { backups, archive: built, positions },
    history: historyOf(timeline, commits, lines),
    now: time + 1,
    moments,
    recoverTo(backup, along, until) {
      const parts = partsOf(along, lines);
      const own = Number(`0x${backup.walFile.slice(0, 8)}`);
      const part = parts.find((one) => one.timeline === own);
      if (part === undefined || backup.finishLsn > part.to) return undefined;
      const all = historyOf(along, commits, lines);
      const found = all.filter((commit) => commit.lsn < backup.startLsn);
      const rest = all.filter((commit) => commit.lsn >= backup.startLsn);
      let stop = backup.startLsn / BYTES * BYTES;
      for (;; stop += BYTES) {
        // The newest timeline that had begun there, else an older one up to where it was left.
        const at = Number(stop / BYTES);
        const asked = parts.filter(({ from }) => from / BYTES <= stop / BYTES).toReversed();
        const file = asked.find((one, nth) => {
          const isAllowed = asked.slice(0, nth).every(({ from }) => from / BYTES === stop / BYTES);
          return isAllowed && one.to > stop && archived.has(walName(one.timeline, at, SIZE));
        });
        if (file === undefined || archived.get(walName(file.timeline, at, SIZE))?.size === 0) break;
        if (file.to < stop + BYTES && file !== asked[0]) {
          stop = file.to;
          break;
        }
      }
      // Before its end it is not consistent.
      if (stop < backup.finishLsn) return undefined;
      for (const commit of rest.filter((one) => one.lsn < stop)) {
        if (commit.time > until) return { commits: found, isReached: true };
        found.push(commit);
      }
      return { commits: found, isReached: false };
    },
  };
}

interface Part {
  readonly timeline: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** The parts of a timeline's history, oldest first. */
function partsOf(timeline: number, lines: readonly HistoryLine[]): readonly Part[] {
  const line = lines.find((one) => one.timeline === timeline);
  const own = { timeline, from: line?.switchLsn ?? 0n, to: 1n << 63n };
  if (line === undefined) return [own];
  const before = partsOf(line.parent, lines).map((part) =>
    part.to > line.switchLsn ? { ...part, to: line.switchLsn } : part
  );
  return [...before.filter(({ from, to }) => from < to || to === 0n), own];
}

function historyOf(timeline: number, commits: readonly Commit[], lines: readonly HistoryLine[]): Commit[] {
  const parts = partsOf(timeline, lines);
  return commits.filter((commit) => {
    return parts.some((part) => part.timeline === commit.timeline && commit.lsn >= part.from && commit.lsn < part.to);
  });
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(8, "0");
}
