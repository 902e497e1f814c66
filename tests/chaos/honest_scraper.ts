import { gunzipSync } from "node:zlib";
import { bodyOf, connect, type RawConnection, requestText } from "../faults/raw_http.ts";
import { pause } from "../support/exporter.ts";
import { allSeries, type ParsedFamily, parseExposition, seriesKey } from "../support/exposition_parser.ts";
import { Violation } from "./violation.ts";

/** One whole, strictly parsed answer. */
export interface Scrape {
  readonly families: ReadonlyMap<string, ParsedFamily>;
  /** Counter values by their series. */
  readonly counters: ReadonlyMap<string, number>;
  /** How long the answer took, milliseconds. */
  readonly ms: number;
}

/** Formats and encodings in turn. */
const ASKS = [
  { format: "text", gzip: false },
  { format: "text", gzip: true },
  { format: "openmetrics", gzip: false },
  { format: "openmetrics", gzip: true },
] as const;

/**
 * Asks as an honest client does.
 *
 * @throws Violation for any answer but a whole one of status 200 that parses
 */
export async function scrape(url: string, turn: number): Promise<Scrape> {
  const { format, gzip } = ASKS[turn % ASKS.length] ?? ASKS[0];
  const start = performance.now();
  const answer = await ask(
    url,
    [
      `accept: ${format === "text" ? "text/plain" : "application/openmetrics-text"}\r\n`,
      gzip ? "accept-encoding: gzip\r\n" : "",
      "connection: close\r\n",
    ].join(""),
  );
  const ms = performance.now() - start;
  const head = new TextDecoder("latin1").decode(answer.subarray(0, 200));
  if (!head.startsWith("HTTP/1.1 200 OK\r\n")) {
    throw new Violation("scrapes answer 200 and parse", `after ${Math.round(ms)} ms: ${JSON.stringify(head)}`);
  }
  const body = bodyOf(answer);
  if (body === undefined) throw new Violation("scrapes answer 200 and parse", "the answer is not whole");
  try {
    const text = gzip ? gunzipSync(body).toString() : new TextDecoder().decode(body);
    const families = parseExposition(text, format);
    return { families, counters: countersOf(families), ms };
  } catch (error) {
    throw new Violation("scrapes answer 200 and parse", String(error));
  }
}

async function ask(url: string, headers: string): Promise<Uint8Array<ArrayBuffer>> {
  let connection: RawConnection;
  try {
    connection = await connect(url);
  } catch (error) {
    throw new Violation("scrapes answer 200 and parse", `cannot connect: ${error}`);
  }
  try {
    await connection.send(requestText("/metrics", { headers }));
    return await connection.readBytes(5000);
  } catch (error) {
    throw new Violation("scrapes answer 200 and parse", String(error));
  } finally {
    connection.close();
  }
}

/** Counters have `_total` in both formats, the family's name in one of them not. */
function countersOf(families: ReadonlyMap<string, ParsedFamily>): Map<string, number> {
  const counters = new Map([...families].filter(([, { type }]) => type === "counter"));
  return new Map([...allSeries(counters).values()].map((series) => [seriesKey(series), series.value]));
}

/** Options of {@link scrapeOn}. */
export interface ScraperOptions {
  /** Where to scrape; undefined while there is nothing to scrape. */
  readonly target: () => { readonly url: string; readonly incarnation: number } | undefined;
  /** Sees each scrape, with the one before it of the same process. */
  readonly onScrape: (scrape: Scrape, before: Scrape | undefined) => void;
  readonly onViolation: (violation: unknown) => void;
  readonly signal: AbortSignal;
}

/** Scrapes without end, as long as the signal lasts. */
export async function scrapeOn({ target, onScrape, onViolation, signal }: ScraperOptions): Promise<void> {
  let before: { readonly incarnation: number; readonly scrape: Scrape } | undefined;
  for (let turn = 0; !signal.aborted; turn++) {
    const now = target();
    if (now === undefined) {
      await pause(10);
      continue;
    }
    try {
      const scraped = await scrape(now.url, turn);
      if (target()?.incarnation !== now.incarnation) continue;
      onScrape(scraped, before?.incarnation === now.incarnation ? before.scrape : undefined);
      before = { incarnation: now.incarnation, scrape: scraped };
    } catch (error) {
      if (target()?.incarnation === now.incarnation) onViolation(error);
    }
    await pause(1);
  }
}
