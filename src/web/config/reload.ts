import type { Clock } from "../../base/clock.ts";
import { type FileStamp, readFailure, type ReadText, sameStamp, type StampOf } from "../../base/host.ts";
import type { LiveSeries } from "../../base/family.ts";
import type { WebConfig } from "./web_config.ts";

/** What {@link createWebConfigReload} needs; `path` is the web config file. */
export interface WebConfigReloadOptions {
  readonly path: string;
  /** The config that is in use, read before. */
  readonly config: WebConfig;
  /** The stamp taken before the config in use was read. */
  readonly stamp: FileStamp;
  readonly stampOf: StampOf;
  readonly readText: ReadText;
  readonly parse: (text: string, options: { readonly path: string }) => WebConfig;
  readonly clock: Clock;
}

/** What one look at the file found. */
export type ReloadOutcome =
  | { readonly kind: "unchanged" }
  /** `needsRestart`: the keys whose new value counts only after a restart. */
  | { readonly kind: "reloaded"; readonly config: WebConfig; readonly needsRestart: readonly string[] }
  /** The old config stays. `isNew`: the previous look did not find this same fault, so it is worth a log line. */
  | { readonly kind: "failed"; readonly error: string; readonly isNew: boolean };

/** The state behind `walg_exporter_web_config_reload_success` and `…_last_reload_success_timestamp_seconds`. */
export interface ReloadState {
  readonly success: boolean;
  /** When a usable file was last read: Unix milliseconds. */
  readonly lastSuccess: number;
  /** Why the file as it is now cannot be used; one line. */
  readonly error: string | undefined;
}

/** Watches a web config file; someone else says when to look. */
export interface WebConfigReload {
  /** Reads the file if it changed since it was last read. Never rejects; looks at the same time share one outcome. */
  poll(): Promise<ReloadOutcome>;
  state(): ReloadState;
}

/** Makes the watcher of a web config that was read at start, which counts as the first success. */
export function createWebConfigReload(options: WebConfigReloadOptions): WebConfigReload {
  const { path, stampOf, readText, parse, clock } = options;
  const atStart = options.config;
  let stamp: FileStamp | undefined = options.stamp;
  let state: ReloadState = { success: true, lastSuccess: clock.now(), error: undefined };
  let inUse = options.config;
  let looking: Promise<ReloadOutcome> | undefined;

  function failed(message: string): ReloadOutcome {
    const isNew = state.error !== message;
    state = { ...state, success: false, error: message };
    return { kind: "failed", error: message, isNew };
  }

  async function look(): Promise<ReloadOutcome> {
    let text: string;
    try {
      const now = await stampOf(path);
      if (stamp !== undefined && sameStamp(stamp, now)) {
        return state.error === undefined ? { kind: "unchanged" } : failed(state.error);
      }
      text = await readText(path);
      // A file that is being written changes under the reader: only one that stood still is believed.
      if (!sameStamp(now, await stampOf(path))) return { kind: "unchanged" };
      stamp = now;
    } catch (error) {
      stamp = undefined;
      return failed(`Cannot read web config '${path}': ${readFailure(error)}; the previous one stays in use`);
    }
    try {
      const config = parse(text, { path });
      // A file that an editor has just emptied is a valid one, too: it must not open the door.
      if (config.users.size === 0 && inUse.users.size > 0) {
        return failed(
          `Cannot use web config '${path}': basic_auth_users: all users are gone; restart to serve without passwords; ` +
            "the previous one stays in use",
        );
      }
      inUse = config;
      state = { success: true, lastSuccess: clock.now(), error: undefined };
      return { kind: "reloaded", config, needsRestart: sameTls(atStart, config) ? [] : ["tls_server_config"] };
    } catch (error) {
      return failed(`${readFailure(error)}; the previous one stays in use`);
    }
  }

  return {
    poll() {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    state: () => state,
  };
}

/** The series about the file, for every scrape. */
export function reloadSeries({ success, lastSuccess }: ReloadState): readonly LiveSeries[] {
  return [
    {
      name: "walg_exporter_web_config_reload_success",
      help: "Whether the web config file as it is now is in use (0 = it is broken, and the one before stays).",
      type: "gauge",
      value: success ? 1 : 0,
    },
    {
      name: "walg_exporter_web_config_last_reload_success_timestamp_seconds",
      help: "When a usable web config file was last read.",
      type: "gauge",
      value: Math.floor(lastSuccess / 1000),
    },
  ];
}

function sameTls(a: WebConfig, b: WebConfig): boolean {
  return JSON.stringify(a.tls) === JSON.stringify(b.tls);
}
