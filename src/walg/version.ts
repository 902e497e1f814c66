import { textOf } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { type CommandEnd, runCommand } from "./command.ts";

/** What the child's environment always says: debug lines would stand before the JSON on stdout. */
export const walgEnv: Readonly<Record<string, string>> = { WALG_LOG_LEVEL: "NORMAL", S3_LOG_LEVEL: "NORMAL" };

/**
 * What of the exporter's own environment a wal-g keeps whose settings are its config file's alone. WAL-G believes a
 * variable before its config file, so nothing may be in it that is a setting of WAL-G, of PostgreSQL or of a storage.
 */
export const KEPT_VARIABLES: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/** The environment of a wal-g whose settings are its config file's alone. */
export function settingFreeEnvironment(get: (name: string) => string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    KEPT_VARIABLES.flatMap((name) => {
      const value = get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** How the environment of a child is set: on top of what it inherits, or whole. */
export function childEnvironment(
  whole: Readonly<Record<string, string>> | undefined,
): { readonly env: Readonly<Record<string, string>>; readonly clearEnv: boolean } {
  return { env: { ...whole, ...walgEnv }, clearEnv: whole !== undefined };
}

/** The arguments of a wal-g command, with the config file where one is set. */
export function walgArgs(args: readonly string[], configPath: string | undefined): readonly string[] {
  return configPath === undefined ? args : [...args, "--config", configPath];
}

/** A warning for each of the variables above that the operator had set to something else. */
export function overriddenVariables(get: (name: string) => string | undefined): readonly string[] {
  return Object.entries(walgEnv).flatMap(([name, value]) => {
    const set = get(name);
    if (set === undefined || set === value) return [];
    return [`${name}=${set} is not passed on to wal-g (${value} is): its debug lines would spoil the output`];
  });
}

/** What `wal-g --version` prints of itself. */
export interface WalgVersion {
  /** Without its `v`, `devel` for a plain `go build`; "" for a build without a tag. */
  readonly version: string;
  /** The database that it is built for, such as `PostgreSQL`; "" where it does not say. */
  readonly database: string;
}

/** Reads `wal-g version VERSION<TAB>COMMIT<TAB>BUILD DATE<TAB>DATABASE`; undefined where the text is not WAL-G's. */
export function parseVersion(stdout: string): WalgVersion | undefined {
  const [, fields] = /^wal-g version(?: (.*))?$/m.exec(stdout) ?? [];
  if (fields === undefined) return undefined;
  const [version = "", , , database = ""] = fields.split("\t").map((field) => field.trim());
  return { version: version.replace(/^v(?=\d)/, ""), database };
}

/** How long `wal-g --version` may take, milliseconds. */
export const VERSION_TIMEOUT_MS = 10_000;

/** With what wal-g is asked for its version. */
export interface VersionOptions {
  /** The executable. */
  readonly path: string;
  /** Its whole environment; undefined: it inherits the exporter's. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Runs `wal-g --version`. */
export function runVersion({ path, environment, clock, signal }: VersionOptions): Promise<CommandEnd> {
  const args = ["--version"];
  return runCommand({ path, args, ...childEnvironment(environment), timeout: VERSION_TIMEOUT_MS, signal, clock });
}

/** What a run of `wal-g --version` printed; undefined when it failed, or what it printed is not WAL-G's. */
export function versionOf(end: CommandEnd): WalgVersion | undefined {
  return end.exitCode === 0 ? parseVersion(textOf(end.stdout)) : undefined;
}

/** Why a wal-g is of no use here, where it says that it is built for another database. */
export function foreignReason({ database }: WalgVersion): string | undefined {
  return database === "" || database === "PostgreSQL"
    ? undefined
    : `this wal-g is built for ${database}, not for PostgreSQL`;
}

/** What to do about it. */
export const FOREIGN_FIX =
  "Install the WAL-G that is built for PostgreSQL (wal-g-pg), or name it with -walg.path; then start the exporter again.";

/** How often wal-g is asked for its version: it may be replaced while the exporter runs. */
const POLL_INTERVAL_MS = 3_600_000;
/** How soon it is asked again after a run that failed. */
const RETRY_INTERVAL_MS = 60_000;

/** Options of {@link watchVersion}. */
export interface WatchOptions extends VersionOptions {
  readonly onVersion: (version: WalgVersion) => void;
  /** Has a run wait for its turn, where runs take turns. */
  readonly turn?: (run: () => Promise<CommandEnd>) => Promise<CommandEnd>;
}

/** Asks wal-g for its version now and then, until the signal aborts. */
export async function watchVersion(
  { onVersion, turn = (run) => run(), ...options }: WatchOptions,
): Promise<void> {
  const { clock, signal } = options;
  while (!signal.aborted) {
    const end = await turn(() => runVersion(options));
    if (signal.aborted) return;
    const version = versionOf(end);
    if (version !== undefined) onVersion(version);
    await Promise.race([end.gone, clock.sleep(Infinity, signal)]);
    await clock.sleep(end.exitCode === 0 ? POLL_INTERVAL_MS : RETRY_INTERVAL_MS, signal);
  }
}
