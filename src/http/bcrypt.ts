import { type Blowfish, copyTables, encipher, expandKey, initialTables, SUBKEYS } from "./blowfish.ts";

/** How the work of {@link comparePassword} is spread over the event loop. */
export interface SliceOptions {
  /** Milliseconds of work at a stretch; default 3. */
  readonly slice?: number;
  /** Gives the event loop its turn; by default for as long as a slice, so that half of a core stays free. */
  readonly rest?: () => Promise<void>;
}

const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$([./A-Za-z0-9]{21}[.Oeu])([./A-Za-z0-9]{30}[.CGKOSWaeimquy26])$/;
const NO_SALT = new Int32Array(4);
let pristine: Blowfish | undefined;

/** The cost (4 to 31) of a bcrypt hash (`$2a$`, `$2b$`, `$2y$`); undefined when the text is no such hash. */
export function bcryptCost(hash: string): number | undefined {
  const [, cost] = HASH.exec(hash) ?? [];
  return cost === undefined ? undefined : Number(cost);
}

/**
 * Whether a password fits a bcrypt hash. As everywhere, only its first 72 bytes count.
 *
 * bcryptjs works for 100 ms at a stretch, which under a flood of guesses delays scrapes by half a second; hence our own.
 * Throws a RangeError if `hash` is not a bcrypt hash.
 */
export async function comparePassword(password: string, hash: string, options: SliceOptions = {}): Promise<boolean> {
  const { slice = 3, rest = () => sleep(slice) } = options;
  const [, cost, saltText, expected] = HASH.exec(hash) ?? [];
  if (saltText === undefined || expected === undefined) {
    throw new RangeError("Cannot compare a password: no bcrypt hash");
  }
  // First of all a rest: many short runs in a row must not make a long one.
  await rest();
  const key = keyWords(new TextEncoder().encode(password + "\0"));
  const salt = bigEndianWords(decodeBase64(saltText), 4);
  const saltKey = Int32Array.from({ length: SUBKEYS }, (_, i) => salt[i % 4] ?? 0);
  const tables = copyTables(pristine ??= initialTables());
  expandKey(tables, key, salt);
  let until = performance.now() + slice;
  for (let left = 2 ** Number(cost); left > 0; left--) {
    expandKey(tables, key, NO_SALT);
    expandKey(tables, saltKey, NO_SALT);
    if (performance.now() < until) continue;
    await rest();
    until = performance.now() + slice;
  }
  return sameBytes(magicText(tables), decodeBase64(expected));
}

// The text that bcrypt enciphers 64 times; of the 24 bytes it keeps 23.
function magicText(tables: Blowfish): Uint8Array {
  const words = bigEndianWords(new TextEncoder().encode("OrpheanBeholderScryDoubt"), 6);
  const bytes = new DataView(new ArrayBuffer(24));
  for (let i = 0; i < 6; i += 2) {
    const block = words.slice(i, i + 2);
    for (let n = 0; n < 64; n++) encipher(tables, block);
    block.forEach((word, k) => bytes.setInt32((i + k) * 4, word));
  }
  return new Uint8Array(bytes.buffer, 0, 23);
}

function keyWords(bytes: Uint8Array): Int32Array {
  return bigEndianWords(Uint8Array.from({ length: SUBKEYS * 4 }, (_, i) => bytes[i % bytes.length] ?? 0), SUBKEYS);
}

function bigEndianWords(bytes: Uint8Array, length: number): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length }, (_, i) => view.getInt32(i * 4));
}

// bcrypt's base64: its own alphabet, most significant bits first, no padding.
function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 6 >> 3);
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const character of text) {
    bits = (bits << 6 | ALPHABET.indexOf(character)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = bits >> count;
  }
  return bytes;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  a.forEach((byte, i) => difference |= byte ^ (b[i] ?? 0));
  return difference === 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
