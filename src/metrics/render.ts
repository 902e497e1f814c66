import { Counter, Gauge, Registry, type RegistryContentType } from "./prom_client.ts";
import type { Pace } from "../pace.ts";
import type { Family, Sample } from "./family.ts";

/** The two text formats of an exposition. */
export type Format = "text" | "openmetrics";

/** What OpenMetrics ends with, once for all families. */
const END_MARK = "# EOF\n";

/** How many series are rendered in one go. */
const CHUNK = 200;

/**
 * Renders a family, some hundred series at a time, each in a registry of its own that is then dropped.
 *
 * @returns pieces of text that belong together in this order; none for a family without series
 */
export async function* renderFamily(family: Family, format: Format, pace: Pace): AsyncGenerator<string> {
  let header = true;
  for (const samples of chunks(family.samples)) {
    const text = await renderChunk(family, samples, format);
    yield header ? text : withoutHeader(text);
    header = false;
    await pace();
  }
}

async function renderChunk(family: Family, samples: readonly Sample[], format: Format): Promise<string> {
  const registry = registryOf(format);
  const { name, help } = family;
  const configuration = { name, help, labelNames: [...family.labelNames ?? []], registers: [registry as Registry] };
  if (family.type === "counter") {
    const counter = new Counter(configuration);
    for (const { labels = {}, value } of samples) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(configuration);
    for (const { labels = {}, value } of samples) gauge.set(labels, value);
  }
  const text = await registry.metrics();
  return format === "text" ? text : text.slice(0, -END_MARK.length);
}

function registryOf(format: Format): Registry<RegistryContentType> {
  const registry: Registry<RegistryContentType> = new Registry();
  if (format === "openmetrics") registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
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
