import type { LiveSeries } from "../metrics/live.ts";
import type { Authenticator } from "./auth.ts";
import type { Tls } from "./server.ts";

/** What the web config file makes of the server. */
export interface WebAccess {
  readonly tls: Tls | undefined;
  readonly authenticator: Authenticator | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Series about the file. */
  readonly series: () => readonly LiveSeries[];
  /** The files that are read again after start. */
  readonly readsAfterStart: readonly string[];
}

/** What there is without a web config file: everyone may read, unencrypted. */
export const OPEN_ACCESS: WebAccess = {
  tls: undefined,
  authenticator: undefined,
  headers: {},
  series: () => [],
  readsAfterStart: [],
};
