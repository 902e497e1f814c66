import type { Backup } from "../walg/backup_list.ts";
import { DEFAULT_SEGMENT_SIZE } from "../walg/segment.ts";

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
