import { isDay } from "../base/time.ts";

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

const HEADER = /^type +size +last modified +name *$/;
/** Kind, size, time as Go's `time.Time.String` writes it, and name; what does not fit is left out from there on. */
const ROW =
  /^(obj|dir) +(?:(\d+) +(?:(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) ([-+]\d\d)(\d\d) \S+ +\/?(.*))?)?/;
/** Characters; no storage takes a name that long. */
const LONGEST_LINE = 8192;

/**
 * A parser of `wal-g st ls`, with or without `-r` and `-t all`, that holds no more than the line it is in.
 *
 * @param onObject is called for each row, in order
 */
export function createListingParser(onObject: (object: ListedObject) => void): ListingParser {
  const decoder = new TextDecoder();
  let rest = "";
  let number = 0;
  let storage = -1;
  let day = "";

  const fail = (expected: string, found: string): never => {
    throw new ListingError(`line ${number}: expected ${expected}, found ${JSON.stringify(found.slice(0, 60))}`);
  };

  function readLine(line: string): void {
    number++;
    // Only a header begins with a 't': rows begin with 'obj' or 'dir'.
    if (storage < 0 || line.startsWith("t")) {
      if (!HEADER.test(line)) fail("the header 'type size last modified name'", line);
      storage++;
      return;
    }
    const [, kind, size, date = "", clock, hours, minutes, name = ""] = ROW.exec(line) ?? [];
    if (kind === undefined) return fail("a row of the table", line);
    if (size === undefined) return fail("a size in bytes", line);
    const time = Date.parse(`${date}T${clock}${hours}:${minutes}`);
    // Neighbours mostly share their day.
    if (Number.isNaN(time) || (date !== day && !isDay(date))) {
      return fail("a time such as '2026-11-26 15:12:22.2 +0000 UTC'", line);
    }
    day = date;
    const trimmed = name.replace(/ +$/, "");
    if (trimmed === "") fail("a name", line);
    onObject({ storage, isFolder: kind === "dir", size: Number(size), time, name: trimmed });
  }

  return {
    push(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(readLine);
      if (rest.length > LONGEST_LINE) {
        number++;
        fail("a row of the table", rest);
      }
    },
    end() {
      rest += decoder.decode();
      if (rest !== "") throw new ListingError(`it is cut off on line ${number + 1}: the last line does not end`);
      if (storage < 0) throw new ListingError("expected a table, found nothing");
      return storage + 1;
    },
  };
}

const encoder = new TextEncoder();
const copier = new TextDecoder();

/** A copy that does not keep the long text alive of which a name is a slice. */
export function detach(text: string): string {
  return copier.decode(encoder.encode(text));
}

/** What WAL-G calls its first storage, which commands take without `-t`. */
export const DEFAULT_STORAGE = "default";

/** What makes a `wal-g st` command act on a storage that is not the first one. */
export function storageArgs(storage: string | undefined): readonly string[] {
  return storage === undefined || storage === DEFAULT_STORAGE ? [] : ["-t", storage];
}

/** The storages that `-t all` listed, in the order of their tables: it names each on stderr. */
export function storageNames(stderr: string): readonly string[] {
  return [...stderr.matchAll(/^INFO: \S+ \S+ storage (\S+)\s*$/gm)].map(([, name]) => name ?? "");
}
