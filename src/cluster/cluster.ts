import type { Clock, Pace } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Build } from "../base/manifest.ts";
import type { Part } from "../metrics/exposition.ts";
import { type ClusterConfig, enabledOperations } from "../operations/config.ts";
import { type Loop, startAll } from "../operations/scheduler.ts";
import { createStore, freshState, hasRunOnce, type State, type Store } from "../operations/state.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { createRestorableLog } from "../status/restorable_log.ts";
import { type View, viewOf } from "../status/view.ts";
import { FOREIGN_FIX, type WalgVersion, watchVersion } from "../walg/version.ts";
import { createPartRenderer, type RenderedState, rendersAlike } from "./parts.ts";

/** One watched cluster: everything that belongs to it hangs on this object. */
export interface Cluster {
  readonly config: ClusterConfig;
  readonly store: Store;
  /** What is shown now; a state before any run at first. */
  readonly shown: View;
  /** Resolves when the newest state is shown. */
  settled(): Promise<void>;
  /** Whether each operation that is waited for has run once, and what it said is shown. */
  isReady(): boolean;
  /** Runs its operations at their intervals until the signal aborts. */
  start(options: StartOptions): Loop;
}

/** Options of {@link createCluster}. */
export interface ClusterOptions {
  readonly config: ClusterConfig;
  readonly build: Build;
  readonly clock: Clock;
  readonly pace: () => Pace;
  /** Called with the parts of the exposition whenever they change. */
  readonly onParts: (parts: readonly Part[]) => void;
  /** Called for a state that could not be rendered: the one before it stays. */
  readonly onFault: (fault: unknown) => void;
}

/** Options of {@link Cluster.start}. */
export interface StartOptions {
  readonly log: Log;
  /** 0 up to but not 1. */
  readonly random: () => number;
  /** Called when wal-g cannot be started because no file descriptor is left. */
  readonly onOutOfDescriptors: (error: string) => void;
  readonly signal: AbortSignal;
}

/** A cluster of which nothing is known yet. */
export function createCluster(options: ClusterOptions): Cluster {
  const { config, clock, pace } = options;
  const render = createPartRenderer(options);
  let logRestorable = (_: Recovery | undefined): void => {};
  let rendered: RenderedState | undefined;
  let wanted: State = freshState(enabledOperations(config));
  let rendering = Promise.resolve();
  let busy = false;

  const renderWanted = async (): Promise<void> => {
    busy = true;
    try {
      while (rendered?.view.state !== wanted) {
        const state = wanted;
        const next = rendered && rendersAlike(rendered.view.state, state)
          ? { ...rendered, view: viewOf(state, rendered.view.recovery, rendered.view) }
          : await render(state);
        if (next.parts !== rendered?.parts) options.onParts(next.parts);
        rendered = next;
        logRestorable(next.view.recovery);
      }
    } finally {
      busy = false;
    }
  };
  const update = (state: State): void => {
    wanted = state;
    if (!busy) rendering = renderWanted().catch(options.onFault);
  };

  const store = createStore(wanted, update);
  update(wanted);
  return {
    config,
    store,
    get shown(): View {
      return rendered?.view ?? viewOf(wanted, undefined);
    },
    settled: () => rendering,
    isReady: () => rendered !== undefined && hasRunOnce(rendered.view.state),
    start({ log, random, onOutOfDescriptors, signal }) {
      logRestorable = createRestorableLog(log);
      const loops = startAll({ config, clock, log, random, store, pace, onOutOfDescriptors, signal });
      const onVersion = (walg: WalgVersion): void => {
        const isNews = store.state.foreignWalg === undefined;
        store.setWalgVersion(walg);
        const { foreignWalg } = store.state;
        if (isNews && foreignWalg !== undefined) {
          log.error(`${foreignWalg}; nothing is run any more`, { fix: FOREIGN_FIX });
        }
      };
      const version = watchVersion({ path: config.walgPath, clock, signal, onVersion });
      return { ...loops, ended: Promise.all([loops.ended, version]).then(() => {}) };
    },
  };
}
