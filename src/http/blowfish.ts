import { PI_FRACTION } from "./blowfish_pi.ts";

/** Key-dependent tables of Blowfish: 18 subkeys, then four S-boxes of 256 words. */
export interface Blowfish {
  readonly p: Int32Array;
  readonly s: Int32Array;
}

/** Words in the subkey table; a key is as many 32-bit words, repeated as needed. */
export const SUBKEYS = 18;

/** The tables before any key: the binary fraction of π. */
export function initialTables(): Blowfish {
  const bytes = new DataView(Uint8Array.from(atob(PI_FRACTION), (byte) => byte.charCodeAt(0)).buffer);
  const words = Int32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getInt32(i * 4));
  return { p: words.slice(0, SUBKEYS), s: words.slice(SUBKEYS) };
}

/** A copy of tables that {@link expandKey} may change. */
export function copyTables({ p, s }: Blowfish): Blowfish {
  return { p: p.slice(), s: s.slice() };
}

/** Enciphers the block in `block[0]` and `block[1]`, in place. */
export function encipher({ p, s }: Blowfish, block: Int32Array): void {
  let left = word(block, 0);
  let right = word(block, 1);
  for (let i = 0; i < 16; i += 2) {
    left ^= word(p, i);
    right ^= round(s, left);
    right ^= word(p, i + 1);
    left ^= round(s, right);
  }
  block[0] = right ^ word(p, 17);
  block[1] = left ^ word(p, 16);
}

/** Mixes a key of 18 words into the tables; `salt` (4 words) goes into each block before it is enciphered. */
export function expandKey(tables: Blowfish, key: Int32Array, salt: Int32Array): void {
  const { p, s } = tables;
  for (let i = 0; i < SUBKEYS; i++) p[i] = word(p, i) ^ word(key, i);
  const block = new Int32Array(2);
  let half = 0;
  for (const table of [p, s]) {
    for (let i = 0; i < table.length; i += 2) {
      block[0] = word(block, 0) ^ word(salt, half);
      block[1] = word(block, 1) ^ word(salt, half + 1);
      half ^= 2;
      encipher(tables, block);
      table[i] = word(block, 0);
      table[i + 1] = word(block, 1);
    }
  }
}

function round(s: Int32Array, x: number): number {
  const sum = (word(s, x >>> 24) + word(s, 256 + (x >>> 16 & 255))) ^ word(s, 512 + (x >>> 8 & 255));
  return sum + word(s, 768 + (x & 255)) | 0;
}

// Every index here is in range; the compiler cannot know, and `| 0` costs nothing on a 32-bit word.
function word(words: Int32Array, i: number): number {
  return words[i] as number | 0;
}
