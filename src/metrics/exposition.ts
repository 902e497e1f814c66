import { joined, lengthOf, type Pieces } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { counter, type Family, gauge } from "../base/family.ts";
import type { ProcessFigures } from "../base/host.ts";
import { type Check, checkOf, type Format, type Fragment, gzipEnd, gzipStart, headerOf } from "./fragment.ts";

/** One part of the exposition, rendered once for many scrapes. */
export interface Part extends PartTerms {
  /** The same one twice where the formats do not differ. */
  readonly fragments: Readonly<Record<Format, Fragment>>;
}

/** What of a part depends on when it is scraped. */
export interface PartTerms {
  /** Its series that change with time, at a moment in Unix milliseconds. */
  readonly live: ((now: number) => readonly Family[]) | undefined;
  /** After when it is no longer shown: monotonic milliseconds; undefined for never. */
  readonly expires: number | undefined;
}

/** What a scrape is answered from. */
export interface Exposition {
  /** Puts these parts in the place of those shown before. */
  show(parts: readonly Part[]): void;
  /** The body of a scrape, in pieces that most bodies share: they must not be written to. */
  pieces(format: Format, gzip: boolean): Pieces;
  /** The body of a scrape, whole. */
  body(format: Format, gzip: boolean): Uint8Array<ArrayBuffer>;
}

/** Options of {@link createExposition}. */
export interface ExpositionOptions {
  readonly clock: Clock;
  /** More series that are made per scrape. */
  readonly moreSeries: () => readonly Family[];
}

/** What changes from scrape to scrape: the same for all formats, as no counter may fall between two of them. */
interface Tail {
  /** Unix milliseconds. */
  readonly time: number;
  readonly series: readonly Family[];
  readonly bodies: Map<string, Pieces>;
}

/** What stands before the tail. */
interface Head {
  readonly pieces: Pieces;
  /** Of a gzip member only. */
  readonly check: Check | undefined;
}

/** How long a body serves, milliseconds: a flood of scrapes does not fill the memory with bodies. */
const CACHE_TIME_MS = 10;

/** An exposition that has nothing to show yet. */
export function createExposition({ clock, moreSeries }: ExpositionOptions): Exposition {
  let all: readonly Part[] = [];
  // Those that have not expired.
  let shown: readonly Part[] = [];
  let heads = new Map<string, Head>();
  let tail: Tail | undefined;

  function use(parts: readonly Part[]): void {
    shown = parts;
    heads = new Map();
    tail = undefined;
  }

  function tailNow(): Tail {
    const time = clock.now();
    const age = tail === undefined ? NaN : time - tail.time;
    if (tail !== undefined && age >= 0 && age < CACHE_TIME_MS) return tail;
    const monotonic = clock.monotonic();
    const alive = all.filter(({ expires = Infinity }) => monotonic <= expires);
    if (alive.length !== shown.length) use(alive);
    const series = [...shown.flatMap(({ live }) => live?.(time) ?? []), ...moreSeries()];
    return tail = { time, series, bodies: new Map() };
  }

  function pieces(format: Format, gzip: boolean): Pieces {
    const { series, bodies } = tailNow();
    const key = `${format} ${gzip}`;
    const known = bodies.get(key);
    if (known !== undefined) return known;
    const { pieces, check } = headOf(key, format, gzip);
    const text = encoder.encode(renderLive(series, format));
    const made = withLongEnd([...pieces, check === undefined ? text : gzipEnd(check, text)]);
    bodies.set(key, made);
    return made;
  }

  function headOf(key: string, format: Format, gzip: boolean): Head {
    const known = heads.get(key);
    if (known !== undefined) return known;
    const fragments = shown.map((part) => part.fragments[format]);
    const plain = fragments.flatMap((fragment) => fragment.plain);
    const head: Head = gzip
      ? { pieces: [joined(gzipStart(fragments))], check: checkOf(plain) }
      : { pieces: inLongPieces(plain), check: undefined };
    heads.set(key, head);
    return head;
  }

  return {
    show(parts) {
      all = parts;
      use(parts);
    },
    pieces,
    body: (format, gzip) => joined(pieces(format, gzip)),
  };
}

const encoder = new TextEncoder();

/** How long the last piece of a long body is at least, bytes. */
const LAST_PIECE = 128 * 1024;

/**
 * The pieces with their end joined, so that the last few bytes are not sent by themselves: the server would hold them
 * back until the reader has acknowledged all before them, which takes 40 ms. What comes before is shared, not copied: a
 * long body of each scrape's own outlives what V8 collects quickly, and ten of them make it collect everything.
 */
function withLongEnd(pieces: Pieces): Pieces {
  let [from, length] = [pieces.length, 0];
  while (from > 0 && length < LAST_PIECE) length += pieces[--from]?.length ?? 0;
  const [first, ...rest] = pieces.slice(from);
  if (first === undefined) return pieces;
  const cut = Math.max(0, length - LAST_PIECE);
  const end = joined([first.subarray(cut), ...rest]);
  return cut === 0 ? [...pieces.slice(0, from), end] : [...pieces.slice(0, from), first.subarray(0, cut), end];
}

/** The pieces with short neighbours joined, as each costs its reader a turn; long ones are shared. */
function inLongPieces(pieces: Pieces): Pieces {
  const long: Uint8Array<ArrayBuffer>[] = [];
  let short: Uint8Array<ArrayBuffer>[] = [];
  const end = (): void => {
    if (short.length > 0) long.push(joined(short));
    short = [];
  };
  for (const piece of pieces) {
    const isLong = piece.length >= LAST_PIECE;
    if (isLong || lengthOf(short) >= LAST_PIECE) end();
    if (isLong) long.push(piece);
    else short.push(piece);
  }
  end();
  return long;
}

/** How long a sample of the process serves, milliseconds: asking the system costs more than all else of a short scrape. */
const SAMPLE_TIME_MS = 100;

/** The series of the process itself, whose figures are asked for at most ten times a second. */
export function processSeries(sample: () => ProcessFigures, { monotonic }: Clock): () => readonly Family[] {
  let last: readonly Family[] = [];
  let taken = -Infinity;
  return () => {
    const now = monotonic();
    if (now - taken < SAMPLE_TIME_MS) return last;
    taken = now;
    return last = seriesOf(sample());
  };
}

function seriesOf({ cpuSeconds, residentBytes, startTime }: ProcessFigures): readonly Family[] {
  const one = (value: number) => [{ value }];
  return [
    counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", one(cpuSeconds)),
    gauge("process_resident_memory_bytes", "Resident memory size in bytes.", one(residentBytes)),
    gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", one(startTime)),
  ];
}

/** The end of an exposition: families made per scrape, whose label values need no escaping, and OpenMetrics' end mark. */
function renderLive(families: readonly Family[], format: Format): string {
  let text = "";
  for (const { name, help, type, samples } of families) {
    const family = format === "openmetrics" && type === "counter" ? name.slice(0, -"_total".length) : name;
    text += headerOf({ name: family, help, type });
    for (const { labels, value } of samples) {
      const pairs = labels && Object.entries(labels).map(([label, text]) => `${label}="${text}"`).join(",");
      text += pairs === undefined ? `${name} ${value}\n` : `${name}{${pairs}} ${value}\n`;
    }
  }
  return format === "openmetrics" ? text + "# EOF\n" : text;
}
