import assert from "node:assert/strict";
import { collectState, expositionText } from "../support/in_process.ts";
import { ROOT, scenarios } from "../support/paths.ts";

const GOLDEN = `${ROOT}/fixtures/golden`;

/** Durations differ from run to run. */
function settled(text: string): string {
  return text.replace(/^(walg_\w*(?:duration|latency)_seconds(?:\{operation="[^"]*"\})?) \S+$/gm, "$1 0.5");
}

for (const scenario of scenarios()) {
  for (const format of ["text", "openmetrics"] as const) {
    Deno.test(`${scenario}: the whole exposition as ${format}`, async () => {
      const text = settled(await expositionText(await collectState(scenario), format));
      const file = `${GOLDEN}/${scenario.replaceAll("/", "_")}.${format === "text" ? "prom" : "om"}`;
      if (Deno.env.get("UPDATE_GOLDEN") === "1") Deno.writeTextFileSync(file, text);
      assert.equal(text, Deno.readTextFileSync(file), `differs from ${file}; UPDATE_GOLDEN=1 writes it anew`);
    });
  }
}
