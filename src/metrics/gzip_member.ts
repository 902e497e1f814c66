import { crc32 } from "node:zlib";
import { joined, lengthOf } from "../base/bytes.ts";
import type { Fragment } from "./fragment.ts";

/** What a gzip member begins with: deflate, no name, no time, any system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const TRAILER_LENGTH = 8;
/** A last block of deflate that holds its bytes as they are: a byte, the length and its complement. */
const STORED_LENGTH = 5;

/** The checksum (CRC-32) of what fragments hold, to be carried on per scrape. */
export function checksumOf(fragments: readonly Fragment[]): number {
  return fragments.flatMap(({ plain }) => plain).reduce((sum, piece) => crc32(piece, sum), 0);
}

/**
 * A gzip member of fragments, whose checksum is known, and of a tail that is made per scrape (at most 64 KiB). The tail
 * is stored uncompressed: it is short, and compressing it would cost more than all else of a scrape.
 */
export function gzipMember(
  fragments: readonly Fragment[],
  checksum: number,
  tail: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const end = new Uint8Array(STORED_LENGTH + tail.length + TRAILER_LENGTH);
  const view = new DataView(end.buffer);
  view.setUint8(0, 1);
  view.setUint16(1, tail.length, true);
  view.setUint16(3, ~tail.length & 0xffff, true);
  end.set(tail, STORED_LENGTH);
  const trailer = STORED_LENGTH + tail.length;
  const length = fragments.reduce((sum, { plain }) => sum + lengthOf(plain), tail.length);
  view.setUint32(trailer, crc32(tail, checksum), true);
  view.setUint32(trailer + 4, length % 2 ** 32, true);
  return joined([HEADER, ...fragments.map(({ deflated }) => deflated), end]);
}
