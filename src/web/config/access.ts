import type { Clock } from "../../base/clock.ts";
import type { Family } from "../../base/family.ts";
import { OperatorError, type ReadText, type StampOf } from "../../base/host.ts";
import type { Log } from "../../base/log.ts";
import { type Authenticator, createAuthenticator } from "../auth.ts";
import { createPasswordChecker } from "../passwords.ts";
import type { Tls } from "../server.ts";
import { loadKeyPair } from "./certificate.ts";
import { openWebConfig } from "./reload.ts";

/** What the web config file makes of the server. */
export interface WebAccess {
  readonly tls: Tls | undefined;
  readonly authenticator: Authenticator | undefined;
  /** Whether the file sets passwords at start; a later version of it may. */
  readonly hasPasswords: boolean;
  /** Headers that the operator set for every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Series about the file. */
  readonly series: () => readonly Family[];
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
  hasPasswords: false,
  headers: {},
  series: () => [],
  readsAfterStart: [],
  watch: () => Promise.resolve(),
};

/** How often it is checked whether the file has changed. */
const POLL_INTERVAL_MS = 5000;

/**
 * Reads the web config file, where there is one, and makes of it what it asks for.
 *
 * @throws OperatorError when the file, its certificate or its key cannot be used
 */
export async function openWebAccess({ path, ...options }: WebAccessOptions): Promise<WebAccess> {
  if (path === undefined) return OPEN;
  const { readText, clock, log } = options;
  // Most hosts have no such file: what reads it is loaded only where it is.
  const { parseWebConfig: parse } = await import("./web_config.ts");
  const reload = await orOperatorError(openWebConfig({ path, ...options, parse }));
  const { tls, users, headers, warnings } = reload.config;
  const pair = tls && await orOperatorError(loadKeyPair(tls, readText));
  for (const warning of warnings) log.warn(warning);
  // Also without users: a later version of the file may set some.
  const passwords = createPasswordChecker({
    clock,
    onFault: (error) => log.error("passwords cannot be checked: their worker failed; logins get 503", { error }),
  });
  const authenticator = createAuthenticator({ users, compare: passwords.compare });
  const poll = async (): Promise<void> => {
    const outcome = await reload.poll();
    if ("error" in outcome) return log.error("web config not re-read", { error: outcome.error });
    if (outcome.how === "unchanged") return;
    authenticator.replaceUsers(reload.config.users);
    for (const warning of reload.config.warnings) log.warn(warning);
    const { needsRestart } = outcome;
    log.info("web config re-read", {
      passwords: onOrOff(reload.config.users.size > 0),
      ...(needsRestart.length > 0 && { needs_restart: needsRestart.join(" ") }),
    });
  };
  return {
    tls: pair,
    authenticator,
    hasPasswords: users.size > 0,
    headers: Object.fromEntries(headers),
    series: reload.series,
    readsAfterStart: [path],
    async watch(signal) {
      while (!signal.aborted) {
        await clock.sleep(POLL_INTERVAL_MS, signal);
        if (!signal.aborted) await poll();
      }
      passwords.end();
    },
  };
}

/** A switch as a log line has it. */
export function onOrOff(isOn: boolean): "on" | "off" {
  return isOn ? "on" : "off";
}

/** Whatever is wrong with the operator's files is the operator's to fix. */
async function orOperatorError<T>(made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error));
  }
}
