import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Pace } from "../pace.ts";
import type { Collector } from "./collector.ts";
import { type Loop, startLoop } from "./loop.ts";
import { COLLECTORS } from "./mod.ts";
import type { Operation } from "./operation.ts";
import type { Outcome } from "./state.ts";
import type { Store } from "./store.ts";

/** Options of {@link startAll}. */
export interface StartOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly store: Store;
  readonly pace: () => Pace;
  readonly signal: AbortSignal;
}

/** Starts the loops of all operations. */
export function startAll(options: StartOptions): Loop {
  const loops = [
    start(COLLECTORS["backup-list"], options),
    start(COLLECTORS["wal-verify"], options),
    start(COLLECTORS["storage-check"], options),
  ];
  return {
    runNow: () => loops.forEach((loop) => loop.runNow()),
    ended: Promise.all(loops.map((loop) => loop.ended)).then(() => {}),
  };
}

function start<T>(collector: Collector<T> & { readonly operation: Operation }, options: StartOptions): Loop {
  const { store } = options;
  return startLoop<T>({
    ...options,
    collector,
    outcome: () => store.state[collector.operation] as Outcome<T>,
    // The type of an operation's answer is that of its collector.
    update: (change) => store.update(collector.operation, change as never),
  });
}
