import { FAILSAFE_SCHEMA, loadAll, mergeTag, nullCoreTag, YAMLException } from "js-yaml";
import { safeParse } from "valibot";
import type { Users } from "../auth.ts";
import { bcryptCost, describeIssue, webConfigSchema } from "./web_config_schema.ts";

/** Where a PEM text comes from: a file, or the web config itself. */
export type PemSource = { readonly file: string } | { readonly text: string };

/** What a web config file of Prometheus' exporter-toolkit asks for. */
export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: { readonly cert: PemSource; readonly key: PemSource } | undefined;
  /** Empty: everyone passes. */
  readonly users: Users;
  /** Headers for every response. */
  readonly headers: ReadonlyMap<string, string>;
  /** What works, but not well; one line each, for the log. */
  readonly warnings: readonly string[];
}

/** A web config that cannot be used. Its message is one line that names file, key and fix; it quotes no value. */
export class WebConfigError extends Error {
  override readonly name = "WebConfigError";
}

// Every scalar stays the text that was written: hashes and header values are text, and 'yes' is text until we read it.
const YAML_SCHEMA = FAILSAFE_SCHEMA.withTags([nullCoreTag, mergeTag]);
const SLOW_COST = 13;

/**
 * Decodes and checks a web config file. Paths in it are relative to the file, whose own path is `path`. Throws
 * {@link WebConfigError}. Format: the exporter-toolkit's `docs/web-configuration.md`.
 */
export function parseWebConfig(text: string, { path }: { readonly path: string }): WebConfig {
  // Read as other words than it holds, a name would let nobody in.
  if (text.includes("\ufffd")) throw new WebConfigError(`Cannot use web config '${path}': it is not UTF-8; convert it`);
  const result = safeParse(webConfigSchema, parseYaml(text, path) ?? {}, { abortEarly: true });
  if (!result.success) throw new WebConfigError(`Cannot use web config '${path}': ${describeIssue(result.issues[0])}`);
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users } = result.output;
  const cert = pemSource(tls.cert, tls.cert_file, path);
  const key = pemSource(tls.key, tls.key_file, path);
  return {
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    users,
    headers: new Map([...http.headers].filter(([, value]) => value !== "")),
    warnings: [...users].flatMap(([user, hash]) => slowHashWarning(user, hash, path)),
  };
}

function parseYaml(text: string, path: string): unknown {
  try {
    const documents = loadAll(text, { schema: YAML_SCHEMA });
    if (documents.length > 1) throw new YAMLException("it holds more than one document");
    return documents[0];
  } catch (error) {
    if (!(error instanceof YAMLException)) {
      throw new WebConfigError(`Cannot use web config '${path}': it is not valid YAML`);
    }
    // Only the reason: the exception's message quotes lines of the file, which hold secrets.
    const line = error.mark === undefined ? "" : ` in line ${error.mark.line + 1}`;
    const reason = error.reason.replace(/ (?:alias|tag|anchor) .*$/, (what) => what.replace(/ [^ ]+$/, ""));
    throw new WebConfigError(`Cannot use web config '${path}': it is not valid YAML${line}: ${reason}`);
  }
}

function pemSource(text: string, file: string, path: string): PemSource | undefined {
  if (text !== "") return { text };
  if (file === "") return undefined;
  return { file: file.startsWith("/") ? file : path.slice(0, path.lastIndexOf("/") + 1) + file };
}

function slowHashWarning(user: string, hash: string, path: string): string[] {
  const cost = bcryptCost(hash) ?? 0;
  if (cost < SLOW_COST) return [];
  return [
    `Web config '${path}': basic_auth_users.${user}: at bcrypt cost ${cost} a first login takes about ` +
    `${cost === SLOW_COST ? "a second" : "two seconds"}, and others wait for it; ` +
    `make a hash of cost 10 with 'htpasswd -nBC 10 ${user}'`,
  ];
}
