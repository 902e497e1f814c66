import type { Clock } from "../../base/clock.ts";
import type { ReadText, StampOf } from "../../base/host.ts";
import type { Log } from "../../base/log.ts";
import type { LiveSeries } from "../../base/family.ts";
import type { Authenticator } from "../auth.ts";
import type { Tls } from "../server.ts";

/** What the web config file makes of the server. */
export interface WebAccess {
  readonly tls: Tls | undefined;
  readonly authenticator: Authenticator | undefined;
  /** Headers that the operator set for every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Series about the file. */
  readonly series: () => readonly LiveSeries[];
  /** The files that are read again after start. */
  readonly readsAfterStart: readonly string[];
  /** Reads the users again whenever the file changes, until the signal aborts. */
  watch(signal: AbortSignal): Promise<void>;
}

/** Options of {@link openWebAccess}. */
export interface WebAccessOptions {
  /** Of the web config file, where the operator gave one. */
  readonly path: string | undefined;
  readonly readText: ReadText;
  readonly stampOf: StampOf;
  readonly clock: Clock;
  readonly log: Log;
}

/** Without a web config file everyone may read, unencrypted. */
const OPEN: WebAccess = {
  tls: undefined,
  authenticator: undefined,
  headers: {},
  series: () => [],
  readsAfterStart: [],
  watch: () => Promise.resolve(),
};

/**
 * Reads the web config file, where there is one.
 *
 * @throws OperatorError when the file, its certificate or its key cannot be used
 */
export async function openWebAccess({ path, ...options }: WebAccessOptions): Promise<WebAccess> {
  if (path === undefined) return OPEN;
  // Most hosts have no such file: what reads it is loaded only where it is.
  const { openConfiguredAccess } = await import("./configured_access.ts");
  return await openConfiguredAccess({ path, ...options });
}
