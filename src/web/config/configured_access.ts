import type { Clock } from "../../base/clock.ts";
import { type FileStamp, OperatorError, readFailure, type ReadText, type StampOf } from "../../base/host.ts";
import type { Log } from "../../base/log.ts";
import type { LiveSeries } from "../../base/family.ts";
import { type Authenticator, createAuthenticator } from "../auth.ts";
import { createPasswordChecker } from "../passwords.ts";
import type { Tls } from "../server.ts";
import { loadKeyPair } from "./certificate.ts";
import { createWebConfigReload, reloadSeries, type WebConfigReload } from "./reload.ts";
import { parseWebConfig, type WebConfig } from "./web_config.ts";

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

/** Options of {@link openConfiguredAccess}. */
export interface ConfiguredAccessOptions {
  /** Of the web config file. */
  readonly path: string;
  readonly readText: ReadText;
  readonly stampOf: StampOf;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often it is checked whether the file has changed. */
const POLL_INTERVAL_MS = 5000;

/** Makes of a web config file what it asks for. */
export async function openConfiguredAccess(options: ConfiguredAccessOptions): Promise<WebAccess> {
  const { path, readText, stampOf, clock, log } = options;
  const { config, stamp } = await read(options);
  const tls = await orOperatorError(async () => config.tls && await loadKeyPair(config.tls, readText));
  for (const warning of config.warnings) log.warn(warning);
  // Also without users: a later version of the file may set some.
  const passwords = createPasswordChecker({
    clock,
    onFault: (error) => log.error("passwords cannot be checked: their worker failed; logins get 503", { error }),
  });
  const authenticator = createAuthenticator({ users: config.users, compare: passwords.compare });
  const reload = createWebConfigReload({ path, config, stamp, stampOf, readText, parse: parseWebConfig, clock });
  return {
    tls,
    authenticator,
    headers: Object.fromEntries(config.headers),
    series: () => reloadSeries(reload.state()),
    readsAfterStart: [path],
    async watch(signal) {
      while (!signal.aborted) {
        await clock.sleep(POLL_INTERVAL_MS, signal);
        if (!signal.aborted) await poll(reload, options, (users) => authenticator.replaceUsers(users));
      }
      passwords.end();
    },
  };
}

async function read(
  { path, readText, stampOf }: ConfiguredAccessOptions,
): Promise<{ config: WebConfig; stamp: FileStamp }> {
  return await orOperatorError(async () => {
    const stamp = await readable(() => stampOf(path), path);
    return { stamp, config: parseWebConfig(await readable(() => readText(path), path), { path }) };
  });
}

async function readable<T>(readFile: () => Promise<T>, path: string): Promise<T> {
  try {
    return await readFile();
  } catch (error) {
    throw new Error(`Cannot read web config '${path}': ${readFailure(error)}`, { cause: error });
  }
}

/** Whatever is wrong with the operator's files is the operator's to fix. */
async function orOperatorError<T>(make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error));
  }
}

async function poll(
  reload: WebConfigReload,
  { log }: Pick<ConfiguredAccessOptions, "log">,
  useUsers: (users: WebConfig["users"]) => void,
): Promise<void> {
  const outcome = await reload.poll();
  if (outcome.kind === "failed" && outcome.isNew) log.error("web config not re-read", { error: outcome.error });
  if (outcome.kind !== "reloaded") return;
  useUsers(outcome.config.users);
  for (const warning of outcome.config.warnings) log.warn(warning);
  log.info(
    "web config re-read",
    outcome.needsRestart.length === 0 ? {} : { needs_restart: outcome.needsRestart.join(" ") },
  );
}
