import { type Clock, createPace, systemClock } from "../../src/base/clock.ts";
import { createPartRenderer } from "../../src/cluster/parts.ts";
import { type Config, readConfig } from "../../src/commands/config.ts";
import { createExposition, type Exposition, type ExpositionOptions } from "../../src/metrics/exposition.ts";
import type { Format } from "../../src/metrics/fragment.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { outcomeAfter, runOnce } from "../../src/operations/run.ts";
import { outcomeOf, type State, withOutcome } from "../../src/operations/state.ts";
import { CAPTURES, STANDIN_BIN } from "./paths.ts";
import { emptyState } from "./state.ts";

/** A moment soon after the captures were made: Unix milliseconds. */
export const CAPTURE_TIME = Date.parse("2026-11-23T05:00:00Z");

/** A clock whose wall-clock time stands still. */
export const captureClock: Clock = { ...systemClock, now: () => CAPTURE_TIME };

/** A configuration with the stand-in as wal-g. */
export function standinConfig(flags: Readonly<Record<string, string>> = {}): Config {
  const off = {
    "wal-archive.scrape-interval": "0",
    "backup-files.scrape-interval": "0",
    "drill-result.scrape-interval": "0",
  };
  const given = { "walg.path": `${STANDIN_BIN}/wal-g`, ...off, ...flags };
  return readConfig(new Map(Object.entries(given).map(([name, value]) => [name, [value]])));
}

/** Runs every operation once through the stand-in and returns what is known then. */
export async function collectState(
  scenario: string,
  { config = standinConfig(), clock = captureClock, from = emptyState() }: {
    config?: Config;
    clock?: Clock;
    from?: State;
  } = {},
): Promise<State> {
  // A variable would be set for tests of other files, too, which run at the same time.
  const walgConfigPath = await Deno.makeTempFile({ suffix: ".json" });
  const settings = { WALG_STANDIN_SCENARIO: scenario.startsWith("/") ? scenario : `${CAPTURES}/${scenario}` };
  await Deno.writeTextFile(walgConfigPath, JSON.stringify(settings));
  try {
    let state = from;
    const run = async <T>(operation: Operation<T>): Promise<void> => {
      const outcome = outcomeOf(state, operation);
      const result = await runOnce({
        operation,
        previous: outcome.snapshot?.value,
        config: { ...config, walgConfigPath },
        clock,
      });
      await result.gone;
      state = withOutcome(state, operation, outcomeAfter(operation, outcome, result, clock));
    };
    for (const operation of state.operations) await run(operation);
    return state;
  } finally {
    await Deno.remove(walgConfigPath);
  }
}

/** An exposition that shows a state. */
export async function exposing(
  state: State,
  config = standinConfig(),
  clock = captureClock,
  more: Partial<ExpositionOptions> = {},
): Promise<Exposition> {
  const exposition = createExposition({ clock, moreSeries: () => [], ...more });
  await show(exposition, state, config, clock);
  return exposition;
}

/** Renders a state into an exposition. */
export async function show(
  exposition: Exposition,
  state: State,
  config = standinConfig(),
  clock = captureClock,
): Promise<void> {
  const build = { version: "0.0.0", revision: "test", denoVersion: "0.0.0", target: "test" };
  exposition.show((await createPartRenderer({ config, build, pace: () => createPace(clock) })(state)).parts);
}

/** The text of a state's exposition. */
export async function expositionText(
  state: State,
  format: Format = "text",
  clock: Clock = captureClock,
): Promise<string> {
  return new TextDecoder().decode((await exposing(state, standinConfig(), clock)).body(format, false));
}

/** The text of a state's exposition with a configuration. */
export async function expositionOf(state: State, config: Config): Promise<string> {
  return new TextDecoder().decode((await exposing(state, config)).body("text", false));
}

/** The failure type of an operation's last run. */
export function failureType(state: State, operation: Operation<unknown>): string | undefined {
  const { last, lastFailure } = outcomeOf(state, operation);
  return last?.success === false ? lastFailure?.type : undefined;
}
