import type { Fields, Log } from "./log.ts";

/** A log that keeps what is said until it is opened. */
export interface LateLog extends Log {
  /** Writes what was said so far, in its order; from then on all is written at once. */
  open(): Promise<void>;
}

/** A log whose writer is loaded when it is opened: a start that logs later answers its first scrape sooner. */
export function createLateLog(load: () => Promise<Log>): LateLog {
  let writer: Log | undefined;
  const kept: ((log: Log) => void)[] = [];
  const later = (level: keyof Log) => (message: string, fields?: Fields): void => {
    if (writer !== undefined) writer[level](message, fields);
    else kept.push((log) => log[level](message, fields));
  };
  return {
    debug: later("debug"),
    info: later("info"),
    warn: later("warn"),
    error: later("error"),
    async open() {
      writer = await load();
      for (const write of kept.splice(0)) write(writer);
    },
  };
}
