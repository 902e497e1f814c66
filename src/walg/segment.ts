/** A position in the write-ahead log, in bytes: PostgreSQL's pg_lsn, an unsigned 64-bit number. */
export type Lsn = bigint;

const LOW_HALF = 0xffff_ffffn;

/** The LSN whose two 32-bit halves these hexadecimal digits are. */
export function lsnOf(high: string, low: string): Lsn {
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** `%X/%X` of the two 32-bit halves, as PostgreSQL and WAL-G print an LSN. */
export function formatLsn(lsn: Lsn): string {
  const halves = [lsn >> 32n & LOW_HALF, lsn & LOW_HALF];
  return halves.map((half) => half.toString(16).toUpperCase()).join("/");
}

/** The segment size of a cluster that was made without `--wal-segsize`, in bytes. */
export const DEFAULT_SEGMENT_SIZE = 16 * 1024 * 1024;

/** Bytes of WAL whose segments share the first sixteen digits of their names. */
export const LOG_SIZE = 0x1_0000_0000;
const NAME = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/;

/** A WAL segment's place: its timeline and its number since the start of the log. */
export interface Segment {
  readonly timeline: number;
  /** The segment's number: the LSN of its first byte divided by the segment size. */
  readonly number: number;
}

/**
 * Reads a WAL file name such as `00000002000000000000000A`.
 *
 * @param size segment size in bytes
 * @returns undefined when it is not the name of a segment of that size
 */
export function parseSegment(name: string, size: number): Segment | undefined {
  const [, timeline, log, index] = NAME.exec(name) ?? [];
  if (timeline === undefined || log === undefined || index === undefined) return undefined;
  const perLog = LOG_SIZE / size;
  const place = parseInt(index, 16);
  if (place >= perLog) return undefined;
  return { timeline: parseInt(timeline, 16), number: parseInt(log, 16) * perLog + place };
}

/** The WAL file name of a segment: timeline, log and place in the log, eight hex digits each. */
export function formatSegment({ timeline, number }: Segment, size: number): string {
  const perLog = LOG_SIZE / size;
  const parts = [timeline, Math.floor(number / perLog), number % perLog];
  return parts.map((part) => part.toString(16).toUpperCase().padStart(8, "0")).join("");
}

/** The number of the segment that holds the byte at `lsn`. */
export function segmentNumberAt(lsn: Lsn, size: number): number {
  return Number(lsn / BigInt(size));
}

/** A timeline as WAL file names spell it: `%08x`, in lower case as WAL-G's exporter does. */
export function timelineHex(timeline: number): string {
  return timeline.toString(16).padStart(8, "0");
}

/** The timeline and the log of a WAL file name, which neighbours share. */
const PREFIX_LENGTH = 16;

/**
 * {@link parseSegment} for many names in a row, several times as fast: what neighbours share is read once.
 *
 * @param size segment size in bytes
 */
export function segmentReader(size: number): (name: string) => Segment | undefined {
  const perLog = LOG_SIZE / size;
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
