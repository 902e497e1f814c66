import type { Build } from "../base/host.ts";
import { counter, type Family, gauge } from "../base/family.ts";
import { type Outcome, outcomeOf, type State } from "../operations/state.ts";

/** The gauges that show how the last run of each operation went. */
export function runFamilies(state: State): Family[] {
  const each = (name: string, help: string, value: (outcome: Outcome<unknown>) => number | undefined): Family =>
    gauge(
      name,
      help,
      state.operations.flatMap((operation) => {
        const known = value(outcomeOf(state, operation));
        return known === undefined ? [] : [{ labels: { operation: operation.name }, value: known }];
      }),
      ["operation"],
    );
  return [
    ...state.operations.flatMap((operation) => {
      const { last } = outcomeOf(state, operation);
      return last === undefined ? [] : operation.runFamilies(last);
    }),
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
  ];
}

/** What the exporter is built from: the same for all its clusters. */
export function buildFamily({ version, revision, denoVersion }: Build): Family {
  return gauge("walg_exporter_build_info", "What this exporter is built from. Value is always 1.", [
    { labels: { version, revision, deno_version: denoVersion }, value: 1 },
  ], ["version", "revision", "deno_version"]);
}

/** The counters of failed runs. */
export function errorFamilies(state: State): Family[] {
  if (state.foreignWalg !== undefined) return [];
  const scrapeErrors = state.operations.filter(({ countsAsScrapeError }) => countsAsScrapeError)
    .flatMap((operation) => [...outcomeOf(state, operation).errors.values()])
    .reduce((sum, count) => sum + count, 0);
  const errors = state.operations.flatMap((operation) =>
    [...outcomeOf(state, operation).errors].map(([error_type, value]) => ({
      labels: { operation: operation.name, error_type },
      value,
    }))
  );
  return [
    counter("walg_errors_total", "Failed runs by operation and type of error.", errors, [
      "operation",
      "error_type",
    ]),
    counter("walg_scrape_errors_total", "Failed runs of backup-list and wal-verify.", [{ value: scrapeErrors }]),
  ];
}

function versionInfo(version: string | undefined): Family[] {
  if (version === undefined) return [];
  const help = "The version of wal-g. Value is always 1.";
  return [gauge("walg_version_info", help, [{ labels: { version }, value: 1 }], ["version"])];
}
