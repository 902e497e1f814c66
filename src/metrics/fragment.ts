import counter from "prom-client/lib/counter.js";
import gauge from "prom-client/lib/gauge.js";
import registry from "prom-client/lib/registry.js";
import type * as PromClient from "prom-client";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { joined } from "../base/bytes.ts";
import type { Family, Sample } from "../base/family.ts";
import type { Pace } from "../base/pace.ts";

// Its index loads a push gateway, a cluster and tracing as well: a third of what a start would take.

/** prom-client's counter. */
export const Counter: typeof PromClient.Counter = counter;
/** prom-client's gauge. */
export const Gauge: typeof PromClient.Gauge = gauge;
/** prom-client's registry. */
export const Registry: typeof PromClient.Registry = registry;
export type Registry<T extends PromClient.RegistryContentType = PromClient.PrometheusContentType> = PromClient.Registry<
  T
>;
export type { RegistryContentType } from "prom-client";

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

/** HELP and TYPE, the two lines that stand once above a family. */
function withoutHeader(text: string): string {
  return text.slice(text.indexOf("\n", text.indexOf("\n") + 1) + 1);
}

/** A part of an exposition that is rendered and compressed once, in pieces that follow each other. */
export interface Fragment {
  readonly plain: readonly Uint8Array<ArrayBuffer>[];
  /** Raw deflate data that ends on a byte and is not the end of a stream, so that fragments can be joined. */
  readonly deflated: readonly Uint8Array<ArrayBuffer>[];
  /** The checksum (CRC-32) of the plain pieces. */
  readonly crc: number;
}

const encoder = new TextEncoder();

/** Renders families into a fragment for each format: the same one twice where the formats do not differ. */
export async function renderFragments(
  families: readonly Family[],
  pace: Pace,
): Promise<Readonly<Record<Format, Fragment>>> {
  const text = createFragment(pace);
  const openmetrics = families.some(({ type }) => type === "counter") ? createFragment(pace) : text;
  for (const family of families) {
    for await (const piece of renderFamily(family, pace)) {
      await text.add(piece);
      if (openmetrics !== text) await openmetrics.add(asOpenMetrics(piece));
    }
  }
  const whole = await text.all();
  return { text: whole, openmetrics: openmetrics === text ? whole : await openmetrics.all() };
}

/** A fragment that grows by pieces of text. */
function createFragment(pace: Pace): { add(text: string): Promise<void> | void; all(): Promise<Fragment> } {
  const plain = createBlocks();
  const deflated = createBlocks();
  let crc = 0;
  let pending = "";
  const close = async (): Promise<void> => {
    const bytes = encoder.encode(pending);
    pending = "";
    plain.add(bytes);
    crc = crc32(bytes, crc);
    deflated.add(new Uint8Array(deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })));
    await pace();
  };
  return {
    add(text) {
      pending += text;
      return pending.length < PIECE ? undefined : close();
    },
    async all() {
      if (pending !== "") await close();
      return { plain: plain.all(), deflated: deflated.all(), crc };
    },
  };
}

/** About how much is compressed in one go, bytes. */
const PIECE = 24 * 1024;
/** About how long the pieces of a fragment are at most: each costs its readers a turn, bytes. */
const BLOCK = 1024 * 1024;

/** Gathers pieces into blocks. */
function createBlocks(): { add(piece: Uint8Array<ArrayBuffer>): void; all(): readonly Uint8Array<ArrayBuffer>[] } {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  let open: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const close = (): void => {
    if (open.length > 0) blocks.push(joined(open));
    open = [];
    size = 0;
  };
  return {
    add(piece) {
      open.push(piece);
      size += piece.length;
      if (size >= BLOCK) close();
    },
    all() {
      close();
      return blocks;
    },
  };
}
