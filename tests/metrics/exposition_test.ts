import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { ProcessFigures } from "../../src/base/host.ts";
import { processSeries } from "../../src/metrics/exposition.ts";
import { emptyState } from "../support/state.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { CAPTURE_TIME, captureClock, collectState, exposing, show, standinConfig } from "../support/in_process.ts";

const decoder = new TextDecoder();

Deno.test("before the first run there are counters, and no series of a run", async () => {
  const exposition = await exposing(emptyState());
  const families = parseExposition(decoder.decode(exposition.body("text", false)));
  assert.deepEqual([...families.keys()], ["walg_exporter_build_info", "walg_errors_total", "walg_scrape_errors_total"]);
  const pairs = families.get("walg_errors_total")?.series ?? [];
  assert.ok(pairs.every(({ value }) => value === 0));
  for (
    const [operation, error_type] of [["backup-list", "empty_output"], ["wal-verify", "postgres_down"], [
      "storage-check",
      "connectivity_failed",
    ]]
  ) {
    assert.ok(pairs.some(({ labels }) => labels["operation"] === operation && labels["error_type"] === error_type));
  }
});

Deno.test("text and OpenMetrics, plain and gzip, hold the same series", async () => {
  const exposition = await exposing(await collectState("wal-g-3.0.9/two-timelines"));
  const names = (format: "text" | "openmetrics", gzip: boolean): string[] => {
    const body = exposition.body(format, gzip);
    const families = parseExposition(decoder.decode(gzip ? gunzipSync(body) : body), format);
    return [...families.values()].flatMap(({ series }) =>
      series.map(({ name, labels, value }) => `${name}${JSON.stringify(labels)}${value}`)
    );
  };
  const expected = names("text", false);
  assert.deepEqual(names("text", true), expected);
  assert.deepEqual(names("openmetrics", false), expected);
  assert.deepEqual(names("openmetrics", true), expected);
});

Deno.test("windows are computed at the scrape and never negative", async () => {
  const state = await collectState("wal-g-3.0.9/two-timelines");
  let now = CAPTURE_TIME;
  const clock: Clock = { ...captureClock, now: () => now };
  const exposition = await exposing(state, standinConfig(), clock);
  const windows = (): (number | undefined)[] => {
    const families = parseExposition(decoder.decode(exposition.body("text", false)));
    return ["walg_pitr_window_seconds", "walg_recovery_window_seconds"].map((name) =>
      families.get(name)?.series[0]?.value
    );
  };
  const [pitr, recovery] = windows();
  assert.equal(pitr, (CAPTURE_TIME - Date.parse("2026-11-23T03:12:03.892Z")) / 1000);
  assert.equal(recovery, (CAPTURE_TIME - Date.parse("2026-11-23T03:12:13.504Z")) / 1000);
  now += 1500;
  assert.deepEqual(windows(), [(pitr ?? 0) + 1.5, (recovery ?? 0) + 1.5]);
  now -= 86_400_000;
  assert.deepEqual(windows(), [0, 0]);
});

Deno.test("a body serves for less than 10 ms, and for no other state, format or encoding", async () => {
  const state = await collectState("wal-g-3.0.9/two-timelines");
  let now = CAPTURE_TIME;
  const exposition = await exposing(state, standinConfig(), { ...captureClock, now: () => now });
  const first = exposition.pieces("text", true);
  now += 9;
  assert.equal(exposition.pieces("text", true), first);
  for (const [format, gzip] of [["text", false], ["openmetrics", true]] as const) {
    assert.notEqual(exposition.pieces(format, gzip), first);
  }
  const second = exposition.pieces("text", true);
  now += 10;
  assert.notEqual(exposition.pieces("text", true), second);
  const third = exposition.pieces("text", true);
  now -= 1;
  assert.notEqual(exposition.pieces("text", true), third);
  const fourth = exposition.pieces("text", true);
  await show(exposition, await collectState("reference-sample"));
  assert.notEqual(exposition.pieces("text", true), fourth);
});

Deno.test("no counter falls from one scrape to the next, whatever their formats and encodings", async () => {
  let [now, cpuSeconds] = [CAPTURE_TIME, 0];
  const start = now;
  const clock: Clock = { ...captureClock, now: () => now, monotonic: () => (now - start) * 20 };
  const sample = (): ProcessFigures => ({ cpuSeconds: ++cpuSeconds, residentBytes: 1, startTime: 1 });
  const exposition = await exposing(emptyState(), standinConfig(), clock, { moreSeries: processSeries(sample, clock) });
  let last = 0;
  for (let step = 0; step < 200; step++, now += step % 7) {
    const [format, gzip] = [step % 2 === 0 ? "text" : "openmetrics", step % 3 === 0] as const;
    const body = exposition.body(format, gzip);
    const text = decoder.decode(gzip ? gunzipSync(body) : body);
    const value = Number(/^process_cpu_seconds_total (\d+)$/m.exec(text)?.[1]);
    assert.ok(value >= last, `${last}, then ${value}`);
    last = value;
  }
  assert.ok(last > 50);
});

Deno.test("an answer older than -snapshot.max-age is not shown, and what rests on it neither", async () => {
  let passed = 0;
  const start = systemClock.monotonic();
  const clock: Clock = {
    ...captureClock,
    now: () => captureClock.now() + passed,
    monotonic: () => start + passed,
  };
  const config = standinConfig({ "snapshot.max-age": "10s" });
  const exposition = await exposing(await collectState("wal-g-3.0.9/two-timelines", { clock }), config, clock);
  const families =
    (): string[] => [...parseExposition(decoder.decode(gunzipSync(exposition.body("text", true)))).keys()];
  const before = families();
  assert.ok(before.includes("walg_backup_info") && before.includes("walg_recovery_window_seconds"));
  passed = 10_001;
  const after = families();
  assert.deepEqual(after.filter((name) => name.startsWith("walg_")), [
    "walg_backup_list_duration_seconds",
    "walg_wal_verify_duration_seconds",
    "walg_storage_up",
    "walg_storage_latency_seconds",
    "walg_scrape_success",
    "walg_scrape_duration_seconds",
    "walg_scrape_last_success_timestamp_seconds",
    "walg_exporter_build_info",
    "walg_errors_total",
    "walg_scrape_errors_total",
    "walg_problem",
  ]);
});

Deno.test("-backups.max-series keeps series for the newest only; counts stay complete", async () => {
  const config = standinConfig({ "backups.max-series": "3" });
  const exposition = await exposing(await collectState("wal-g-3.0.9/two-timelines"), config);
  const families = parseExposition(decoder.decode(exposition.body("text", false)));
  assert.deepEqual(families.get("walg_backup_info")?.series.map(({ labels }) => labels["backup_name"]), [
    "base_00000001000000000000000E_D_00000001000000000000000C",
    "base_000000010000000000000010",
    "base_000000020000000000000013",
  ]);
  assert.equal(families.get("walg_backup_restorable")?.series.length, 2);
  assert.equal(families.get("walg_backups")?.series.reduce((sum, { value }) => sum + value, 0), 8);
  assert.equal(families.get("walg_backups_series_left_out")?.series[0]?.value, 5);
  assert.equal(families.get("walg_recovery_window_start_timestamp_seconds")?.series[0]?.value, 1795403533);
});
