import { COLLECTORS, OPERATIONS } from "../collectors/mod.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../log_choices.ts";
import type { Flag } from "./flag.ts";

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
