import { type Clock, systemClock } from "../../src/base/clock.ts";
import { COLLECTORS } from "../../src/operations/registry.ts";
import type { Collector } from "../../src/operations/operation.ts";
import { runOnce } from "../../src/operations/run.ts";
import { freshState } from "../../src/operations/state.ts";
import type { Operation } from "../../src/operations/operation.ts";
import type { Outcome, State } from "../../src/operations/state.ts";
import { failed, succeeded } from "../../src/operations/state.ts";
import { type Config, readConfig } from "../../src/operations/config.ts";
import { createExposition, type Exposition, type ExpositionOptions } from "../../src/metrics/exposition.ts";
import { createPartRenderer } from "../../src/metrics/parts.ts";
import type { Format } from "../../src/metrics/fragment.ts";
import { createPace } from "../../src/base/pace.ts";
import { CAPTURES, STANDIN_BIN } from "./paths.ts";

/** A moment soon after the captures were made: Unix milliseconds. */
export const CAPTURE_TIME = Date.parse("2026-11-23T05:00:00Z");

/** A clock whose wall-clock time stands still. */
export const captureClock: Clock = { ...systemClock, now: () => CAPTURE_TIME };

/** A configuration with the stand-in as wal-g. */
export function standinConfig(flags: Readonly<Record<string, string>> = {}): Config {
  const given = { "walg.path": `${STANDIN_BIN}/wal-g`, ...flags };
  return readConfig(new Map(Object.entries(given).map(([name, value]) => [name, [value]])));
}

/** Runs every operation once through the stand-in and returns what is known then. */
export async function collectState(
  scenario: string,
  { config = standinConfig(), clock = captureClock, from = freshState() }: {
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
    const one = async <T>(collector: Collector<T>, outcome: Outcome<T>): Promise<Outcome<T>> => {
      const result = await runOnce({
        collector,
        previous: outcome.snapshot?.value,
        config: { ...config, walgConfigPath },
        clock,
      });
      await result.gone;
      if (result.how === "failure") return failed(outcome, result.failure, clock.now(), result.seconds);
      if (result.how === "unsupported") return { ...outcome, unsupported: true };
      const snapshot = { value: result.value, time: clock.now(), monotonic: clock.monotonic() };
      return succeeded(outcome, snapshot, result.seconds);
    };
    const state: State = {
      "backup-list": await one(COLLECTORS["backup-list"], from["backup-list"]),
      "wal-verify": await one(COLLECTORS["wal-verify"], from["wal-verify"]),
      "storage-check": await one(COLLECTORS["storage-check"], from["storage-check"]),
    };
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
  const exposition = createExposition({
    render: createPartRenderer({
      build: { version: "0.0.0", revision: "test", denoVersion: "0.0.0", target: "test" },
      maxBackupSeries: config.maxBackupSeries,
      pace: () => createPace(clock),
    }),
    snapshotMaxAge: config.snapshotMaxAge,
    clock,
    onFault: (fault) => {
      throw fault;
    },
    ...more,
  });
  exposition.update(state);
  await exposition.shown();
  return exposition;
}

/** The text of a state's exposition. */
export async function expositionText(state: State, format: Format = "text"): Promise<string> {
  return new TextDecoder().decode((await exposing(state)).body(format, false));
}

/** The failure type of an operation's last run. */
export function failureType(state: State, operation: Operation): string | undefined {
  return state[operation].last?.success === false ? state[operation].lastFailure?.type : undefined;
}
