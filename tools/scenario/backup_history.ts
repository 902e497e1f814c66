import { DEFAULT_SEGMENT_SIZE, formatSegment } from "../../src/walg/segment.ts";
import type { Random } from "./random.ts";

const DAY_SLOTS = 24;
const HOUR = 3_600_000;
/** From so many backups on they are hourly, so that the history stays within a few years. */
const HOURLY_FROM = 500;

/** As many as daily backups have between them on average. */
const SEGMENTS_PER_HOUR = 13;

/** What a history of backups is made from. */
export interface HistoryOptions {
  readonly backups: number;
  /** The chance that a backup which is not the week's first one is a delta. */
  readonly deltas: number;
  /** The chance of a backup to be permanent; its ancestors are too, as WAL-G sees to. */
  readonly permanent: number;
  /** At least so many segments lie between two backups. */
  readonly minSegments: number;
  /** When the newest backup started: Unix milliseconds. */
  readonly end: number;
  /** Until when the cluster went on writing WAL after the newest backup: Unix milliseconds. */
  readonly now?: number;
  readonly timelines: 1 | 2;
  /** At most so many segments more than `minSegments` lie between two backups; 600, or 40 where they are hourly. */
  readonly spread?: number;
  /** The storages' names, the default one first. */
  readonly storages: readonly string[];
}

/** One backup, in the units of what WAL-G prints. */
export interface GeneratedBackup {
  readonly name: string;
  readonly walFile: string;
  /** The number of the segment it started in. */
  readonly segment: number;
  /** The number of the segment it finished in. */
  readonly endSegment: number;
  readonly timeline: number;
  readonly parent: GeneratedBackup | undefined;
  /** Unix milliseconds. */
  readonly startTime: number;
  readonly finishTime: number;
  readonly startLsn: number;
  readonly finishLsn: number;
  permanent: boolean;
  /** The storages that hold it. */
  storages: readonly string[];
  readonly uncompressedSize: number;
  readonly compressedSize: number;
}

/** Backups, oldest first, and the WAL they were taken from. */
export interface History {
  readonly backups: readonly GeneratedBackup[];
  /** The first segment of timeline 2; undefined with one timeline. */
  readonly switchSegment: number | undefined;
  /** The last segment that the server finished. */
  readonly lastSegment: number;
  /** When it finished that; undefined: soon after the newest backup. */
  readonly lastTime?: number | undefined;
}

interface Slot {
  readonly isFull: boolean;
  readonly parent: number;
  readonly segment: number;
  readonly endSegment: number;
}

/**
 * Backups in a rhythm of 7 days: a full one, then one delta a day on the one of the day before; from 500 backups on also
 * one an hour on the one of the hour before. With two timelines a promotion comes before a full backup, at about six
 * tenths of the history, or after the last backup where no full one follows.
 */
export function generateHistory(options: HistoryOptions, random: Random): History {
  const perDay = options.backups >= HOURLY_FROM ? DAY_SLOTS : 1;
  const { spread = perDay === 1 ? 600 : 40, storages } = options;
  const slots: Slot[] = [];
  let segment = random.integer(2, 300);
  for (let index = 0; index < options.backups; index++) {
    const isFull = index % (7 * perDay) === 0 || !random.chance(options.deltas);
    const parent = index % perDay === 0 ? index - perDay : index - 1;
    const endSegment = segment + random.integer(0, 2);
    slots.push({ isFull, parent, segment, endSegment });
    segment += Math.max(4, options.minSegments) + random.integer(0, spread);
  }
  const newest = slots.at(-1);
  if (newest === undefined) throw new RangeError("Cannot generate a scenario of 0 backups: at least 1 is needed");
  const since = Math.round(Math.max(0, (options.now ?? 0) - options.end) / HOUR * SEGMENTS_PER_HOUR);
  const lastSegment = newest.endSegment + Math.max(10, options.minSegments, since) + random.integer(0, 10);
  const promoted = slots.find(({ isFull }, index) => index > 0 && isFull && index >= options.backups * 0.6);
  const switchSegment = options.timelines === 1 ? undefined : promoted ? promoted.segment - 1 : newest.endSegment + 1;

  const backups: GeneratedBackup[] = [];
  for (const [index, slot] of slots.entries()) {
    const timeline = switchSegment !== undefined && slot.segment >= switchSegment ? 2 : 1;
    const walFile = formatSegment({ timeline, number: slot.segment }, DEFAULT_SEGMENT_SIZE);
    const parent = slot.isFull ? undefined : backups[slot.parent];
    const age = (options.backups - 1 - index) * (DAY_SLOTS / perDay) * HOUR;
    const startTime = options.end - age + (age === 0 ? 0 : random.integer(0, 90_000));
    const fullSize = Math.round(5e10 * (1 + index / options.backups) * (0.99 + random.next() / 50));
    const uncompressedSize = slot.isFull ? fullSize : Math.round(fullSize * (0.003 + random.next() * 0.04));
    backups.push({
      name: parent ? `base_${walFile}_D_${parent.walFile}` : `base_${walFile}`,
      walFile,
      segment: slot.segment,
      endSegment: slot.endSegment,
      timeline,
      parent,
      startTime,
      finishTime: startTime + random.integer(20_000, slot.isFull ? 2_400_000 : 400_000),
      startLsn: slot.segment * DEFAULT_SEGMENT_SIZE + 40,
      finishLsn: slot.endSegment * DEFAULT_SEGMENT_SIZE + 8 * random.integer(32, DEFAULT_SEGMENT_SIZE / 8 - 1),
      permanent: false,
      storages,
      uncompressedSize,
      compressedSize: Math.round(uncompressedSize * (0.22 + random.next() * 0.1)),
    });
  }
  for (const backup of backups) {
    if (!random.chance(options.permanent)) continue;
    for (let kept: GeneratedBackup | undefined = backup; kept; kept = kept.parent) kept.permanent = true;
  }
  for (const backup of storages.length > 1 ? backups : []) {
    const holders = storages.filter(() => random.chance(0.95));
    if (holders.length > 0) backup.storages = holders;
  }
  return { backups, switchSegment, lastSegment, lastTime: options.now };
}
