import { createPace, type Pace } from "../base/clock.ts";
import type { Family } from "../base/family.ts";
import type { Host } from "../base/host.ts";
import type { Log } from "../base/log.ts";
import { createCluster, type StartOptions } from "../cluster/cluster.ts";
import { createClusters } from "../cluster/clusters.ts";
import { createPartRenderer } from "../cluster/parts.ts";
import { findClusters, type Sources } from "../cluster/sources.ts";
import type { Part } from "../metrics/exposition.ts";
import type { HandlerOptions } from "../web/handler.ts";
import { findFleetPage, sitePages, type SiteTerms } from "../web/page/site.ts";
import type { Config } from "./config.ts";
import { commonConfig } from "./rounds.ts";

/** What is watched: one cluster without a name, or several with one each. */
export interface Watching {
  isReady(): boolean;
  /** Resolves when the newest state is shown. */
  settled(): Promise<void>;
  /** Series beside those of the clusters. */
  series(): readonly Family[];
  /** Its pages. */
  site(terms: SiteTerms): Pick<HandlerOptions, "pages" | "findPage">;
  /** The files that are read after start. */
  readonly readsAfterStart: readonly string[];
  /** What the log says of SIGHUP. */
  readonly hangupMessage: string;
  start(options: Omit<StartOptions, "enter">): { hangup(): void; readonly ended: Promise<void> };
}

/** Options of {@link openWatching}. */
export interface WatchingOptions {
  readonly config: Config;
  readonly host: Host;
  /** Called with the parts of the exposition whenever they change. */
  readonly onParts: (parts: readonly Part[]) => void;
  readonly log: Log;
}

/**
 * Makes what the flags ask for; nothing runs yet.
 *
 * @throws OperatorError when the folder of the clusters cannot be read
 */
export async function openWatching(options: WatchingOptions): Promise<Watching> {
  const { config: { sources }, host: { clock }, log } = options;
  const pace = (): Pace => createPace(clock);
  const onFault = (fault: unknown): void =>
    log.error("a state could not be rendered; the one before it stays", { fault: String(fault) });
  return sources === undefined
    ? watchOne({ ...options, pace, onFault })
    : await watchMany({ ...options, pace, onFault, sources });
}

type Inner = WatchingOptions & { readonly pace: () => Pace; readonly onFault: (fault: unknown) => void };

function watchOne({ config, host: { build, clock }, pace, onParts, onFault }: Inner): Watching {
  const render = createPartRenderer({ config, build, pace });
  const cluster = createCluster({ config, clock, pace, render, onParts, onFault });
  return {
    isReady: cluster.isReady,
    settled: cluster.settled,
    series: () => [],
    site: (terms) => ({ pages: sitePages({ ...terms, cluster }) }),
    readsAfterStart: [],
    hangupMessage: "running every operation now",
    start(options) {
      const { runNow, ended } = cluster.start(options);
      return { hangup: runNow, ended };
    },
  };
}

async function watchMany(
  { config, host, pace, onParts, onFault, sources }: Inner & { readonly sources: Sources },
): Promise<Watching> {
  const clusters = await createClusters({
    found: await findClusters(sources, host),
    look: (inUse) => findClusters(sources, host, inUse),
    config: commonConfig(config, host),
    maxRunning: sources.maxRunning,
    build: host.build,
    clock: host.clock,
    pace,
    onParts,
    onFault,
  });
  return {
    isReady: clusters.isReady,
    settled: clusters.settled,
    series: clusters.series,
    site: (terms) => ({ pages: {}, findPage: findFleetPage({ ...terms, clusters }) }),
    readsAfterStart: [...sources.files.values(), ...sources.folder === undefined ? [] : [sources.folder]],
    hangupMessage: "looking at the clusters' config files again",
    start(options) {
      const { reload, ended } = clusters.start(options);
      return { hangup: () => void reload(), ended };
    },
  };
}
