import { type Flag, type FlagValues, flagValues, type GivenFlags, UsageError } from "../base/flag.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../base/log.ts";
import type { Operation } from "./operation.ts";
import { COLLECTORS, OPERATIONS } from "./registry.ts";

/** How wal-g is run: for every command. */
export const WALG_FLAGS: readonly Flag[] = [
  { name: "walg.path", kind: "text", default: "wal-g", placeholder: "PATH", help: "The wal-g executable." },
  {
    name: "walg.config-path",
    kind: "text",
    placeholder: "PATH",
    help: "WAL-G's config file, passed on as --config.",
  },
];

/** How long each operation may take: for every command that runs them. */
export const TIMEOUT_FLAGS: readonly Flag[] = OPERATIONS.map((operation) => ({
  name: `${operation}.timeout`,
  kind: "duration",
  default: COLLECTORS[operation].defaults.timeout,
  placeholder: "DURATION",
  help: `After how long a run of ${operation} is ended.`,
}));

const INTERVAL_FLAGS: readonly Flag[] = OPERATIONS.map((operation) => ({
  name: `${operation}.scrape-interval`,
  kind: "duration",
  default: COLLECTORS[operation].defaults.interval,
  placeholder: "DURATION",
  help: `How often to find out ${COLLECTORS[operation].description}.`,
}));

/** What goes to stderr. */
export const LOG_FLAGS: readonly Flag[] = [
  {
    name: "log.level",
    kind: "choice",
    default: "info",
    choices: LOG_LEVELS,
    placeholder: "LEVEL",
    help: "The least level that is logged.",
  },
  {
    name: "log.format",
    kind: "choice",
    default: "logfmt",
    choices: LOG_FORMATS,
    placeholder: "FORMAT",
    help: "How log lines are written.",
  },
];

/** For how many backups there are series. */
export const SERIES_FLAGS: readonly Flag[] = [
  {
    name: "backups.max-series",
    kind: "count",
    default: "0",
    placeholder: "N",
    help: "Per-backup series for the newest N backups only; 0 for all. Counts and sums stay complete.",
  },
];

/** The addresses to serve on. */
export const LISTEN_FLAGS: readonly Flag[] = [
  {
    name: "web.listen-address",
    kind: "texts",
    default: ":9351",
    placeholder: "ADDRESS",
    help: "Address to listen on, such as :9351 or 127.0.0.1:9351; may be given several times.",
  },
];

/** All flags of the exporter itself. */
export const EXPORTER_FLAGS: readonly Flag[] = [
  ...LISTEN_FLAGS,
  { name: "web.telemetry-path", kind: "text", default: "/metrics", placeholder: "PATH", help: "Path of the metrics." },
  {
    name: "web.config.file",
    kind: "text",
    placeholder: "PATH",
    help: "File that sets TLS and passwords, in the format of Prometheus' exporter-toolkit.",
  },
  {
    name: "web.max-requests",
    kind: "count",
    default: "40",
    placeholder: "N",
    help: "Requests answered at the same time; more get 503. 0 for no limit.",
  },
  ...WALG_FLAGS,
  ...INTERVAL_FLAGS,
  ...TIMEOUT_FLAGS,
  {
    name: "scrape.jitter",
    kind: "duration",
    placeholder: "DURATION",
    help: "The most by which runs after the first are shifted at random; a tenth of each interval if not given.",
  },
  {
    name: "snapshot.max-age",
    kind: "duration",
    default: "0s",
    placeholder: "DURATION",
    help: "Drop the series of an answer older than this; 0 keeps the last good one for ever.",
  },
  ...SERIES_FLAGS,
  ...LOG_FLAGS,
];

/** When an operation runs; milliseconds. */
export interface OperationConfig {
  readonly interval: number;
  readonly timeout: number;
  /** The most by which its runs after the first are shifted. */
  readonly jitter: number;
}

/** Everything that the operator set, checked. */
export interface Config {
  readonly listenAddresses: readonly string[];
  readonly telemetryPath: string;
  readonly webConfigFile: string | undefined;
  /** Requests answered at the same time; 0 for no limit. */
  readonly maxRequests: number;
  readonly walgPath: string;
  readonly walgConfigPath: string | undefined;
  readonly operations: Readonly<Record<Operation, OperationConfig>>;
  /** Milliseconds; 0 for never. */
  readonly snapshotMaxAge: number;
  /** 0 for all. */
  readonly maxBackupSeries: number;
  readonly logLevel: typeof LOG_LEVELS[number];
  readonly logFormat: typeof LOG_FORMATS[number];
}

/** The shortest interval and timeout that makes sense, milliseconds. */
const SHORTEST = 10;

/**
 * Makes the configuration from the given flags; those that a command does not have keep their defaults.
 *
 * @throws UsageError that names the flag and the fix
 */
export function readConfig(given: GivenFlags): Config {
  const flags = flagValues(EXPORTER_FLAGS, given);
  return {
    listenAddresses: flags.texts("web.listen-address"),
    telemetryPath: telemetryPath(flags.text("web.telemetry-path") ?? ""),
    webConfigFile: named(flags.text("web.config.file")),
    maxRequests: flags.count("web.max-requests") ?? 0,
    walgPath: walgPath(flags.text("walg.path")),
    walgConfigPath: named(flags.text("walg.config-path")),
    operations: operationConfigs(flags),
    snapshotMaxAge: flags.duration("snapshot.max-age") ?? 0,
    maxBackupSeries: flags.count("backups.max-series") ?? 0,
    logLevel: flags.choice("log.level") as Config["logLevel"],
    logFormat: flags.choice("log.format") as Config["logFormat"],
  };
}

function operationConfigs(flags: FlagValues): Config["operations"] {
  const jitter = flags.duration("scrape.jitter");
  const entries = OPERATIONS.map((operation): [Operation, OperationConfig] => {
    const interval = atLeast(flags, `${operation}.scrape-interval`);
    const timeout = atLeast(flags, `${operation}.timeout`);
    return [operation, { interval, timeout, jitter: jitter ?? interval / 10 }];
  });
  return Object.fromEntries(entries) as Config["operations"];
}

function atLeast(flags: FlagValues, name: string): number {
  const milliseconds = flags.duration(name) ?? 0;
  if (milliseconds < SHORTEST) {
    throw new UsageError(`-${name}: '${flags.text(name)}' is too short; the least is ${SHORTEST}ms`);
  }
  return milliseconds;
}

const RESERVED_PATHS = ["/-/healthy", "/-/ready", "/api/v1/status"];

function telemetryPath(path: string): string {
  if (!/^\/[\w\-./~]*$/.test(path) || /(^|\/)\.\.?(\/|$)/.test(path)) {
    throw new UsageError(
      `-web.telemetry-path: '${path}' is no path; it begins with / and has letters, digits, - _ . ~`,
    );
  }
  if (RESERVED_PATHS.includes(path)) {
    throw new UsageError(`-web.telemetry-path: '${path}' has a meaning of its own; choose another such as /metrics`);
  }
  return path;
}

function walgPath(path: string | undefined): string {
  if (path === undefined || path === "") throw new UsageError("-walg.path is empty; give the path of wal-g");
  return path;
}

function named(path: string | undefined): string | undefined {
  return path === "" ? undefined : path;
}
