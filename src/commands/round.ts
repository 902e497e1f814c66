import type { Host } from "../base/host.ts";
import { type ClusterConfig, enabledOperations, timingOf } from "../operations/config.ts";
import { backupList } from "../operations/backup_list.ts";
import type { Operation } from "../operations/operation.ts";
import type { Enter } from "../operations/places.ts";
import { isUnsettled } from "../operations/registry.ts";
import { outcomeAfter, runOnce, type RunResult } from "../operations/run.ts";
import { createStore, failed, freshState, outcomeOf, type State, type Store } from "../operations/state.ts";
import type { Failure } from "../walg/failure.ts";
import { lastCause } from "../walg/stderr.ts";
import { runVersion, versionOf, type WalgVersion } from "../walg/version.ts";
import type { Progress } from "./progress.ts";

/** Options of {@link runRound}. */
export interface RoundOptions {
  readonly config: ClusterConfig;
  readonly host: Host;
  readonly progress: Progress;
  /** Ends the round and the processes it started. */
  readonly signal: AbortSignal;
  /**
   * Whether an operation that needs one which has failed gets no more time than that one had: wal-g tries again for
   * half an hour. Otherwise its own timeout alone counts.
   */
  readonly endsEarly: boolean;
  /** Where the runs of several clusters take turns; absent where it is about one alone. */
  readonly enter?: Enter;
  /** What `wal-g --version` has said; asked here where that is absent. */
  readonly version?: WalgVersion | undefined;
}

/**
 * Runs each operation that is on once, all at the same time, and resolves to all that is then known. The backups are
 * listed once more where another listing ended later: one that it lacks may have been deleted meanwhile.
 */
export async function runRound(options: RoundOptions): Promise<State> {
  const { config, host: { clock }, signal } = options;
  const store = createStore(freshState(enabledOperations(config)), () => {});
  const version = "version" in options
    ? Promise.resolve(options.version)
    : runVersion({ path: config.walgPath, clock, signal }).then(versionOf);
  const over = new AbortController();
  const runs = new Map<string, Promise<void>>();
  const run = (operation: Operation<unknown>): Promise<void> => {
    const known = runs.get(operation.name);
    if (known !== undefined) return known;
    const early = new AbortController();
    const started = runOne(operation, store, options, early.signal);
    runs.set(operation.name, started);
    for (const needed of store.state.operations.filter(({ name }) => operation.needs.includes(name))) {
      run(needed).then(async () => {
        if (!options.endsEarly || outcomeOf(store.state, needed).last?.success !== false) return;
        await clock.sleep(timingOf(config, needed).timeout, over.signal);
        early.abort(needed.name);
      });
    }
    return started;
  };
  await Promise.all([
    ...store.state.operations.map(run),
    version.then((found) => found !== undefined && store.setWalgVersion(found)),
  ]);
  over.abort();
  if (store.state.foreignWalg !== undefined) return store.state;
  if (isUnsettled(store.state) && outcomeOf(store.state, backupList).last?.success) {
    await runOne(backupList, store, options, new AbortController().signal);
  }
  return store.state;
}

/** The operations of a round that failed, with their failures. */
export function failuresOf(state: State): readonly { readonly operation: string; readonly failure: Failure }[] {
  return state.operations.flatMap((operation) => {
    const { last, lastFailure } = outcomeOf(state, operation);
    return last?.success === false && lastFailure !== undefined
      ? [{ operation: operation.name, failure: lastFailure }]
      : [];
  });
}

async function runOne<T>(
  operation: Operation<T>,
  store: Store,
  { config, host: { clock }, progress, signal, enter }: RoundOptions,
  early: AbortSignal,
): Promise<void> {
  const both = AbortSignal.any([signal, early]);
  const urgent = operation.needs.length === 0;
  const turn = operation.runsWalg ? enter?.({ operation: operation.name, urgent, signal: both }) : undefined;
  const leave = await turn;
  if (turn !== undefined && leave === undefined) {
    const failure: Failure = { type: "timeout", message: `not run, since ${early.reason ?? "the command"} had failed` };
    return store.update(operation, (outcome) => failed(outcome, failure, clock.now(), 0));
  }
  const ended = progress.start(operation.name);
  const result = await runOnce({ operation, previous: undefined, config, clock, signal: both });
  ended();
  leave?.(result.how === "failure" && result.failure.type === "timeout");
  const known = early.aborted && !signal.aborted ? endedEarly(result, String(early.reason)) : result;
  store.update(operation, (outcome) => outcomeAfter(operation, outcome, known, clock));
}

/** The result of a run that was not waited for any longer. */
function endedEarly<T>(result: RunResult<T>, because: string): RunResult<T> {
  if (result.how !== "failure" || result.failure.type !== "killed") return result;
  const cause = lastCause(result.failure.stderr ?? "");
  const message = `ended after ${Math.round(result.seconds)} s since ${because} had failed`;
  const failure: Failure = {
    ...result.failure,
    type: "timeout",
    message: cause === "" ? message : `${message}: ${cause}`,
  };
  return { ...result, failure };
}
