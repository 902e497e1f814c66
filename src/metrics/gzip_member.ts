import { crc32 } from "node:zlib";
import { joined, lengthOf, type Pieces } from "../base/bytes.ts";
import type { Fragment } from "./fragment.ts";

/** What a gzip member begins with: deflate, no name, no time, any system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const TRAILER_LENGTH = 8;
/** A last block of deflate that holds its bytes as they are: a byte, the length and its complement. */
const STORED_LENGTH = 5;

/** The checksum and length of an exposition's cached part, to be carried on per scrape. */
export interface Checksum {
  readonly crc: number;
  readonly length: number;
}

/** The checksum after another fragment; the first and longest one brings its own. */
export function extend({ crc, length }: Checksum, fragment: Fragment): Checksum {
  return {
    crc: length === 0 ? fragment.crc : fragment.plain.reduce((sum, piece) => crc32(piece, sum), crc),
    length: length + lengthOf(fragment.plain),
  };
}

/** Nothing yet. */
export const EMPTY: Checksum = { crc: 0, length: 0 };

/** What a gzip member of these fragments begins with, in pieces. */
export function gzipHead(fragments: readonly Fragment[]): Pieces {
  // A piece of ten bytes would cost its readers a turn of its own.
  const [first, ...rest] = fragments.flatMap(({ deflated }) => deflated);
  return first === undefined ? [HEADER] : [joined([HEADER, first]), ...rest];
}

/** The same, not compressed. */
export function plainHead(fragments: readonly Fragment[]): Pieces {
  return fragments.flatMap(({ plain }) => plain);
}

/**
 * What the member ends with: a tail that is made per scrape (at most 64 KiB), and the trailer over all of it. The tail
 * is stored uncompressed: it is short, and compressing it would cost more than all else of a scrape.
 */
export function gzipEnd(cached: Checksum, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = new Uint8Array(STORED_LENGTH + tail.length + TRAILER_LENGTH);
  const view = new DataView(end.buffer);
  view.setUint8(0, 1);
  view.setUint16(1, tail.length, true);
  view.setUint16(3, ~tail.length & 0xffff, true);
  end.set(tail, STORED_LENGTH);
  const trailer = STORED_LENGTH + tail.length;
  view.setUint32(trailer, crc32(tail, cached.crc), true);
  view.setUint32(trailer + 4, (cached.length + tail.length) % 2 ** 32, true);
  return end;
}
