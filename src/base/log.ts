import { configureSync, getJsonLinesFormatter, getLogfmtFormatter, getLogger } from "@logtape/logtape";
import { maskSecrets } from "./secrets.ts";
import { visible } from "./text.ts";

/** The levels of `-log.level`. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
/** The formats of `-log.format`. */
export const LOG_FORMATS = ["logfmt", "json"] as const;

/** What a log line says beside its message. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

/** Where events go: one line each. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** Options of {@link createLog}. */
export interface LogOptions {
  readonly level: typeof LOG_LEVELS[number];
  readonly format: typeof LOG_FORMATS[number];
  /** Takes each finished line, its newline included. */
  readonly write: (line: string) => void;
}

/** A log in which secrets are masked, and what cannot be seen is escaped. */
export function createLog({ level, format, write }: LogOptions): Log {
  const line = format === "json"
    ? getJsonLinesFormatter({ properties: "flatten", message: "template" })
    : getLogfmtFormatter({ message: "template" });
  configureSync({
    reset: true,
    sinks: { lines: (record) => write(line(record)) },
    loggers: [
      { category: ["logtape"], sinks: [] },
      { category: ["walg-exporter"], sinks: ["lines"], lowestLevel: level === "warn" ? "warning" : level },
    ],
  });
  const logger = getLogger(["walg-exporter"]);
  return {
    debug: (message, fields) => logger.debug(message, masked(fields)),
    info: (message, fields) => logger.info(message, masked(fields)),
    warn: (message, fields) => logger.warn(message, masked(fields)),
    error: (message, fields) => logger.error(message, masked(fields)),
  };
}

/** The same log with fields that stand in every line, before its own. */
export function withFields(log: Log, always: Fields): Log {
  return {
    debug: (message, fields) => log.debug(message, { ...always, ...fields }),
    info: (message, fields) => log.info(message, { ...always, ...fields }),
    warn: (message, fields) => log.warn(message, { ...always, ...fields }),
    error: (message, fields) => log.error(message, { ...always, ...fields }),
  };
}

function masked(fields: Fields = {}): Fields {
  const mask = (value: Fields[string]): Fields[string] =>
    typeof value === "string" ? maskSecrets(visible(value)) : value;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, mask(value)]));
}
