import { UsageError } from "../base/flag.ts";
import { type Host, OperatorError } from "../base/host.ts";
import { oneLine, someNames } from "../base/text.ts";
import {
  clusterConfig,
  commonConfig,
  findClusters,
  type Found,
  type Refused,
  type Sources,
} from "../cluster/sources.ts";
import { backupList } from "../operations/backup_list.ts";
import { type ClusterConfig, enabledOperations, timingOf } from "../operations/config.ts";
import type { Operation } from "../operations/operation.ts";
import { createPlaces, type Enter } from "../operations/places.ts";
import { isUnsettled } from "../operations/registry.ts";
import { outcomeAfter, runOnce, type RunResult } from "../operations/run.ts";
import { createStore, failed, freshState, outcomeOf, type State, type Store } from "../operations/state.ts";
import type { Failure } from "../walg/failure.ts";
import { lastCause } from "../walg/stderr.ts";
import { runVersion, versionOf, type WalgVersion } from "../walg/version.ts";
import type { Config } from "./config.ts";
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

/** One cluster of several after its round. */
export interface ClusterRound {
  readonly name: string;
  readonly config: Config;
  readonly state: State;
}

/** What a round over several clusters found. */
export interface Rounds {
  /** In the order of their names. */
  readonly rounds: readonly ClusterRound[];
  readonly refused: readonly Refused[];
}

/**
 * Runs each operation of each cluster once, in so many places as the flags allow.
 *
 * @throws OperatorError when the folder of the clusters cannot be read, or has none of a name that is wanted
 */
export async function runRounds(options: RoundsOptions): Promise<Rounds> {
  return await runFound(await findClusters(options.sources, options.host), options);
}

type RoundsOptions = RoundOptions & { readonly sources: Sources; readonly config: Config };

async function runFound({ clusters, refused }: Found, options: RoundsOptions): Promise<Rounds> {
  const { sources, host, signal, progress } = options;
  const common = commonConfig(options.config, host);
  const places = createPlaces(sources.maxRunning, host.clock);
  const { walgPath: path, environment } = common;
  const version = versionOf(await runVersion({ path, environment, clock: host.clock, signal }));
  const names = [...clusters.keys()].toSorted();
  const rounds = names.flatMap((name) => clusters.get(name) ?? []).map(async (source): Promise<ClusterRound> => {
    const { name } = source;
    const config = clusterConfig(common, source);
    const own = { ...options, config, enter: places.of(name), version, progress: naming(name, progress) };
    return { name, config, state: await runRound(own) };
  });
  return { rounds: await Promise.all(rounds), refused };
}

/**
 * Runs each operation once of the one cluster that is meant: the one without a name, the only one, or the one that
 * `-cluster=NAME` asks for.
 *
 * @throws UsageError when it might be one of several; OperatorError when its config file cannot be used
 */
export async function runOneRound(options: RoundOptions & { readonly config: Config }): Promise<ClusterRound> {
  const { config, config: { sources }, host } = options;
  if (sources === undefined) return { name: "", config, state: await runRound(options) };
  const found = await findClusters(sources, host);
  const [first] = found.refused;
  const names = [...found.clusters.keys()].toSorted();
  if (names.length > 1 || (first !== undefined && sources.wanted.length !== 1)) {
    throw new UsageError(`it is about one cluster; add -cluster=NAME for one of ${someNames(names) || "them"}`);
  }
  const { rounds: [only] } = await runFound(found, { ...options, sources });
  if (only !== undefined) return only;
  throw first === undefined ? noClusters(sources) : new OperatorError(oneLine(`${first.file} ${first.why}`));
}

/** What is said where a folder that can be read holds no config file at all. */
export function noClusters({ folder }: Sources): OperatorError {
  const where = oneLine(folder ?? "");
  const fix = "put its WAL-G config file there as NAME.yaml or NAME.json";
  return new OperatorError(`-clusters.dir: there is no cluster in '${where}'; ${fix}`);
}

function naming(name: string, progress: Progress): Progress {
  return { ...progress, start: (what) => progress.start(`${name}: ${what}`) };
}
