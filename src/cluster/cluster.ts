import type { Clock, Pace } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { PartTerms } from "../metrics/exposition.ts";
import { backupList } from "../operations/backup_list.ts";
import { type ClusterConfig, enabledOperations } from "../operations/config.ts";
import type { Enter } from "../operations/places.ts";
import { isUnsettled } from "../operations/registry.ts";
import { type Loop, startAll } from "../operations/scheduler.ts";
import { createStore, freshState, hasRunOnce, type State, type Store } from "../operations/state.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { type View, viewOf } from "../status/view.ts";
import { newestFirst } from "../walg/backup_list.ts";
import { FOREIGN_FIX, type WalgVersion, watchVersion } from "../walg/version.ts";
import { type RenderedState, type Renderer, rendersAlike } from "./parts.ts";

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
  /** Judges it again, as limits pass with time, where that is not done at each scrape; resolves when that is shown. */
  judge(): Promise<void>;
  /** Runs its operations at their intervals until the signal aborts. */
  start(options: StartOptions): Loop;
}

/** Options of {@link createCluster}. */
export interface ClusterOptions<P extends PartTerms> {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly pace: () => Pace;
  readonly render: Renderer<P>;
  /** Called with the parts of the exposition whenever they change. */
  readonly onParts: (parts: readonly P[]) => void;
  /** Called for a state that could not be rendered: the one before it stays. */
  readonly onFault: (fault: unknown) => void;
}

/** Options of {@link Cluster.start}. */
export interface StartOptions {
  readonly log: Log;
  /** 0 up to but not 1. */
  readonly random: () => number;
  /** Where the runs of several clusters take turns; absent where one is watched alone. */
  readonly enter?: Enter;
  /** Called when wal-g cannot be started because no file descriptor is left. */
  readonly onOutOfDescriptors: (error: string) => void;
  readonly signal: AbortSignal;
}

/** A cluster of which nothing is known yet. */
export function createCluster<P extends PartTerms>(options: ClusterOptions<P>): Cluster {
  const { config, clock, pace, render } = options;
  let logRestorable = (_: Recovery | undefined): void => {};
  let rendered: RenderedState<P> | undefined;
  let wanted: State = freshState(enabledOperations(config));
  let rendering = Promise.resolve();
  let busy = false;
  // Whether what time has changed is to be rendered.
  let isOld = false;

  const renderWanted = async (): Promise<void> => {
    busy = true;
    try {
      while (isOld || rendered?.view.state !== wanted) {
        const [state, again] = [wanted, isOld];
        isOld = false;
        const next = rendered && !again && rendersAlike(rendered.view.state, state)
          ? { ...rendered, view: viewOf(state, rendered.view.recovery, rendered.view) }
          : await render(state, again || undefined);
        if (next.parts !== rendered?.parts) options.onParts(next.parts);
        rendered = next;
        logRestorable(next.view.recovery);
      }
    } finally {
      busy = false;
    }
  };
  const renderSoon = (): Promise<void> => {
    if (!busy) rendering = renderWanted().catch(options.onFault);
    return rendering;
  };
  const update = (state: State): void => {
    wanted = state;
    renderSoon();
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
    judge() {
      isOld = true;
      return renderSoon();
    },
    start({ log, random, enter, onOutOfDescriptors, signal }) {
      logRestorable = createRestorableLog(log);
      const turns = enter && { enter };
      const loops = startAll({ config, clock, log, random, store, pace, ...turns, onOutOfDescriptors, signal });
      loops.ranOnce.then(() => isUnsettled(store.state) && loops.runNow(backupList.name));
      // Where runs take turns, wal-g is asked once for all clusters.
      if (enter !== undefined) return loops;
      const onVersion = (walg: WalgVersion): void => useVersion(walg, [store], log);
      const version = watchVersion({ path: config.walgPath, clock, signal, onVersion });
      return { ...loops, ended: Promise.all([loops.ended, version]).then(() => {}) };
    },
  };
}

/** Has clusters know which wal-g they run, and says once where that is of no use. */
export function useVersion(walg: WalgVersion, stores: Iterable<Store>, log: Log): void {
  let foreign: string | undefined;
  for (const store of stores) {
    const isNews = store.state.foreignWalg === undefined;
    store.setWalgVersion(walg);
    if (isNews) foreign = store.state.foreignWalg ?? foreign;
  }
  if (foreign !== undefined) log.error(`${foreign}; nothing is run any more`, { fix: FOREIGN_FIX });
}

/** How many backups one line names. */
const NAMED = 4;

/**
 * Logs which backups are not restorable and why: one line each time that the set of them or a reason changes.
 *
 * @returns what to call with each recovery; the same one again, or none, logs nothing
 */
export function createRestorableLog(log: Log): (recovery: Recovery | undefined) => void {
  let logged = "";
  return (recovery) => {
    if (recovery === undefined) return;
    const bad = recovery.backups.filter(({ restorable }) => restorable === false);
    const reasons = bad.map(({ backup, reason }) => `${backup.name}: ${reason}`).sort().join("\n");
    if (reasons === logged) return;
    logged = reasons;
    if (bad.length === 0) return logGood(recovery, log);
    const [newest, ...others] = newestFirst(bad).slice(0, NAMED);
    log.warn("backups not restorable", {
      count: bad.length,
      newest: newest?.backup.name ?? "",
      reason: newest?.reason ?? "",
      ...(others.length > 0 && { before: others.map(({ backup, reason }) => `${backup.name}: ${reason}`).join("; ") }),
      ...(bad.length > NAMED && { not_named: bad.length - NAMED }),
    });
  };
}

function logGood({ backups }: Recovery, log: Log): void {
  if (backups.length === 0) return log.warn("no backup is listed any more");
  const unknown = backups.filter(({ restorable }) => restorable === undefined).length;
  if (unknown === 0) log.info("all backups restorable again", { count: backups.length });
  else log.info("no backup is known to be not restorable any more", { count: backups.length, not_known: unknown });
}
