/** The levels of `-log.level`. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
/** The formats of `-log.format`. */
export const LOG_FORMATS = ["logfmt", "json"] as const;
