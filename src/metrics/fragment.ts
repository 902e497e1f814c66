import { constants, crc32, deflateRawSync } from "node:zlib";
import { joined, lengthOf, type Pieces } from "../base/bytes.ts";
import type { Pace } from "../base/clock.ts";
import type { Family, Sample } from "../base/family.ts";

import counter from "prom-client/lib/counter.js";
import gauge from "prom-client/lib/gauge.js";
import registry from "prom-client/lib/registry.js";
import type * as PromClient from "prom-client";

// Its index loads a push gateway, a cluster and tracing as well: a third of what a start would take.
const Counter: typeof PromClient.Counter = counter;
const Gauge: typeof PromClient.Gauge = gauge;
const Registry: typeof PromClient.Registry = registry;

/** The two text formats of an exposition. */
export type Format = "text" | "openmetrics";

/** How many series are rendered in one go. */
const CHUNK = 200;

/**
 * Renders a family as text, some hundred series at a time, each in a registry of its own that is then dropped.
 *
 * @returns pieces of text that belong together in this order; none for a family without series
 */
export async function* renderFamily(family: Family, pace: Pace): AsyncGenerator<string> {
  let header = true;
  for (const samples of chunks(family.samples)) {
    const text = await renderChunk(family, samples);
    yield header ? text : withoutHeader(text);
    header = false;
    await pace();
  }
}

async function renderChunk(family: Family, samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  const { name, help } = family;
  const configuration = { name, help, labelNames: [...family.labelNames ?? []], registers: [registry] };
  if (family.type === "counter") {
    const counter = new Counter(configuration);
    for (const { labels = {}, value } of samples) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(configuration);
    for (const { labels = {}, value } of samples) gauge.set(labels, value);
  }
  return await registry.metrics();
}

/** The same as OpenMetrics has it, of whole families: there a counter's own name is without `_total`. */
export function asOpenMetrics(text: string): string {
  return text.replace(/^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/gm, "# HELP $1 $2\n# TYPE $1 counter");
}

function* chunks(samples: Iterable<Sample>): Generator<readonly Sample[]> {
  let chunk: Sample[] = [];
  for (const sample of samples) {
    chunk.push(sample);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** The HELP and TYPE of a family, the two lines that stand once above it. */
export function headerOf({ name, help, type }: Pick<Family, "name" | "help" | "type">): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** The text of a family without these. */
function withoutHeader(text: string): string {
  return text.slice(text.indexOf("\n", text.indexOf("\n") + 1) + 1);
}

/** A part of an exposition that is rendered and compressed once. */
export interface Fragment {
  /** In pieces that follow each other. */
  readonly plain: Pieces;
  /** Raw deflate data that ends on a byte and is not the end of a stream, so that fragments can be joined. */
  readonly deflated: Uint8Array<ArrayBuffer>;
}

/** About how much is encoded and compressed in one go, bytes; each piece costs its readers a turn. */
const PIECE = 128 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Renders families into a fragment for each format: the same one twice where the formats do not differ. */
export async function renderFragments(
  families: readonly Family[],
  pace: Pace,
): Promise<Readonly<Record<Format, Fragment>>> {
  const plain: Uint8Array<ArrayBuffer>[] = [];
  let pending = "";
  for (const family of families) {
    for await (const text of renderFamily(family, pace)) {
      pending += text;
      if (pending.length < PIECE) continue;
      plain.push(encoder.encode(pending));
      pending = "";
    }
  }
  if (pending !== "") plain.push(encoder.encode(pending));
  const text = await compressed(plain, pace);
  if (families.every(({ type }) => type === "gauge")) return { text, openmetrics: text };
  const openmetrics: Uint8Array<ArrayBuffer>[] = [];
  for (const piece of plain) {
    openmetrics.push(encoder.encode(asOpenMetrics(decoder.decode(piece))));
    await pace();
  }
  return { text, openmetrics: await compressed(openmetrics, pace) };
}

/** Compresses pieces so that they can be joined with others. */
export async function compressed(plain: Pieces, pace: Pace): Promise<Fragment> {
  const deflated: Uint8Array<ArrayBuffer>[] = [];
  for (const piece of plain) {
    deflated.push(new Uint8Array(deflateRawSync(piece, { finishFlush: constants.Z_SYNC_FLUSH })));
    await pace();
  }
  return { plain, deflated: joined(deflated) };
}

/** What a gzip member begins with: deflate, no name, no time, any system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const TRAILER_LENGTH = 8;
/** Before a block of deflate that holds its bytes as they are: a byte, the length and its complement. */
const STORED_LENGTH = 5;
/** The most that such a block holds. */
const STORED_LIMIT = 65_535;

/** What the end of a gzip member says of all that it holds. */
export interface Check {
  /** CRC-32. */
  readonly checksum: number;
  /** Bytes. */
  readonly length: number;
}

/** What is known of the bytes before a tail. */
export function checkOf(plain: Pieces): Check {
  return { checksum: plain.reduce((sum, piece) => crc32(piece, sum), 0), length: lengthOf(plain) };
}

/** A gzip member up to its end. */
export function gzipStart(fragments: readonly Fragment[]): Pieces {
  return [HEADER, ...fragments.map(({ deflated }) => deflated)];
}

/**
 * The end of a gzip member, with a tail that is made per scrape. The tail is stored uncompressed: it is short, and
 * compressing it would cost more than all else of a scrape.
 *
 * @param before what the member holds already
 */
export function gzipEnd(before: Check, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.max(1, Math.ceil(tail.length / STORED_LIMIT));
  const trailer = blocks * STORED_LENGTH + tail.length;
  const end = new Uint8Array(trailer + TRAILER_LENGTH);
  const view = new DataView(end.buffer);
  let at = 0;
  for (let block = 0; block < blocks; block++) {
    const stored = tail.subarray(block * STORED_LIMIT, (block + 1) * STORED_LIMIT);
    view.setUint8(at, block === blocks - 1 ? 1 : 0);
    view.setUint16(at + 1, stored.length, true);
    view.setUint16(at + 3, ~stored.length & 0xffff, true);
    end.set(stored, at + STORED_LENGTH);
    at += STORED_LENGTH + stored.length;
  }
  view.setUint32(trailer, crc32(tail, before.checksum), true);
  view.setUint32(trailer + 4, (before.length + tail.length) % 2 ** 32, true);
  return end;
}
