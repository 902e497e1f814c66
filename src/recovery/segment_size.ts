import type { Backup } from "../walg/backup_list.ts";
import { DEFAULT_SEGMENT_SIZE, parseSegment, type Segment } from "../walg/segment.ts";

const SMALLEST = 1024 * 1024;
const LARGEST = 1024 * 1024 * 1024;
/** How many backups are looked at: as many as it takes to be sure. */
const MOST_ASKED = 500;
const NAME = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})$/;

/** 1 MiB, 2 MiB … 1 GiB: the sizes that `initdb --wal-segsize` takes, in bytes. */
export const SEGMENT_SIZES: readonly number[] = Array.from(
  { length: Math.log2(LARGEST / SMALLEST) + 1 },
  (_, doublings) => SMALLEST * 2 ** doublings,
);

/**
 * The cluster's segment size in bytes: the one for which most backups started in the file that WAL-G names.
 *
 * 16 MiB where it is among the best (a backup in the first segment of a log fits many sizes) and without backups; else
 * the smallest of the best.
 */
export function inferSegmentSize(backups: readonly Backup[]): number {
  const agreeing = new Float64Array(SEGMENT_SIZES.length);
  const step = Math.ceil(backups.length / MOST_ASKED);
  for (let nth = 0; nth < backups.length; nth += step) {
    const { walFile = "", startLsn = 0n } = backups[nth] ?? {};
    const [, log, place] = NAME.exec(walFile) ?? [];
    if (log === undefined || place === undefined || parseInt(log, 16) !== Number(startLsn >> 32n)) continue;
    const [low, index] = [Number(startLsn & 0xffff_ffffn), parseInt(place, 16)];
    for (const [at, size] of SEGMENT_SIZES.entries()) {
      if (Math.floor(low / size) === index) agreeing[at] = (agreeing[at] ?? 0) + 1;
    }
  }
  const most = Math.max(...agreeing);
  const best = SEGMENT_SIZES.filter((_, at) => agreeing[at] === most);
  return best.find((size) => size === DEFAULT_SEGMENT_SIZE) ?? best[0] ?? DEFAULT_SEGMENT_SIZE;
}

/** The timeline and the log of a WAL file name, which neighbours share. */
const PREFIX_LENGTH = 16;

/**
 * {@link parseSegment} for many names in a row, several times as fast: what neighbours share is read once.
 *
 * @param size segment size in bytes
 */
export function segmentReader(size: number): (name: string) => Segment | undefined {
  const perLog = 0x1_0000_0000 / size;
  let prefix = "";
  let log: Segment | undefined;
  return (name) => {
    if (log === undefined || !name.startsWith(prefix)) {
      prefix = name.slice(0, PREFIX_LENGTH);
      log = parseSegment(`${prefix}00000000`, size);
    }
    const place = placeInLog(name);
    return log === undefined || place >= perLog ? undefined : { timeline: log.timeline, number: log.number + place };
  };
}

/** The last eight hex digits of a WAL file name; Infinity where that is no such name. */
function placeInLog(name: string): number {
  if (name.length !== PREFIX_LENGTH + 8) return Infinity;
  let place = 0;
  for (let at = PREFIX_LENGTH; at < name.length; at++) {
    const code = name.charCodeAt(at);
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x41 && code <= 0x46 ? code - 0x37 : Infinity;
    place = place * 16 + digit;
  }
  return place;
}
