import { type FileStamp, OperatorError, readFailure } from "../../base/host.ts";
import { createAuthenticator } from "../auth.ts";
import { comparePassword } from "../bcrypt.ts";
import type { WebAccess, WebAccessOptions } from "./access.ts";
import { loadKeyPair } from "./certificate.ts";
import { createWebConfigReload, reloadSeries, type WebConfigReload } from "./reload.ts";
import { parseWebConfig, type WebConfig } from "./web_config.ts";

/** How often the file is looked at, milliseconds. */
const LOOK = 5000;

/** Makes of a web config file what it asks for. */
export async function openConfiguredAccess(options: WebAccessOptions & { readonly path: string }): Promise<WebAccess> {
  const { path, readText, stampOf, clock, log } = options;
  const { config, stamp } = await read(options);
  const tls = await orOperatorError(async () => config.tls && await loadKeyPair(config.tls, readText));
  for (const warning of config.warnings) log.warn(warning);
  // Also without users: a later version of the file may set some.
  const authenticator = createAuthenticator({ users: config.users, compare: comparePassword });
  const reload = createWebConfigReload({ path, config, stamp, stampOf, readText, parse: parseWebConfig, clock });
  return {
    tls,
    authenticator,
    headers: Object.fromEntries(config.headers),
    series: () => reloadSeries(reload.state()),
    readsAfterStart: [path],
    async watch(signal) {
      while (!signal.aborted) {
        await clock.sleep(LOOK, signal);
        if (!signal.aborted) await look(reload, options, (users) => authenticator.replaceUsers(users));
      }
    },
  };
}

async function read({ path, readText, stampOf }: WebAccessOptions & { readonly path: string }): Promise<{
  config: WebConfig;
  stamp: FileStamp;
}> {
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

async function look(
  reload: WebConfigReload,
  { log }: Pick<WebAccessOptions, "log">,
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
