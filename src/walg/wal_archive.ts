import { Buffer } from "node:buffer";
import { DecodeError } from "./json.ts";
import { type Lsn, lsnOf } from "./segment.ts";
import { detach, type ListedObject } from "./storage_listing.ts";
import type { ShownTimeline } from "./wal_show.ts";

/** What is there under a segment's name. */
export const NOTHING = 0;
/** An object with bytes in it and a suffix. */
export const STORED = 1;
/** An object without a suffix: whole where its size is the segment size. */
export const PLAIN = 2;
/** An object of zero bytes: not there, and worse, PostgreSQL ends with FATAL when it gets it. */
export const EMPTY = 3;

/** The segments of 4 GiB of WAL, which share the first sixteen digits of their names; all arrays by the last eight. */
export interface ArchivedLog {
  readonly log: number;
  /** {@link NOTHING}, {@link STORED}, {@link PLAIN} or {@link EMPTY}. */
  readonly states: Uint8Array;
  /** When each was archived: Unix milliseconds. */
  readonly times: Float64Array;
  /** Bytes. */
  readonly sizes: Uint32Array;
  /** How late `wal-fetch` asks for the object that counts: see {@link storageAt}. */
  readonly turns: Uint8Array;
}

/** What the archive has of one timeline. */
export interface ArchivedTimeline {
  readonly timeline: number;
  /** How many segments are there. */
  readonly segments: number;
  /** Of these segments; absent where the archive is known from wal-show alone. */
  readonly bytes?: number;
  /** When the newest of them was archived, Unix milliseconds; absent where none is there, or no time is known. */
  readonly newestTime?: number;
  /** Ascending; empty where the archive is known from wal-show alone. */
  readonly logs: readonly ArchivedLog[];
  /** Where the archive is known from wal-show alone. */
  readonly shown?: ShownTimeline;
}

/** A `.history` object. */
export interface HistoryFile {
  readonly timeline: number;
  /** Its object's name in `wal_005/`, with its suffix. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Unix milliseconds. */
  readonly time: number;
  /** The index of the first storage that has it. */
  readonly storage: number;
}

/** A segment's object that restores trip over. */
export interface EmptyObject {
  readonly timeline: number;
  /** Its object's name in `wal_005/`, with its suffix. */
  readonly name: string;
  /** The index of the storage that has it. */
  readonly storage: number;
}

/** Where a timeline left its parent. */
export interface Parent {
  readonly timeline: number;
  readonly switchLsn: Lsn;
}

/** What all storages together hold under `wal_005/`. Never changed once it is made. */
export interface WalArchive {
  /** Whether it was listed (`st ls`), or is known from `wal-show` alone: then without times, bytes and history files. */
  readonly source: "listing" | "wal-show";
  /** When the commands that it is made from began: Unix milliseconds. */
  readonly time: number;
  /** The names of the storages that were listed. */
  readonly storages: readonly string[];
  /** The storages that could not be listed: what is not found is then not known, not missing. */
  readonly unlisted: readonly string[];
  /** By timeline, ascending; of those that have a segment. */
  readonly timelines: ReadonlyMap<number, ArchivedTimeline>;
  /** By timeline; of those whose history is known. */
  readonly parents: ReadonlyMap<number, Parent>;
  /** By timeline, ascending. */
  readonly histories: ReadonlyMap<number, HistoryFile>;
  /** Segments' objects of zero bytes; at most {@link MOST_EMPTY}. */
  readonly emptyObjects: readonly EmptyObject[];
  /** Bytes of all objects in all storages; absent where it was not listed. */
  readonly bytes?: number;
  /** How many objects all storages have; absent where it was not listed. */
  readonly objects?: number;
  /** When the newest segment was archived: Unix milliseconds; absent where it was not listed or is empty. */
  readonly newestSegmentTime?: number;
}

/** How many empty objects are kept by name. */
export const MOST_EMPTY = 1000;

/** What has to be known beside the listing to make the archive of it. */
export interface ArchiveFacts {
  /** When the listing began: Unix milliseconds. */
  readonly time: number;
  /** In the order of the tables. */
  readonly storages: readonly string[];
  /** The storages that could not be listed. */
  readonly unlisted?: readonly string[];
  /** The last answer of wal-show. */
  readonly shown: readonly ShownTimeline[];
  /** What `st cat` said of history files that wal-show does not report. */
  readonly read?: readonly HistoryLine[];
  /** What was found before, whose logs stay where they are the same. */
  readonly before?: WalArchive | undefined;
}

/** The objects of `wal_005/`, collected row by row. */
export interface ArchiveBuilder {
  readonly add: (object: ListedObject) => void;
  /** The timelines that have a segment, ascending. */
  readonly timelines: () => readonly number[];
  /** By timeline, ascending. */
  readonly histories: () => ReadonlyMap<number, HistoryFile>;
  /** Nothing may be added after that. */
  readonly build: (facts: ArchiveFacts) => WalArchive;
}

/** More segments than a log can have: of 1 MiB each. */
const MOST_PER_LOG = 4096;
/** As many segments as there are of 16 MiB, which most are. */
const SMALLEST_LOG = 256;
/** A turn for each storage; those after them are taken for one. */
const TURNS_WITH_SUFFIX = 128;
/** No size is larger that matters: a segment has at most 1 GiB. */
const LARGEST_SIZE = 0xffff_ffff;
const HISTORY = /^([0-9A-F]{8})\.history(?:\.[A-Za-z0-9]+)?$/;
/** Log, place in it, and suffix; .partial, .00000028.backup.lz4, _delta.lz4 and folders are none. */
const SEGMENT = /^([0-9A-F]{16})([0-9A-F]{8})(?!\.partial$)(\.[A-Za-z0-9]+)?$/;

class GrowingLog implements ArchivedLog {
  readonly timeline: number;
  readonly log: number;
  // In one buffer, the largest first: a buffer of its own costs as much as a short column.
  times = new Float64Array(0);
  sizes = new Uint32Array(0);
  states = new Uint8Array(0);
  turns = new Uint8Array(0);

  /** @param digits the first sixteen of its segments' names */
  constructor(digits: string) {
    this.timeline = parseInt(digits.slice(0, 8), 16);
    this.log = parseInt(digits.slice(8), 16);
  }

  reserve(place: number): void {
    let capacity = Math.max(this.states.length, SMALLEST_LOG);
    while (capacity <= place) capacity *= 2;
    if (capacity === this.states.length) return;
    const buffer = new ArrayBuffer(14 * capacity);
    this.times = grown(this.times, new Float64Array(buffer, 0, capacity));
    this.sizes = grown(this.sizes, new Uint32Array(buffer, 8 * capacity, capacity));
    this.states = grown(this.states, new Uint8Array(buffer, 12 * capacity, capacity));
    this.turns = grown(this.turns, new Uint8Array(buffer, 13 * capacity, capacity));
  }
}

function grown<T extends Uint8Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Each log as it was found before where it is the same, so that nothing is held twice. */
function sharedLogs(logs: readonly GrowingLog[], before: readonly ArchivedLog[] = []): readonly ArchivedLog[] {
  const known = new Map(before.map((one) => [one.log, one]));
  const bytes = ({ times }: ArchivedLog): Uint8Array => new Uint8Array(times.buffer);
  return logs.map((log) => {
    const old = known.get(log.log);
    return old !== undefined && Buffer.compare(bytes(old), bytes(log)) === 0 ? old : log;
  });
}

/** The index of the storage whose object counts at a place of a log. */
export function storageAt({ turns }: ArchivedLog, place: number): number {
  return (turns[place] ?? 0) % TURNS_WITH_SUFFIX;
}

/** Collects what `st ls wal_005/` lists: about 16 bytes for each segment, whatever the order. */
export function createArchiveBuilder(): ArchiveBuilder {
  /** By the first sixteen digits of their segments' names. */
  const logs = new Map<string, GrowingLog>();
  const histories = new Map<number, HistoryFile>();
  const emptyObjects: EmptyObject[] = [];
  let [bytes, objects] = [0, 0];

  function logOf(digits: string): GrowingLog {
    let log = logs.get(digits);
    if (log === undefined) logs.set(detach(digits), log = new GrowingLog(digits));
    return log;
  }

  /**
   * `wal-fetch` asks each storage for a name with a suffix, and only then each for the name alone; of several in one
   * storage, an object with bytes in it counts.
   */
  function addSegment(
    { storage, time, size }: ListedObject,
    { state, hasSuffix }: { readonly state: number; readonly hasSuffix: boolean },
    log: GrowingLog,
    place: number,
  ): void {
    log.reserve(place);
    const turn = Math.min(storage, TURNS_WITH_SUFFIX - 1) + (hasSuffix ? 0 : TURNS_WITH_SUFFIX);
    const knownTurn = log.turns[place] ?? 0;
    const known = log.states[place] ?? NOTHING;
    // A copy that was made later does not make it archived later.
    const firstTime = isThere(known) ? Math.min(log.times[place] ?? time, time) : time;
    // The lower state is the better one.
    if (known !== NOTHING && (knownTurn < turn || (knownTurn === turn && known <= state))) {
      if (isThere(known) && state !== EMPTY) log.times[place] = firstTime;
      return;
    }
    log.states[place] = state;
    log.times[place] = firstTime;
    log.sizes[place] = Math.min(size, LARGEST_SIZE);
    log.turns[place] = turn;
  }

  function addHistory({ name, size, time, storage }: ListedObject): void {
    const timeline = parseInt(name.slice(0, 8), 16);
    const known = histories.get(timeline);
    if (timeline === 0 || (known !== undefined && (known.size > 0 || size === 0))) return;
    histories.set(timeline, { timeline, name: detach(name), size, time, storage });
  }

  /** The logs of each timeline, both ascending. */
  function byTimeline(): ReadonlyMap<number, readonly GrowingLog[]> {
    const ordered = [...logs.values()].sort((a, b) => a.timeline - b.timeline || a.log - b.log);
    return Map.groupBy(ordered, ({ timeline }) => timeline);
  }

  return {
    add(object) {
      const { name, size } = object;
      if (object.isFolder) return;
      bytes += size;
      objects++;
      const [, digits, last = "", suffix] = SEGMENT.exec(name) ?? [];
      if (digits === undefined) {
        if (HISTORY.test(name)) addHistory(object);
        return;
      }
      const place = parseInt(last, 16);
      if (digits.startsWith("00000000") || place >= MOST_PER_LOG) return;
      const state = size === 0 ? EMPTY : suffix === undefined ? PLAIN : STORED;
      const log = logOf(digits);
      addSegment(object, { state, hasSuffix: suffix !== undefined }, log, place);
      if (state !== EMPTY || emptyObjects.length >= MOST_EMPTY) return;
      emptyObjects.push({ timeline: log.timeline, name: detach(name), storage: object.storage });
    },
    timelines: () => [...byTimeline().keys()],
    histories: () => new Map([...histories].sort(([a], [b]) => a - b)),
    build(facts) {
      const timelines = new Map<number, ArchivedTimeline>();
      let newestSegmentTime: number | undefined;
      for (const [timeline, logs] of byTimeline()) {
        let [segments, bytes, newestTime] = [0, 0, -Infinity];
        for (const log of logs) {
          const held = heldBy(log);
          segments += held.segments;
          bytes += held.bytes;
          newestTime = Math.max(newestTime, held.newestTime);
        }
        const kept = sharedLogs(logs, facts.before?.timelines.get(timeline)?.logs);
        timelines.set(timeline, { timeline, segments, bytes, ...(segments > 0 && { newestTime }), logs: kept });
        if (segments > 0) newestSegmentTime = Math.max(newestSegmentTime ?? -Infinity, newestTime);
      }
      return {
        source: "listing",
        time: facts.time,
        storages: facts.storages,
        unlisted: facts.unlisted ?? [],
        timelines,
        parents: parentsOf(facts.shown, facts.read ?? []),
        histories: this.histories(),
        emptyObjects,
        bytes,
        objects,
        ...(newestSegmentTime !== undefined && { newestSegmentTime }),
      };
    },
  };
}

/** What one log holds; a function of its own, so that V8 optimizes it. */
function heldBy({ states, sizes, times }: ArchivedLog): { segments: number; bytes: number; newestTime: number } {
  let [segments, bytes, newestTime] = [0, 0, -Infinity];
  for (let place = 0; place < states.length; place++) {
    if (!isThere(states[place] ?? NOTHING)) continue;
    segments++;
    bytes += sizes[place] ?? 0;
    newestTime = Math.max(newestTime, times[place] ?? -Infinity);
  }
  return { segments, bytes, newestTime };
}

function isThere(state: number): boolean {
  return state === STORED || state === PLAIN;
}

/** The archive as WAL-G 1.1, which has no `st`, can show it: without times, bytes and history files. */
export function archiveFromWalShow(shown: readonly ShownTimeline[], time: number): WalArchive {
  const timelines = new Map<number, ArchivedTimeline>();
  for (const entry of [...shown].sort((a, b) => a.timeline - b.timeline)) {
    const { timeline, segments } = entry;
    timelines.set(timeline, { timeline, segments, logs: [], shown: entry });
  }
  return {
    source: "wal-show",
    time,
    storages: [],
    unlisted: [],
    timelines,
    parents: parentsOf(shown, []),
    histories: new Map(),
    emptyObjects: [],
  };
}

/** A text that changes with every timeline and history file: when it changes, wal-show must be asked again. */
export function archiveShape({ timelines, histories }: Pick<ArchiveBuilder, "timelines" | "histories">): string {
  const files = [...histories().values()].map(({ name, size, time }) => `${name} ${size} ${time}`);
  return [timelines().join(" "), ...files].join("\n");
}

/**
 * The `.history` objects to read with `st cat wal_005/NAME --decompress`: of timelines that wal-show leaves out, or whose
 * parent it does not name (it looks at the first storage only).
 */
export function historiesToRead(
  histories: ReadonlyMap<number, HistoryFile>,
  shown: readonly ShownTimeline[],
): readonly HistoryFile[] {
  const reported = new Set(shown.filter(({ parent }) => parent > 0).map(({ timeline }) => timeline));
  return [...histories.values()].filter(({ timeline, size }) => timeline > 1 && size > 0 && !reported.has(timeline));
}

function parentsOf(shown: readonly ShownTimeline[], read: readonly HistoryLine[]): ReadonlyMap<number, Parent> {
  const parents = new Map<number, Parent>();
  for (const { timeline, parent, switchLsn } of [...shown, ...read]) {
    // A timeline's number is above its parent's: anything else is not a history.
    if (parent > 0 && parent < timeline) parents.set(timeline, { timeline: parent, switchLsn });
  }
  return parents;
}

/** Where a timeline left its parent, as the last line of its `.history` file says. */
export interface HistoryLine {
  readonly timeline: number;
  readonly parent: number;
  readonly switchLsn: Lsn;
}

/** Parent, LSN and reason, as PostgreSQL writes and reads them. */
const LINE = /^\s*(\d{1,10})\s+([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})(?:\s.*)?$/;

/**
 * Reads a `.history` file as `wal-g st cat` prints it.
 *
 * @param timeline whose file it is
 * @returns undefined where it names no parent, as an empty one does
 * @throws DecodeError with the line that is not a history's
 */
export function decodeHistory(timeline: number, text: string): HistoryLine | undefined {
  let last: HistoryLine | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const content = line.replace(/\r$/, "");
    if (/^\s*(#.*)?$/.test(content)) continue;
    const [, parent, high, low] = LINE.exec(content) ?? [];
    const id = Number(parent);
    if (high === undefined || low === undefined || id === 0 || id >= timeline || id <= (last?.parent ?? 0)) {
      const found = JSON.stringify(content.slice(0, 60));
      throw new DecodeError(
        `the history of timeline ${timeline}, line ${index + 1}: expected a parent, found ${found}`,
      );
    }
    last = { timeline, parent: id, switchLsn: lsnOf(high, low) };
  }
  return last;
}
