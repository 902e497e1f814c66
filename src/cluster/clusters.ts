import type { Clock, Pace } from "../base/clock.ts";
import { type Family, gauge } from "../base/family.ts";
import { type Build, OperatorError } from "../base/host.ts";
import { type Fields, type Log, withFields } from "../base/log.ts";
import { someNames } from "../base/text.ts";
import type { Part } from "../metrics/exposition.ts";
import { type ClusterPart, createMerger } from "../metrics/merged.ts";
import type { ClusterConfig } from "../operations/config.ts";
import { createPlaces, type Places } from "../operations/places.ts";
import { type WalgVersion, watchVersion } from "../walg/version.ts";
import { type Cluster, createCluster, type StartOptions, useVersion } from "./cluster.ts";
import { buildPart, createTextRenderer } from "./parts.ts";
import { clusterConfig, type ClusterSource, type Found, type Refused } from "./sources.ts";

/** The clusters that one process watches, each with a name. */
export interface Clusters {
  /** Those that are watched now, by name, in the order of their names. */
  readonly all: ReadonlyMap<string, Cluster>;
  /** The config files that cannot be used as they are now. */
  readonly refused: readonly Refused[];
  /** Series about all of them together. */
  series(): readonly Family[];
  /** Whether each of them has run its operations once, and what they said is shown. */
  isReady(): boolean;
  /** Resolves when the newest state of each is shown. */
  settled(): Promise<void>;
  /** Runs their operations at their intervals until the signal aborts. */
  start(options: Omit<StartOptions, "enter">): ClustersLoop;
}

/** The running loops of all clusters. */
export interface ClustersLoop {
  /** Looks at the config files again: new clusters come, those without a file go, changed ones start anew. */
  reload(): Promise<void>;
  /** Resolves when all loops have ended, after the signal aborted. */
  readonly ended: Promise<void>;
}

/** Options of {@link createClusters}. */
export interface ClustersOptions {
  /** What was found at start. */
  readonly found: Found;
  /** Looks again, by the file of each cluster that is watched; rejects with an OperatorError where nothing can be found out. */
  readonly look: (inUse: ReadonlyMap<string, string>) => Promise<Found>;
  /** What they have in common: all but name and config file. */
  readonly config: ClusterConfig;
  readonly maxRunning: number;
  readonly build: Build;
  readonly clock: Clock;
  readonly pace: () => Pace;
  /** Called with the parts of the exposition whenever they change. */
  readonly onParts: (parts: readonly Part[]) => void;
  /** Called for what could not be rendered: what was shown before it stays. */
  readonly onFault: (fault: unknown) => void;
}

interface Watched {
  readonly source: ClusterSource;
  readonly cluster: Cluster;
  /** Ends its loops. */
  readonly stop: AbortController;
  /** Whether it has run its operations once, and what they said was shown. */
  isReady: boolean;
}

/** Clusters of which nothing is known yet. */
export async function createClusters(options: ClustersOptions): Promise<Clusters> {
  const { clock, pace, onParts, onFault } = options;
  const places = createPlaces(options.maxRunning, clock);
  const more = [await buildPart(options.build, pace())];
  const gather = (): Promise<unknown> => clock.sleep(GATHER_TIME_MS);
  const merger = createMerger({ clock, pace, gather, more, onParts, onFault });
  const watched = new Map<string, Watched>();
  let all: ReadonlyMap<string, Cluster> = new Map();
  let refused: readonly Refused[] = [];
  let version: WalgVersion | undefined;
  let startOne = (_: Watched): void => {};

  const add = (source: ClusterSource): void => {
    const { name } = source;
    const config = clusterConfig(options.config, source);
    const cluster = createCluster<ClusterPart>({
      config,
      clock,
      pace,
      render: createTextRenderer(name, { config, pace, now: clock.now }),
      onParts: (parts) => {
        // What was under way when it went, or started anew, is not shown any more.
        if (watched.get(name) === one) merger.set(name, parts);
      },
      onFault,
    });
    const one: Watched = { source, cluster, stop: new AbortController(), isReady: false };
    watched.set(name, one);
    if (version !== undefined) cluster.store.setWalgVersion(version);
    startOne(one);
  };

  const remove = (name: string): void => {
    watched.get(name)?.stop.abort();
    watched.delete(name);
    merger.remove(name);
    places.forget(name);
  };

  /** Watches what was found, and says what that changed. */
  const use = (found: Found): Changes => {
    const broken = new Set(found.refused.map(({ name }) => name));
    const isGone = (name: string): boolean => !found.clusters.has(name) && !broken.has(name);
    const gone = [...watched.keys()].filter(isGone);
    const added = [...found.clusters.values()].filter(({ name }) => !watched.has(name));
    const changed = [...found.clusters.values()].filter(({ name, file, stamp }) => {
      const known = watched.get(name)?.source;
      const isStopped = watched.get(name)?.stop.signal.aborted;
      return known !== undefined && (known.file !== file || known.stamp !== stamp || isStopped);
    });
    for (const name of [...gone, ...changed.map(({ name }) => name)]) remove(name);
    for (const source of [...added, ...changed]) add(source);
    // Its wal-g would read the broken file: what was known before stays, and ages.
    for (const [name, { stop }] of watched) if (!found.clusters.has(name)) stop.abort();
    all = new Map([...watched].map(([name, { cluster }]) => [name, cluster] as const).toSorted(byName));
    refused = found.refused;
    return { added: added.map(({ name }) => name), changed: changed.map(({ name }) => name), gone };
  };

  use(options.found);
  return {
    get all() {
      return all;
    },
    get refused() {
      return refused;
    },
    series: () => seriesOf(all.size, refused.length, places),
    isReady: () => [...watched].every(([name, one]) => one.isReady ||= one.cluster.isReady() && merger.isShown(name)),
    async settled() {
      await Promise.all(all.values().map((cluster) => cluster.settled()));
      await merger.settled();
    },
    start({ log, random, onOutOfDescriptors, signal }) {
      const stopped = new Set<Promise<void>>();
      startOne = (one) => {
        const { cluster, source: { name } } = one;
        const ownSignal = AbortSignal.any([signal, one.stop.signal]);
        const ownLog = withFields(log, { cluster: name });
        const enter = places.of(name);
        const { ended } = cluster.start({ log: ownLog, random, enter, onOutOfDescriptors, signal: ownSignal });
        stopped.add(ended);
        ended.then(() => stopped.delete(ended));
      };
      for (const one of watched.values()) startOne(one);
      logRefused(refused, watched, log);
      if (watched.size === 0) log.warn("no cluster is watched; put a config file into the folder and send SIGHUP");
      const versionWatched = watchVersion({
        path: options.config.walgPath,
        environment: options.config.environment,
        clock,
        signal,
        async turn(run) {
          const leave = await places.of(VERSION_PLACE)({ urgent: true, signal });
          try {
            return await run();
          } finally {
            leave?.(false);
          }
        },
        onVersion(found) {
          version = found;
          useVersion(found, watched.values().map(({ cluster }) => cluster.store), log);
        },
      });
      const reloadOnce = async (): Promise<void> => {
        const inUse = new Map([...watched].map(([name, { source }]) => [name, source.file]));
        const found = await lookOrSay(() => options.look(inUse), log);
        if (found === undefined || signal.aborted) return;
        const changes = use(found);
        logRefused(refused, watched, log);
        log.info("clusters looked at again", { watched: all.size, refused: refused.length, ...inFields(changes) });
      };
      const judgeAgain = async (): Promise<void> => {
        const paced = pace();
        while (!signal.aborted) {
          await clock.sleep(JUDGE_INTERVAL_MS, signal);
          for (const { cluster } of [...watched.values()]) {
            if (signal.aborted) return;
            await cluster.judge();
            await paced();
          }
        }
      };
      const judged = judgeAgain();
      let reloading = Promise.resolve();
      const untilEnd = clock.sleep(Infinity, signal).then(() => {});
      return {
        reload: () => reloading = reloading.then(reloadOnce),
        ended: untilEnd.then(async () => {
          await Promise.all([...stopped, versionWatched, judged, reloading]);
        }),
      };
    },
  };
}

/** How long changes are gathered, milliseconds: merging the series of one cluster costs as much as those of several. */
const GATHER_TIME_MS = 200;
/** How often all clusters are judged again, milliseconds: their limits are in minutes and more. */
const JUDGE_INTERVAL_MS = 5000;
/** Not a name that a cluster can have. */
const VERSION_PLACE = "";

interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function inFields(changes: Changes): Fields {
  const fields = Object.entries(changes).flatMap(([what, names]: [string, readonly string[]]) =>
    names.length === 0 ? [] : [[what, someNames(names, " ")]]
  );
  return Object.fromEntries(fields);
}

function logRefused(refused: readonly Refused[], watched: ReadonlyMap<string, Watched>, log: Log): void {
  for (const { name, file, why } of refused) {
    // Where another file of that name is in use, its cluster goes on.
    const isStopped = name !== undefined && watched.get(name)?.stop.signal.aborted;
    const what = isStopped
      ? "config file cannot be used; nothing runs for its cluster, what was known of it stays"
      : "config file cannot be used";
    log.error(what, { ...(name !== undefined && { cluster: name }), file, error: why });
  }
}

async function lookOrSay(look: () => Promise<Found>, log: Log): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    log.error("clusters not looked at again; those that are watched stay", { error: error.message });
    return undefined;
  }
}

function seriesOf(watched: number, refused: number, places: Places): readonly Family[] {
  const one = (name: string, help: string, value: number): Family => gauge(name, help, [{ value }]);
  return [
    one("walg_exporter_clusters", "Clusters that are watched.", watched),
    one("walg_exporter_clusters_refused", "Config files of clusters that cannot be used as they are.", refused),
    one("walg_exporter_runs_waiting", "Runs of wal-g that wait for their turn (-walg.max-running).", places.waiting),
    one(
      "walg_exporter_longest_wait_seconds",
      "How long the run that has waited longest for its turn has waited; 0 where none waits.",
      places.longestWait() / 1000,
    ),
  ];
}
