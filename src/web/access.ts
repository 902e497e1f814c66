import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { type Family, gauge } from "../base/family.ts";
import { OperatorError, readFailure, type ReadText, type StampOf } from "../base/host.ts";
import type { Log } from "../base/log.ts";
import { type Authenticator, createAuthenticator } from "./auth.ts";
import { createPasswordChecker } from "./passwords.ts";
import type { Tls } from "./server.ts";
import type { PemSource, WebConfig } from "./web_config.ts";

/** What the web config file makes of the server. */
interface WebAccess {
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

/** What the web config file is read with. */
interface Reading {
  readonly readText: ReadText;
  readonly stampOf: StampOf;
  readonly clock: Clock;
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
 * @param path of the file, where the operator gave one
 * @throws OperatorError when the file, its certificate or its key cannot be used
 */
export async function openWebAccess(
  { path, log, ...reading }: Reading & { readonly path: string | undefined; readonly log: Log },
): Promise<WebAccess> {
  if (path === undefined) return OPEN;
  const { readText, clock } = reading;
  const reload = await orOperatorError(openWebConfig(path, reading));
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

/** What one look at the file found. */
type ReloadOutcome =
  /** No other file, or the same fault as before. */
  | { readonly how: "unchanged" }
  /** `needsRestart`: the keys whose new value counts only after a restart. */
  | { readonly how: "reloaded"; readonly needsRestart: readonly string[] }
  /** A fault that was not there before, in one line; the old config stays. */
  | { readonly how: "failed"; readonly error: string };

/** A web config file that is read again when it changes; someone else says when to look. */
export interface WebConfigReload {
  /** The config in use. */
  readonly config: WebConfig;
  /** Reads the file if it changed since it was last read. Never rejects. */
  poll(): Promise<ReloadOutcome>;
  /** The series about the file, for every scrape. */
  readonly series: () => readonly Family[];
}

/** Reads a web config file, which counts as the first success; rejects, in one line, when it cannot be used. */
export async function openWebConfig(path: string, { clock, ...files }: Reading): Promise<WebConfigReload> {
  // Most hosts have no such file: what reads it is loaded only where it is.
  const { parseWebConfig } = await import("./web_config.ts");
  const stampOf = (): Promise<string> => files.stampOf(path).catch(unreadable);
  const readText = (): Promise<string> => files.readText(path).catch(unreadable);
  let stamp: string | undefined = await stampOf();
  const atStart = parseWebConfig(await readText(), path);
  let config = atStart;
  let lastSuccess = clock.now();
  /** Why the file as it is now cannot be used. */
  let error: string | undefined;

  function unreadable(cause: unknown): never {
    throw new Error(`Cannot read web config '${path}': ${readFailure(cause)}`, { cause });
  }

  async function look(): Promise<ReloadOutcome> {
    const known = stamp;
    stamp = undefined;
    const now = await stampOf();
    if (known === now) {
      stamp = now;
      return { how: "unchanged" };
    }
    const text = await readText();
    // A file that is being written changes under the reader: only one that stood still is believed.
    if (await stampOf() !== now) return { how: "unchanged" };
    stamp = now;
    const next = parseWebConfig(text, path);
    // A file that an editor has just emptied is a valid one, too: it must not open the door.
    if (next.users.size === 0 && config.users.size > 0) {
      const gone = "all users are gone; restart to serve without passwords";
      throw new Error(`Cannot use web config '${path}': basic_auth_users: ${gone}`);
    }
    [config, lastSuccess, error] = [next, clock.now(), undefined];
    const isSameTls = JSON.stringify(atStart.tls) === JSON.stringify(next.tls);
    return { how: "reloaded", needsRestart: isSameTls ? [] : ["tls_server_config"] };
  }

  return {
    get config(): WebConfig {
      return config;
    },
    async poll() {
      try {
        return await look();
      } catch (fault) {
        const before = error;
        error = `${readFailure(fault)}; the previous one stays in use`;
        return error === before ? { how: "unchanged" } : { how: "failed", error };
      }
    },
    series: () => [
      gauge(
        "walg_exporter_web_config_reload_success",
        "Whether the web config file as it is now is in use (0 = it is broken, and the one before stays).",
        [{ value: error === undefined ? 1 : 0 }],
      ),
      gauge(
        "walg_exporter_web_config_last_reload_success_timestamp_seconds",
        "When a usable web config file was last read.",
        [{ value: Math.floor(lastSuccess / 1000) }],
      ),
    ],
  };
}

/**
 * Reads and checks the certificate and key that a web config names.
 *
 * @throws Error whose message is one line that names the key, the file and the fix; it quotes nothing of what they hold
 */
export async function loadKeyPair(tls: NonNullable<WebConfig["tls"]>, readText: ReadText): Promise<Tls> {
  const [certName, keyName] = [nameOf(tls.cert, "cert"), nameOf(tls.key, "key")];
  const cert = await readPem(tls.cert, certName, readText);
  const key = await readPem(tls.key, keyName, readText);
  const certificate = attempt(() => new X509Certificate(cert), certName, "certificate");
  if (/-----BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(key)) {
    throw new Error(`Cannot use ${keyName}: it is encrypted; decrypt it with 'openssl pkey -in FILE -out FILE'`);
  }
  const privateKey = attempt(() => createPrivateKey(key), keyName, "unencrypted private key");
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(
      `Cannot use ${keyName}: it is not the key of ${certName}; the server's own certificate comes first`,
    );
  }
  return { cert, key };
}

async function readPem(source: PemSource, name: string, readText: ReadText): Promise<string> {
  if ("text" in source) return source.text;
  try {
    return await readText(source.file);
  } catch (error) {
    throw new Error(`Cannot read ${name}: ${readFailure(error)}`, { cause: error });
  }
}

function nameOf(source: PemSource, kind: "cert" | "key"): string {
  return `tls_server_config.${kind}` + ("file" in source ? `_file '${source.file}'` : "");
}

function attempt<T>(make: () => T, name: string, content: string): T {
  try {
    return make();
  } catch {
    throw new Error(`Cannot use ${name}: it holds no ${content} in PEM form`);
  }
}
