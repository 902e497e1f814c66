import "./executable.ts";
import assert from "node:assert/strict";
import { startExporter, until } from "../support/exporter.ts";
import { allSeries, parseExposition } from "../support/exposition_parser.ts";
import { CAPTURES, ROOT, scenarios } from "../support/paths.ts";

/** What depends on the time of day, or comes from runs that the golden files do not have. */
const VOLATILE =
  /_duration_seconds$|_latency_seconds$|^walg_pitr_window_seconds$|^walg_recovery_window_seconds$|last_success_timestamp_seconds$|_build_info$|^walg_version_info$/;

/** The captures are older than the limits allow by now. */
const AGELESS = ["-warn-backup-age=none", "-max-backup-age=none", "-warn-full-backup-age=none"];

for (const scenario of scenarios()) {
  Deno.test(`${scenario}: the executable shows what the golden file shows`, async () => {
    // Its backups were old when its golden file was made.
    const isOld = scenario === "reference-sample";
    await using exporter = await startExporter({ scenario: `${CAPTURES}/${scenario}`, flags: isOld ? [] : AGELESS });
    await exporter.ready();
    const golden = Deno.readTextFileSync(`${ROOT}/fixtures/golden/${scenario.replaceAll("/", "_")}.prom`);
    const wanted = settled(golden);
    assert.ok(wanted.length > 20);
    assert.deepEqual(settled(await exporter.metrics()), wanted);
    const version = /^wal-g-([\d.]+)/.exec(scenario)?.[1] ?? "3.0.9";
    const shown = `walg_version_info{version="${version}"} 1\n`;
    await until(shown, async () => (await exporter.metrics()).includes(shown));
  });
}

function settled(text: string): string[] {
  return [...allSeries(parseExposition(text))].filter(([, { name }]) =>
    !VOLATILE.test(name) && name.startsWith("walg_")
  )
    .map(([key, { value }]) => `${key} ${value}`).toSorted();
}
