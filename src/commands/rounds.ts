import { UsageError } from "../base/flag.ts";
import { type Host, OperatorError } from "../base/host.ts";
import { oneLine, someNames } from "../base/text.ts";
import { clusterConfig, findClusters, type Found, type Refused, type Sources } from "../cluster/sources.ts";
import { createPlaces } from "../operations/places.ts";
import type { State } from "../operations/state.ts";
import { runVersion, settingFreeEnvironment, versionOf } from "../walg/version.ts";
import type { Config } from "./config.ts";
import type { Progress } from "./progress.ts";
import { type RoundOptions, runRound } from "./round.ts";

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

/** The config that several clusters have in common: their wal-g inherits no setting. */
export function commonConfig(config: Config, { env }: Pick<Host, "env">): Config {
  return { ...config, environment: settingFreeEnvironment(env) };
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
