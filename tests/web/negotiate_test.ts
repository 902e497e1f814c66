import assert from "node:assert/strict";
import fc from "fast-check";
import type { Format } from "../../src/metrics/fragment.ts";
import { acceptsGzip, CONTENT_TYPES, negotiateFormat } from "../../src/web/negotiate.ts";

Deno.test("the Content-Types are client_golang's", () => {
  assert.deepEqual(CONTENT_TYPES, {
    text: "text/plain; version=0.0.4; charset=utf-8",
    openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  });
});

Deno.test("what real clients send", () => {
  const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  for (
    const [accept, expected] of [
      [null, "text"],
      ["", "text"],
      ["*/*", "text"],
      ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text"],
      // Prometheus 2.0, 2.5 to 2.34, 2.35 to 2.55, 3.0 with each of its protocol lists.
      ["application/vnd.google.protobuf;proto=x;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", "text"],
      ["application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "openmetrics"],
      [
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "openmetrics",
      ],
      [
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
        "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "openmetrics",
      ],
      [
        `${protobuf};q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,` +
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "openmetrics",
      ],
      [`${protobuf},text/plain;version=0.0.4;q=0.3`, "text"],
      ["text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.9", "text"],
    ] as const
  ) {
    assert.equal(negotiateFormat(accept), expected, String(accept));
  }
});

Deno.test("q decides, the first of equals wins, 0 refuses, and what cannot be read counts as 0", () => {
  for (
    const [accept, expected] of [
      ["text/plain;q=0.2,application/openmetrics-text;q=0.3", "openmetrics"],
      ["text/plain,application/openmetrics-text", "text"],
      ["application/openmetrics-text,text/plain", "openmetrics"],
      ["application/openmetrics-text;q=0", "text"],
      ["application/openmetrics-text;q=0.000,text/plain;q=0.001", "text"],
      ["application/openmetrics-text;q=nonsense", "text"],
      ["application/openmetrics-text;q=-1", "text"],
      ["application/openmetrics-text;q=2,text/plain;q=0.1", "text"],
      ["application/openmetrics-text;version=2.0.0", "text"],
      ['Application/OpenMetrics-Text; Version="1.0.0" ; Q=1.0', "openmetrics"],
      [" application/openmetrics-text ;q=.5 , text/plain;q=0.4", "openmetrics"],
      ["application/openmetrics-text;q=0.1,*/*;q=0.9", "openmetrics"],
      [",;,;=,q=1;;", "text"],
    ] as const
  ) {
    assert.equal(negotiateFormat(accept), expected, accept);
  }
});

Deno.test("gzip is sent only to who takes it", () => {
  for (
    const [header, expected] of [
      [null, false],
      ["", false],
      ["gzip", true],
      ["GZIP", true],
      ["x-gzip", true],
      ["gzip, deflate, br, zstd", true],
      ["deflate", false],
      ["identity", false],
      ["*", true],
      ["*;q=0", false],
      ["gzip;q=0", false],
      ["gzip;q=0, *", false],
      ["gzip;q=0.5, *;q=0", true],
      ["identity, gzip;q=0.5", false],
      ["identity;q=0.5, gzip;q=1.0", true],
      ["identity, gzip", true],
      ["br;q=1.0, gzip;q=0.8, *;q=0.1", true],
      ["gzipped", false],
    ] as const
  ) {
    assert.equal(acceptsGzip(header), expected, String(header));
  }
});

/** One item of a list that the properties write out and the oracles judge. */
interface Item {
  readonly name: string;
  readonly thousandths: number | undefined;
  readonly version: string | undefined;
}

function write(items: readonly Item[], space: string): string {
  return items.map(({ name, thousandths, version }) => {
    const q = thousandths === undefined ? "" : `;${space}q=${(thousandths / 1000).toFixed(3)}`;
    return name + (version === undefined ? "" : `${space};version=${version}`) + q;
  }).join(`,${space}`);
}

/** Sorts as Prometheus does, then takes the first item that it has. */
function formatOracle(items: readonly Item[]): Format {
  const sorted = items.filter((item) => item.thousandths !== 0)
    .toSorted((a, b) => (b.thousandths ?? 1000) - (a.thousandths ?? 1000));
  for (const { name, version } of sorted) {
    if (name === "text/plain" && (version === undefined || version === "0.0.4")) return "text";
    if (name !== "application/openmetrics-text") continue;
    if (version === undefined || version === "1.0.0" || version === "0.0.1") return "openmetrics";
  }
  return "text";
}

function gzipOracle(items: readonly Item[]): boolean {
  const last = (name: string): number | undefined => {
    const item = items.findLast((candidate) => candidate.name === name);
    return item && (item.thousandths ?? 1000);
  };
  const gzip = last("gzip") ?? last("*");
  return gzip !== undefined && gzip > 0 && gzip >= (last("identity") ?? 0);
}

function itemsOf(names: readonly string[]): fc.Arbitrary<readonly Item[]> {
  return fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      thousandths: fc.option(fc.integer({ min: 0, max: 1000 }).map((n) => n % 5 === 0 ? n - n % 250 : n), {
        nil: undefined,
      }),
      version: fc.option(fc.constantFrom("0.0.1", "0.0.4", "1.0.0", "2.0.0"), { nil: undefined }),
    }),
    { maxLength: 6 },
  );
}

Deno.test("the format agrees with a slow oracle, asked once or twice", () => {
  const names = ["text/plain", "application/openmetrics-text", "application/vnd.google.protobuf", "*/*", "text/*"];
  fc.assert(
    fc.property(itemsOf(names), fc.constantFrom("", " "), (items, space) => {
      const header = write(items, space);
      assert.equal(negotiateFormat(header), formatOracle(items), header);
      assert.equal(negotiateFormat(header), formatOracle(items), header);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("gzip agrees with a slow oracle, asked once or twice", () => {
  fc.assert(
    fc.property(itemsOf(["gzip", "identity", "*", "br"]), fc.constantFrom("", " "), (items, space) => {
      const header = write(items, space);
      assert.equal(acceptsGzip(header), gzipOracle(items), header);
      assert.equal(acceptsGzip(header), gzipOracle(items), header);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("any text at all gets an answer", () => {
  fc.assert(fc.property(fc.string({ maxLength: 3000 }), (header) => {
    assert.ok(negotiateFormat(header) in CONTENT_TYPES);
    assert.equal(typeof acceptsGzip(header), "boolean");
  }));
});
