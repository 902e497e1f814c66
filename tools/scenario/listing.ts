/** One object of a storage. */
export interface StoredObject {
  readonly size: number;
  /** Unix milliseconds. */
  readonly modified: number;
  readonly name: string;
}

const PIECE = 1 << 16;
/** The digits of a size, the characters of a time with milliseconds. */
const [SIZE_WIDTH, TIME_WIDTH] = [11, "2026-11-26 15:12:22.212 +0000 UTC".length];

/**
 * What `wal-g st ls` prints of one storage, in pieces of some 64 KiB: however many objects there are, they are never held.
 *
 * @param longest the length of the longest name
 */
export function* printListing(objects: Iterable<StoredObject>, longest: number): Generator<string> {
  const header = `type ${"size".padEnd(SIZE_WIDTH)} ${"last modified".padEnd(TIME_WIDTH)} name\n`;
  let piece = header;
  let isEmpty = true;
  for (const { size, modified, name } of objects) {
    isEmpty = false;
    piece += `obj  ${String(size).padEnd(SIZE_WIDTH)} ${goTime(modified).padEnd(TIME_WIDTH)} ${
      name.padEnd(longest + 2)
    }\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield isEmpty ? "type size last modified name\n" : piece;
}

const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));
let lastDay = { day: NaN, text: "" };

/** Go's `2026-11-26 15:12:22.2 +0000 UTC`: many times faster than by a Date of each. */
export function goTime(time: number): string {
  const day = Math.floor(time / DAY_MS);
  if (day !== lastDay.day) lastDay = { day, text: new Date(time).toISOString().slice(0, 10) };
  const rest = time - day * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  const fraction = rest % 1000 === 0 ? "" : `.${String(rest % 1000).padStart(3, "0").replace(/0+$/, "")}`;
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${lastDay.text} ${TWO_DIGITS[h]}:${TWO_DIGITS[m]}:${TWO_DIGITS[s]}${fraction} +0000 UTC`;
}

/** Writes pieces of text to a file, the next one made only when the one before is written. */
export async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  using file = await Deno.create(path);
  const encoder = new TextEncoder();
  for (const piece of pieces) {
    const bytes = encoder.encode(piece);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  }
}
