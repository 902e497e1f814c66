import assert from "node:assert/strict";
import { Counter, Gauge, Registry, type RegistryContentType } from "prom-client";
import { asOpenMetrics } from "../../src/metrics/fragment.ts";

const FAMILIES: readonly ((registers: Registry[]) => void)[] = [
  (registers) => {
    const help = "Failed runs, _total.";
    const errors = new Counter({ name: "walg_errors_total", help, labelNames: ["why"], registers });
    errors.inc({ why: 'a "quoted" \\ reason\n# HELP walg_x_total no' }, 2);
    errors.inc({ why: "" }, 0);
  },
  (registers) => new Counter({ name: "walg_scrape_errors_total", help: "Failed runs.", registers }).inc(1.5),
  (registers) => new Gauge({ name: "walg_some_total", help: "A gauge with that ending.", registers }).set(3),
];

/** What prom-client itself makes of each family. */
async function byPromClient(contentType: RegistryContentType): Promise<string[]> {
  return await Promise.all(FAMILIES.map(async (fill) => {
    const registry: Registry<RegistryContentType> = new Registry();
    registry.setContentType(contentType);
    fill([registry as Registry]);
    return await registry.metrics();
  }));
}

Deno.test("counters as OpenMetrics names them are as prom-client writes them", async () => {
  const expected = await byPromClient(Registry.OPENMETRICS_CONTENT_TYPE);
  assert.ok(expected[0]?.includes("# TYPE walg_errors counter"));
  const texts = await byPromClient(Registry.PROMETHEUS_CONTENT_TYPE);
  assert.deepEqual(texts.map((text) => `${asOpenMetrics(text)}# EOF\n`), expected);
});
