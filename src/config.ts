import { EXPORTER_FLAGS } from "./cli/exporter_flags.ts";
import { type GivenFlags, UsageError } from "./cli/flag.ts";
import { type FlagValues, flagValues } from "./cli/values.ts";
import { OPERATIONS } from "./collectors/mod.ts";
import type { Operation } from "./collectors/operation.ts";
import type { LOG_FORMATS, LOG_LEVELS } from "./log_choices.ts";

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
 * @throws UsageError that names the flag and the mend
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
