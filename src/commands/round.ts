import type { Host } from "../base/host.ts";
import type { Config } from "../operations/config.ts";
import type { Collector, Operation } from "../operations/operation.ts";
import { COLLECTORS, OPERATIONS } from "../operations/registry.ts";
import { runOnce } from "../operations/run.ts";
import {
  createStore,
  failed,
  freshOutcome,
  freshState,
  type Outcome,
  type State,
  type Store,
  succeeded,
} from "../operations/state.ts";
import type { Failure } from "../walg/failure.ts";
import { lastCause } from "../walg/stderr.ts";
import { runVersion, versionOf } from "../walg/version.ts";
import type { Progress } from "./progress.ts";

/** Options of {@link runRound}. */
export interface RoundOptions {
  readonly config: Config;
  readonly host: Host;
  readonly progress: Progress;
  /** Ends the round and the processes it started. */
  readonly signal: AbortSignal;
  /**
   * How long the others may still take once the storage check has failed, milliseconds: wal-g tries again for half an
   * hour. Their own timeouts alone if not given.
   */
  readonly patience?: number;
}

/** Runs each operation once, all at the same time, and resolves to all that is then known. */
export async function runRound(options: RoundOptions): Promise<State> {
  const store = createStore(freshState(), () => {});
  const given = new AbortController();
  const over = new AbortController();
  const version = runVersion({ path: options.config.walgPath, clock: options.host.clock, signal: options.signal }).then(
    versionOf,
  );
  const checked = runOne(COLLECTORS["storage-check"], store, options, options.signal);
  checked.then(async () => {
    if (options.patience === undefined || store.state["storage-check"].last?.success !== false) return;
    await options.host.clock.sleep(options.patience, over.signal);
    given.abort();
  });
  const others = AbortSignal.any([options.signal, given.signal]);
  await Promise.all([
    runOne(COLLECTORS["backup-list"], store, options, others),
    runOne(COLLECTORS["wal-verify"], store, options, others),
    checked,
    version.then((told) => told !== undefined && store.setWalgVersion(told)),
  ]);
  over.abort();
  return store.state;
}

/** The operations of a round that failed, with their failures. */
export function failuresOf(state: State): readonly { readonly operation: Operation; readonly failure: Failure }[] {
  return OPERATIONS.flatMap((operation) => {
    const { last, lastFailure } = state[operation];
    return last?.success === false && lastFailure !== undefined ? [{ operation, failure: lastFailure }] : [];
  });
}

async function runOne<T>(
  collector: Collector<T> & { readonly operation: Operation },
  store: Store,
  { config, host: { clock }, progress, signal: interrupted }: RoundOptions,
  signal: AbortSignal,
): Promise<void> {
  const ended = progress.start(collector.operation);
  const result = await runOnce({ collector, previous: undefined, config, clock, signal });
  ended();
  const change = (outcome: Outcome<T>): Outcome<T> => {
    switch (result.how) {
      case "answer":
        return succeeded(
          outcome,
          { value: result.value, time: clock.now(), monotonic: clock.monotonic() },
          result.seconds,
        );
      case "failure":
        return failed(
          outcome,
          signal.aborted && !interrupted.aborted ? endedEarly(result) : result.failure,
          clock.now(),
          result.seconds,
        );
      case "unsupported":
        return { ...freshOutcome<T>([...outcome.errors.keys()]), unsupported: true };
    }
  };
  // The type of an operation's answer is that of its collector.
  store.update(collector.operation, change as never);
}

/** The failure of a run that was not waited for any longer. */
function endedEarly({ failure, seconds }: { readonly failure: Failure; readonly seconds: number }): Failure {
  if (failure.type !== "killed") return failure;
  const cause = lastCause(failure.stderr ?? "");
  const message = `ended after ${Math.round(seconds)} s since the storage check had failed`;
  return { ...failure, type: "timeout", message: cause === "" ? message : `${message}: ${cause}` };
}
