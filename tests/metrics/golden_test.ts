import assert from "node:assert/strict";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { captureClock, collectState, expositionText } from "../support/in_process.ts";
import { emptyState, WALG_OPERATIONS } from "../support/state.ts";
import { archiveScenarios, ROOT, scenarios } from "../support/paths.ts";

const GOLDEN = `${ROOT}/fixtures/golden`;

/** Durations differ from run to run. */
function settled(text: string): string {
  return text.replace(/^(walg_\w*(?:duration|latency)_seconds(?:\{operation="[^"]*"\})?) \S+$/gm, "$1 0.5");
}

/** A moment soon after the archive was captured; runs take no time, so that no listing is newer than that of backups. */
const archiveClock: Clock = { ...systemClock, now: () => Date.parse("2026-11-26T17:30:00Z"), monotonic: () => 0 };

for (const scenario of [...scenarios(), ...archiveScenarios()]) {
  const [clock, from] = scenario.startsWith("archive-")
    ? [archiveClock, emptyState(WALG_OPERATIONS)]
    : [captureClock, emptyState()];
  for (const format of ["text", "openmetrics"] as const) {
    Deno.test(`${scenario}: the whole exposition as ${format}`, async () => {
      const text = settled(await expositionText(await collectState(scenario, { clock, from }), format, clock));
      const file = `${GOLDEN}/${scenario.replaceAll("/", "_")}.${format === "text" ? "prom" : "om"}`;
      if (Deno.env.get("UPDATE_GOLDEN") === "1") Deno.writeTextFileSync(file, text);
      assert.equal(text, Deno.readTextFileSync(file), `differs from ${file}; UPDATE_GOLDEN=1 writes it anew`);
    });
  }
}
