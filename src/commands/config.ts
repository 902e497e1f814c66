import { type Flag, flagValues, type GivenFlags, UsageError } from "../base/flag.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../base/log.ts";
import { readSources, SOURCE_FLAGS, type Sources } from "../cluster/sources.ts";
import { CLUSTER_FLAGS, type ClusterConfig, readClusterConfig } from "../operations/config.ts";

/** All flags of the exporter itself. */
export const EXPORTER_FLAGS: readonly Flag[] = [
  {
    name: "web.listen-address",
    kind: "texts",
    default: ":9351",
    placeholder: "ADDRESS",
    help: "Address to listen on, such as :9351 or 127.0.0.1:9351; may be given several times.",
  },
  { name: "web.telemetry-path", kind: "text", default: "/metrics", placeholder: "PATH", help: "Path of the metrics." },
  {
    name: "web.route-prefix",
    kind: "text",
    placeholder: "PATH",
    help: "Answer below this path, too, such as /walg: for a proxy that passes the whole path on.",
  },
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
  ...CLUSTER_FLAGS,
  ...SOURCE_FLAGS,
  {
    name: "log.level",
    kind: "choice",
    default: "info",
    choices: LOG_LEVELS,
    placeholder: "LEVEL",
    help: "The minimum level that is logged.",
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

/** Everything that the operator set, checked. */
export interface Config extends ClusterConfig {
  /** Where the clusters are, each with a name; undefined: one without. */
  readonly sources: Sources | undefined;
  readonly listenAddresses: readonly string[];
  readonly telemetryPath: string;
  /** "" or such as `/walg`. */
  readonly routePrefix: string;
  readonly webConfigFile: string | undefined;
  /** Requests answered at the same time; 0 for no limit. */
  readonly maxRequests: number;
  readonly logLevel: typeof LOG_LEVELS[number];
  readonly logFormat: typeof LOG_FORMATS[number];
}

/**
 * Makes the configuration from the given flags; those that a command does not have keep their defaults.
 *
 * @throws UsageError that names the flag and the fix
 */
export function readConfig(given: GivenFlags): Config {
  const flags = flagValues(EXPORTER_FLAGS, given);
  const metrics = telemetryPath(flags.text("web.telemetry-path") ?? "");
  return {
    ...readClusterConfig(flags),
    sources: readSources(flags),
    listenAddresses: flags.texts("web.listen-address"),
    telemetryPath: metrics,
    routePrefix: routePrefix(flags.text("web.route-prefix") ?? "", metrics),
    webConfigFile: flags.text("web.config.file") || undefined,
    maxRequests: flags.count("web.max-requests") ?? 0,
    logLevel: flags.choice("log.level") as Config["logLevel"],
    logFormat: flags.choice("log.format") as Config["logFormat"],
  };
}

const RESERVED_PATHS = ["/-/healthy", "/-/ready", "/restore", "/api/v1/status", "/api/v1/plan"];

/** A path without the slash at its end; the root is no prefix. */
function routePrefix(path: string, metrics: string): string {
  if (path !== "") checkPath("web.route-prefix", path);
  const prefix = path.replace(/\/$/, "");
  if (prefix === metrics || hasMeaning(prefix)) {
    throw new UsageError(`-web.route-prefix: '${path}' has a meaning of its own; choose another such as /walg`);
  }
  if (prefix !== "" && metrics.startsWith(`${prefix}/`)) {
    const rest = metrics.slice(prefix.length);
    throw new UsageError(
      `-web.telemetry-path: '${metrics}' is below -web.route-prefix, which is put before it; write ${rest}`,
    );
  }
  return prefix;
}

function hasMeaning(path: string): boolean {
  return RESERVED_PATHS.includes(path) || path.startsWith("/clusters/");
}

function checkPath(flag: string, path: string): void {
  if (/^\/[\w\-./~]*$/.test(path) && !/(^|\/)\.\.?(\/|$)|\/\//.test(path)) return;
  throw new UsageError(`-${flag}: '${path}' is not a path; it begins with / and has letters, digits, - _ . ~`);
}

function telemetryPath(path: string): string {
  checkPath("web.telemetry-path", path);
  if (hasMeaning(path)) {
    throw new UsageError(`-web.telemetry-path: '${path}' has a meaning of its own; choose another such as /metrics`);
  }
  return path;
}
