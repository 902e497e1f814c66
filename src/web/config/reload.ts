import type { Clock } from "../../base/clock.ts";
import { type Family, gauge } from "../../base/family.ts";
import { readFailure, type ReadText, type StampOf } from "../../base/host.ts";
import type { WebConfig } from "./web_config.ts";

/** What {@link openWebConfig} needs; `path` is the web config file. */
export interface WebConfigOptions {
  readonly path: string;
  readonly stampOf: StampOf;
  readonly readText: ReadText;
  readonly parse: (text: string, options: { readonly path: string }) => WebConfig;
  readonly clock: Clock;
}

/** What one look at the file found. */
export type ReloadOutcome =
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
export async function openWebConfig({ path, parse, clock, ...host }: WebConfigOptions): Promise<WebConfigReload> {
  const stampOf = (): Promise<string> => host.stampOf(path).catch(unreadable);
  const readText = (): Promise<string> => host.readText(path).catch(unreadable);
  let stamp: string | undefined = await stampOf();
  const atStart = parse(await readText(), { path });
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
    const next = parse(text, { path });
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
