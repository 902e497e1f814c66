import { type Flag, type FlagValues, UsageError } from "../base/flag.ts";
import { LIMIT_FLAGS, type Limits, readLimits } from "./limits.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./registry.ts";
import { DRILL_FOLDER } from "./drill_result.ts";

/** How wal-g is run: for every command. */
export const WALG_FLAGS: readonly Flag[] = [
  { name: "walg.path", kind: "text", default: "wal-g", placeholder: "PATH", help: "The wal-g executable." },
  {
    name: "walg.config-path",
    kind: "text",
    placeholder: "PATH",
    help: "WAL-G's config file, passed on as --config.",
  },
  {
    name: "drill-result.folder",
    kind: "text",
    default: DRILL_FOLDER,
    placeholder: "PATH",
    help: "Where walg-restore-drill puts its results: NAME.json of a cluster NAME, default.json of one without a name.",
  },
];

/** How long each operation may take: for every command that runs them. */
export const TIMEOUT_FLAGS: readonly Flag[] = OPERATIONS.map(({ name, defaults }) => ({
  name: `${name}.timeout`,
  kind: "duration",
  default: defaults.timeout,
  placeholder: "DURATION",
  help: `How long a run of ${name} may take before it is stopped.`,
}));

/** How often each operation runs. */
export const INTERVAL_FLAGS: readonly Flag[] = OPERATIONS.map(({ name, defaults, description, canBeOff }) => ({
  name: `${name}.scrape-interval`,
  kind: "duration",
  default: defaults.interval,
  placeholder: "DURATION",
  help: `How often to find out ${description}${canBeOff ? "; 0 switches it off" : ""}.`,
}));

/** What is in series. */
export const SERIES_FLAGS: readonly Flag[] = [
  {
    name: "instance.name",
    kind: "text",
    placeholder: "NAME",
    help: "What this instance is called on the page, in JSON and in walg_cluster_info; the host's name if not given.",
  },
  {
    name: "backups.max-series",
    kind: "count",
    default: "0",
    placeholder: "N",
    help: "Per-backup series for the newest N backups only; 0 for all. Counts and sums stay complete.",
  },
];

/** All flags of one watched cluster. */
export const CLUSTER_FLAGS: readonly Flag[] = [
  ...WALG_FLAGS,
  ...INTERVAL_FLAGS,
  ...TIMEOUT_FLAGS,
  {
    name: "scrape.jitter",
    kind: "duration",
    placeholder: "DURATION",
    help: "The maximum by which runs after the first are shifted at random; a tenth of each interval if not given.",
  },
  {
    name: "snapshot.max-age",
    kind: "duration",
    default: "0s",
    placeholder: "DURATION",
    help: "Drop the series of an answer older than this; 0 keeps the last good answer for ever.",
  },
  ...SERIES_FLAGS,
  ...LIMIT_FLAGS,
];

/** When an operation runs; milliseconds. */
export interface Timing {
  /** 0: it is off. */
  readonly interval: number;
  readonly timeout: number;
  /** The most by which its runs after the first are shifted. */
  readonly jitter: number;
}

/** What the operator set for one cluster, checked. */
export interface ClusterConfig {
  /** Its name; undefined where one cluster without a name is watched. */
  readonly name?: string;
  /** The whole environment of its wal-g; undefined: it inherits the exporter's. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly walgPath: string;
  readonly walgConfigPath: string | undefined;
  /** The file that the result of its last restore drill is in. */
  readonly drillFile: string;
  /** By the operation's name. */
  readonly timings: ReadonlyMap<string, Timing>;
  /** After how long an answer is no longer shown: milliseconds; 0 for never. */
  readonly snapshotMaxAge: number;
  /** 0 for all. */
  readonly maxBackupSeries: number;
  readonly limits: Limits;
  /** What the operator calls it. */
  readonly instanceName: string | undefined;
}

/**
 * Reads what concerns one cluster; flags that a command does not have keep their defaults.
 *
 * @throws UsageError that names the flag and the fix
 */
export function readClusterConfig(flags: FlagValues): ClusterConfig {
  const walgPath = flags.text("walg.path") ?? "";
  if (walgPath === "") throw new UsageError("-walg.path is empty; give the path of wal-g");
  const instanceName = flags.text("instance.name");
  if (instanceName !== undefined && !/^\P{C}*[^\p{C}\s]\P{C}*$/u.test(instanceName)) {
    throw new UsageError("-instance.name is empty or has control characters; give a name such as db1");
  }
  const jitter = flags.duration("scrape.jitter");
  const timings = new Map(OPERATIONS.map((operation) => [operation.name, readTiming(operation, flags, jitter)]));
  const on = [...timings].filter(([, { interval }]) => interval > 0);
  return {
    walgPath,
    walgConfigPath: flags.text("walg.config-path") || undefined,
    drillFile: `${flags.text("drill-result.folder") || DRILL_FOLDER}/default.json`,
    timings,
    snapshotMaxAge: flags.duration("snapshot.max-age") ?? 0,
    maxBackupSeries: flags.count("backups.max-series") ?? 0,
    limits: readLimits(flags, new Map(on.map(([name, { interval }]) => [name, interval])), Date.now()),
    instanceName,
  };
}

/** When an operation runs. */
export function timingOf({ timings }: ClusterConfig, { name }: Pick<Operation<unknown>, "name">): Timing {
  return timings.get(name) ?? { interval: 0, timeout: 0, jitter: 0 };
}

/** The operations that are on. */
export function enabledOperations(config: ClusterConfig): readonly Operation<unknown>[] {
  return OPERATIONS.filter((operation) => timingOf(config, operation).interval > 0);
}

/** The shortest interval and timeout that makes sense, milliseconds. */
const SHORTEST_MS = 10;

function readTiming({ name, canBeOff }: Operation<unknown>, flags: FlagValues, jitter: number | undefined): Timing {
  const atLeast = (flag: string, orOff: boolean): number => {
    const milliseconds = flags.duration(flag) ?? 0;
    if (milliseconds >= SHORTEST_MS || (orOff && milliseconds === 0)) return milliseconds;
    const off = orOff ? ", or 0 to switch it off" : "";
    throw new UsageError(`-${flag}: '${flags.text(flag)}' is too short; the minimum is ${SHORTEST_MS}ms${off}`);
  };
  const interval = atLeast(`${name}.scrape-interval`, canBeOff);
  const timeout = atLeast(`${name}.timeout`, false);
  return { interval, timeout, jitter: jitter ?? interval / 10 };
}
