/** One row of the table that `wal-g st ls` prints. */
export interface ListedObject {
  /** Which table it stands in, from 0: with `-t all` there is one for each storage. */
  readonly storage: number;
  /** True for a folder (`dir`), which has neither size nor time. */
  readonly isFolder: boolean;
  /** Bytes. */
  readonly size: number;
  /** When it was last changed: Unix milliseconds, rounded down. */
  readonly time: number;
  /** Without a leading `/`. A slice of the whole chunk: {@link detach} it before it is kept. */
  readonly name: string;
}

/** Thrown for output that is not the table of `wal-g st ls`; its message says on which line and what was found. */
export class ListingError extends Error {
  override readonly name = "ListingError";
}

/** Reads a listing chunk by chunk, as the command prints it. */
export interface ListingParser {
  /**
   * Reads the next bytes.
   *
   * @throws ListingError
   */
  push(chunk: Uint8Array): void;
  /**
   * Says that nothing follows.
   *
   * @returns how many tables there were, at least one
   * @throws ListingError where the output is cut off or holds no table
   */
  end(): number;
}

/** Where the columns of a table begin: the writer aligns all its rows. */
interface Columns {
  readonly size: number;
  readonly time: number;
  readonly name: number;
}

const HEADER = /^type +size +last modified +name *$/;
/** Characters; no storage takes a name that long. */
const LONGEST_LINE = 8192;
const SPACE = 32;
const ZERO = 48;
const SLASH = 47;
const DOT = 46;

/**
 * A parser of `wal-g st ls`, with or without `-r` and `-t all`, that holds no more than the line it is in.
 *
 * @param onObject is called for each row, in order
 */
export function createListingParser(onObject: (object: ListedObject) => void): ListingParser {
  const decoder = new TextDecoder();
  const readTime = timeReader();
  let rest = "";
  let line = 0;
  let storage = -1;
  let columns: Columns | undefined;

  const fail = (expected: string, found: string): never => {
    throw new ListingError(`line ${line}: expected ${expected}, found ${JSON.stringify(found.slice(0, 60))}`);
  };

  function readLine(text: string, from: number, to: number): void {
    line++;
    // Only a header begins with a 't': rows begin with 'obj' or 'dir'.
    if (columns === undefined || text.charCodeAt(from) === 0x74) {
      const header = text.slice(from, to);
      if (!HEADER.test(header)) fail("the header 'type size last modified name'", header);
      columns = { size: header.indexOf("size"), time: header.indexOf("last"), name: header.indexOf("name") };
      storage++;
      return;
    }
    const isFolder = text.startsWith("dir ", from);
    if (!isFolder && !text.startsWith("obj ", from)) fail("a row of the table", text.slice(from, to));
    const size = readSize(text, from + columns.size, from + columns.time);
    if (size < 0) fail("a size in bytes", text.slice(from, to));
    const time = readTime(text, from + columns.time, from + columns.name);
    if (time === undefined) fail("a time such as '2026-11-26 15:12:22.2 +0000 UTC'", text.slice(from, to));
    let start = from + columns.name;
    if (text.charCodeAt(start) === SLASH) start++;
    let end = to;
    while (end > start && text.charCodeAt(end - 1) === SPACE) end--;
    if (end <= start) fail("a name", text.slice(from, to));
    onObject({ storage, isFolder, size, time: time ?? 0, name: text.slice(start, end) });
  }

  return {
    push(chunk) {
      const text = rest + decoder.decode(chunk, { stream: true });
      let from = 0;
      for (let to = text.indexOf("\n"); to >= 0; to = text.indexOf("\n", from)) {
        readLine(text, from, to);
        from = to + 1;
      }
      rest = text.slice(from);
      if (rest.length > LONGEST_LINE) {
        line++;
        fail("a row of the table", rest);
      }
    },
    end() {
      rest += decoder.decode();
      if (rest !== "") throw new ListingError(`it is cut off on line ${line + 1}: the last line does not end`);
      if (columns === undefined) throw new ListingError("expected a table, found nothing");
      return storage + 1;
    },
  };
}

/** Digits up to a blank, then blanks; -1 for anything else. */
function readSize(text: string, from: number, to: number): number {
  let at = from;
  let size = 0;
  for (; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) break;
    size = size * 10 + digit;
  }
  if (at === from || at === to) return -1;
  for (; at < to; at++) if (text.charCodeAt(at) !== SPACE) return -1;
  return size;
}

const MINUTE = 60_000;

/** Reads times as Go's `time.Time.String` writes them; neighbours mostly share their day. */
function timeReader(): (text: string, from: number, to: number) => number | undefined {
  let day = "";
  let dayStart = 0;
  return (text, from, to) => {
    if (day === "" || !text.startsWith(day, from)) {
      const found = text.slice(from, from + 10);
      const start = Date.parse(`${found}T00:00:00Z`);
      if (!/^\d{4}-\d\d-\d\d$/.test(found) || Number.isNaN(start)) return undefined;
      // Date.parse takes 31 February for 3 March.
      if (new Date(start).toISOString().slice(0, 10) !== found) return undefined;
      [day, dayStart] = [detach(found), start];
    }
    const hours = twoDigits(text, from + 11);
    const minutes = twoDigits(text, from + 14);
    const seconds = twoDigits(text, from + 17);
    const marks = text.charCodeAt(from + 10) === SPACE && text[from + 13] === ":" && text[from + 16] === ":";
    if (!marks || !(hours < 24 && minutes < 60 && seconds < 61)) return undefined;
    let at = from + 19;
    let fraction = 0;
    if (text.charCodeAt(at) === DOT) {
      const start = ++at;
      for (let unit = 100; at < to; at++, unit /= 10) {
        const digit = text.charCodeAt(at) - ZERO;
        if (digit < 0 || digit > 9) break;
        if (unit >= 1) fraction += digit * unit;
      }
      if (at === start || at - start > 9) return undefined;
    }
    const sign = text[at + 1];
    const offset = twoDigits(text, at + 2) * 60 + twoDigits(text, at + 4);
    const after = text.charCodeAt(at + 6);
    if (text.charCodeAt(at) !== SPACE || (sign !== "+" && sign !== "-") || !(offset < 24 * 60)) return undefined;
    if (after !== SPACE || at + 6 >= to || text.charCodeAt(to - 1) !== SPACE) return undefined;
    const local = dayStart + hours * 60 * MINUTE + minutes * MINUTE + seconds * 1000 + fraction;
    return sign === "+" ? local - offset * MINUTE : local + offset * MINUTE;
  };
}

/** NaN where no two digits stand there. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - ZERO, text.charCodeAt(at + 1) - ZERO];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

const encoder = new TextEncoder();
const copier = new TextDecoder();

/** A copy that does not keep the long text alive of which a name is a slice. */
export function detach(text: string): string {
  return copier.decode(encoder.encode(text));
}

/** The storages that `-t all` listed, in the order of their tables: it names each on stderr. */
export function storageNames(stderr: string): readonly string[] {
  return [...stderr.matchAll(/^INFO: \S+ \S+ storage (\S+)\s*$/gm)].map(([, name]) => name ?? "");
}
