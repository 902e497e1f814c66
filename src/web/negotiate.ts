import type { Format } from "../metrics/fragment.ts";

/** The Content-Type of each format, as client_golang sends it. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

// Which versions of a media type each format serves; a type without a version means the one we have.
const VERSIONS: Readonly<Record<string, readonly [Format, readonly string[]]>> = {
  "text/plain": ["text", ["0.0.4"]],
  "application/openmetrics-text": ["openmetrics", ["1.0.0", "0.0.1"]],
};

interface Item {
  readonly name: string;
  /** 0 to 1; 0 refuses. */
  readonly q: number;
  readonly version: string | undefined;
}

const formats = memoize(chooseFormat);
const gzips = memoize(chooseGzip);

/**
 * The format that an Accept header asks for, by the rules of Prometheus' own client library: the highest q wins, the
 * first of equals; wildcards and formats that we do not have (protobuf) are passed over; else text. `q=0` refuses.
 */
export function negotiateFormat(accept: string | null): Format {
  return accept === null ? "text" : formats(accept);
}

/** Whether an Accept-Encoding header takes gzip at least as gladly as `identity`; without the header it does not. */
export function acceptsGzip(acceptEncoding: string | null): boolean {
  return acceptEncoding !== null && gzips(acceptEncoding);
}

function chooseFormat(accept: string): Format {
  let best: Format = "text";
  let bestQ = 0;
  for (const { name, q, version } of parseItems(accept)) {
    const [format, versions] = VERSIONS[name] ?? [];
    if (format === undefined || q <= bestQ) continue;
    if (version !== undefined && !versions?.includes(version)) continue;
    best = format;
    bestQ = q;
  }
  return best;
}

function chooseGzip(acceptEncoding: string): boolean {
  const q = new Map<string, number>();
  for (const item of parseItems(acceptEncoding)) q.set(item.name, item.q);
  const gzip = q.get("gzip") ?? q.get("x-gzip") ?? q.get("*") ?? 0;
  return gzip > 0 && gzip >= (q.get("identity") ?? 0);
}

function* parseItems(header: string): Generator<Item> {
  for (const part of header.split(",")) {
    const [name = "", ...parameters] = part.split(";");
    let q = 1;
    let version: string | undefined;
    for (const parameter of parameters) {
      const equals = parameter.indexOf("=");
      const key = parameter.slice(0, Math.max(equals, 0)).trim().toLowerCase();
      const value = parameter.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1");
      if (key === "q") q = parseQuality(value);
      if (key === "version") version = value;
    }
    yield { name: name.trim().toLowerCase(), q, version };
  }
}

// What is not a number from 0 to 1 counts as 0.
function parseQuality(text: string): number {
  return /^(?:0(?:\.\d*)?|1(?:\.0*)?|\.\d+)$/.test(text) ? Number(text) : 0;
}

// Scrapers send the same header every time: a few are remembered, long ones never.
function memoize<T>(compute: (header: string) => T): (header: string) => T {
  const results = new Map<string, T>();
  return (header) => {
    const seen = results.get(header);
    if (seen !== undefined) return seen;
    const result = compute(header);
    if (header.length <= 512) {
      if (results.size >= 8) results.clear();
      results.set(header, result);
    }
    return result;
  };
}
