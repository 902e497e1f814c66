import { crc32 } from "node:zlib";
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

/** The checksum after another fragment. */
export function extend({ crc, length }: Checksum, fragment: Fragment): Checksum {
  return {
    crc: fragment.plain.reduce((sum, piece) => crc32(piece, sum), crc),
    length: fragment.plain.reduce((sum, piece) => sum + piece.length, length),
  };
}

/** Nothing yet. */
export const EMPTY: Checksum = { crc: 0, length: 0 };

/**
 * One gzip member of cached fragments and a tail that is made per scrape, in pieces: the fragments' own are not copied.
 * The tail (at most 64 KiB) is stored uncompressed: it is short, and compressing it would cost more than all else of a
 * scrape.
 */
export function gzipPieces(
  fragments: readonly Fragment[],
  cached: Checksum,
  tail: Uint8Array,
): readonly Uint8Array<ArrayBuffer>[] {
  const end = new Uint8Array(STORED_LENGTH + tail.length + TRAILER_LENGTH);
  const view = new DataView(end.buffer);
  view.setUint8(0, 1);
  view.setUint16(1, tail.length, true);
  view.setUint16(3, ~tail.length & 0xffff, true);
  end.set(tail, STORED_LENGTH);
  const trailer = STORED_LENGTH + tail.length;
  view.setUint32(trailer, crc32(tail, cached.crc), true);
  view.setUint32(trailer + 4, (cached.length + tail.length) % 2 ** 32, true);
  return [HEADER, ...fragments.flatMap(({ deflated }) => deflated), end];
}

/** The same, not compressed. */
export function plainPieces(
  fragments: readonly Fragment[],
  tail: Uint8Array<ArrayBuffer>,
): readonly Uint8Array<ArrayBuffer>[] {
  return [...fragments.flatMap(({ plain }) => plain), tail];
}

/** One array of them all. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
