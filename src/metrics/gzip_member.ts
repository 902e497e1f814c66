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
 * One gzip member of cached fragments and a tail that is made per scrape. The tail (at most 64 KiB) is stored
 * uncompressed: it is short, and compressing it would cost more than all else of a scrape.
 */
export function gzipMember(
  fragments: readonly Fragment[],
  cached: Checksum,
  tail: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const deflated = fragments.reduce((sum, fragment) => sum + size(fragment.deflated), 0);
  const body = new Uint8Array(HEADER.length + deflated + STORED_LENGTH + tail.length + TRAILER_LENGTH);
  const view = new DataView(body.buffer);
  body.set(HEADER);
  let at = HEADER.length;
  for (const { deflated } of fragments) {
    for (const piece of deflated) {
      body.set(piece, at);
      at += piece.length;
    }
  }
  view.setUint8(at, 1);
  view.setUint16(at + 1, tail.length, true);
  view.setUint16(at + 3, ~tail.length & 0xffff, true);
  at += STORED_LENGTH;
  body.set(tail, at);
  at += tail.length;
  view.setUint32(at, crc32(tail, cached.crc), true);
  view.setUint32(at + 4, (cached.length + tail.length) % 2 ** 32, true);
  return body;
}

/** The same, not compressed. */
export function plainBody(fragments: readonly Fragment[], cached: Checksum, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(cached.length + tail.length);
  let at = 0;
  for (const { plain } of fragments) {
    for (const piece of plain) {
      body.set(piece, at);
      at += piece.length;
    }
  }
  body.set(tail, at);
  return body;
}

function size(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
