import { counter, type Family, gauge, type Sample } from "../base/family.ts";
import type { Build } from "../base/manifest.ts";
import type { Operation } from "../operations/operation.ts";
import { collectorOf, OPERATIONS } from "../operations/registry.ts";
import type { Outcome, State } from "../operations/state.ts";

const OPERATION = ["operation"];

/** The gauges that show how the last run of each operation went. */
export function runFamilies(state: State, build: Build): Family[] {
  const outcomes = OPERATIONS.map((operation): [Operation, Outcome<unknown>] => [operation, state[operation]]);
  const each = (name: string, help: string, value: (outcome: Outcome<unknown>) => number | undefined): Family =>
    gauge(name, help, perOperation(outcomes, value), OPERATION);
  return [
    ...outcomes.flatMap(([operation, { last }]) => last === undefined ? [] : collectorOf(operation).runFamilies(last)),
    each(
      "walg_scrape_success",
      "Whether the last run of the operation succeeded (1) or failed (0).",
      ({ last }) => last && Number(last.success),
    ),
    each(
      "walg_scrape_duration_seconds",
      "Time that the last run of the operation took.",
      ({ last }) => last?.durationSeconds,
    ),
    each(
      "walg_scrape_last_success_timestamp_seconds",
      "When the last successful run of the operation ended (Unix timestamp).",
      ({ snapshot }) => snapshot && snapshot.time / 1000,
    ),
    ...versionInfo(state.walgVersion),
    gauge("walg_exporter_build_info", "What this exporter is built from. Value is always 1.", [
      { labels: { version: build.version, revision: build.revision, deno_version: build.denoVersion }, value: 1 },
    ], ["version", "revision", "deno_version"]),
  ];
}

/** The counters of failed runs. */
export function errorFamilies(state: State): Family[] {
  const scrapeErrors = OPERATIONS.filter((operation) => collectorOf(operation).countsAsScrapeError)
    .flatMap((operation) => [...state[operation].errors.values()])
    .reduce((sum, count) => sum + count, 0);
  return [
    counter("walg_errors_total", "Failed runs by operation and type of error.", errorSamples(state), [
      "operation",
      "error_type",
    ]),
    counter("walg_scrape_errors_total", "Failed runs of backup-list and wal-verify.", [{ value: scrapeErrors }]),
  ];
}

function* perOperation(
  outcomes: readonly (readonly [Operation, Outcome<unknown>])[],
  valueOf: (outcome: Outcome<unknown>) => number | undefined,
): Generator<Sample> {
  for (const [operation, outcome] of outcomes) {
    const value = valueOf(outcome);
    if (value !== undefined) yield { labels: { operation }, value };
  }
}

function* errorSamples(state: State): Generator<Sample> {
  for (const operation of OPERATIONS) {
    for (const [error_type, value] of state[operation].errors) yield { labels: { operation, error_type }, value };
  }
}

function versionInfo(version: string | undefined): Family[] {
  if (version === undefined) return [];
  const help = "The version of wal-g. Value is always 1.";
  return [gauge("walg_version_info", help, [{ labels: { version }, value: 1 }], ["version"])];
}
