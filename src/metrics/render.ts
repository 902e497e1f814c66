import { Counter, Gauge, Registry } from "./prom_client.ts";
import type { Pace } from "../pace.ts";
import type { Family, Sample } from "./family.ts";

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
