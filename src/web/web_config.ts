import { FAILSAFE_SCHEMA, loadAll, mergeTag, nullCoreTag, YAMLException } from "js-yaml";
import * as v from "valibot";
import type { Users } from "./auth.ts";

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

  constructor(path: string, fault: string) {
    super(`Cannot use web config '${path}': ${fault}`);
  }
}

// Every scalar stays the text that was written: hashes and header values are text, and 'yes' is text until we read it.
const YAML_SCHEMA = FAILSAFE_SCHEMA.withTags([nullCoreTag, mergeTag]);
const SLOW_COST = 13;

/**
 * Decodes and checks a web config file; its format is that of the exporter-toolkit's `docs/web-configuration.md`.
 *
 * @param path of the file, which paths in it are relative to
 * @throws WebConfigError
 */
export function parseWebConfig(text: string, path: string): WebConfig {
  // Read as other words than it holds, a name would let nobody in.
  if (text.includes("\ufffd")) throw new WebConfigError(path, "it is not UTF-8; convert it");
  const result = v.safeParse(webConfigSchema, parseYaml(text, path) ?? {}, { abortEarly: true });
  if (!result.success) throw new WebConfigError(path, describeIssue(result.issues[0]));
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users } = result.output;
  const cert = pemSource(tls.cert, tls.cert_file, path);
  const key = pemSource(tls.key, tls.key_file, path);
  return {
    tls: cert && key && { cert, key },
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
    if (!(error instanceof YAMLException)) throw new WebConfigError(path, "it is not valid YAML");
    // Only the reason: the exception's message quotes lines of the file, which hold secrets.
    const line = error.mark === undefined ? "" : ` in line ${error.mark.line + 1}`;
    const reason = error.reason.replace(/ (?:alias|tag|anchor) .*$/, (what) => what.replace(/ [^ ]+$/, ""));
    throw new WebConfigError(path, `it is not valid YAML${line}: ${reason}`);
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

const NO_CLIENT_CERTIFICATES = "client certificates cannot be checked here; remove the key, or let a proxy check them";
const FIXED_SUITES = "the runtime decides, and its choice cannot be changed; remove the key";
const NO_RATE_LIMIT = "requests cannot be limited by rate; remove the key, -web.max-requests limits those in flight";
const TRUE = /^(?:y|yes|on|true)$/i;
const FALSE = /^(?:n|no|off|false)$/i;
const CLIENT_AUTH_TYPE =
  /^(?:RequestClientCert|Require(?:Any)?ClientCert|VerifyClientCertIfGiven|RequireAndVerifyClientCert)$/;

// The headers that the exporter-toolkit lets an operator set; with their values where only some are allowed.
const HEADERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Content-Security-Policy", []],
  ["X-Frame-Options", ["deny", "sameorigin"]],
  ["X-Content-Type-Options", ["nosniff"]],
  ["X-XSS-Protection", []],
  ["Strict-Transport-Security", []],
]);

/** Says what is wrong and how to fix it; undefined when all is well. It must not quote a secret. */
type Problem<T> = (value: T) => string | undefined;

interface PemKeys {
  readonly cert: string;
  readonly cert_file: string;
  readonly key: string;
  readonly key_file: string;
  readonly client_auth_type: string;
}

const tlsSection = v.pipe(
  section({
    cert: scalar(),
    key: scalar(),
    client_ca: scalar(unlessEmpty(NO_CLIENT_CERTIFICATES)),
    cert_file: scalar(),
    key_file: scalar(),
    client_auth_type: scalar((value) => {
      if (value === "" || value === "NoClientCert") return undefined;
      return CLIENT_AUTH_TYPE.test(value) ? NO_CLIENT_CERTIFICATES : "unknown type; write NoClientCert";
    }),
    client_ca_file: scalar(unlessEmpty(NO_CLIENT_CERTIFICATES)),
    client_allowed_sans: emptyList(NO_CLIENT_CERTIFICATES),
    min_version: scalar((value) => versionProblem(value, "TLS12")),
    max_version: scalar((value) => versionProblem(value, "TLS13")),
    cipher_suites: emptyList(FIXED_SUITES),
    prefer_server_cipher_suites: scalar((value) => {
      if (value === "" || FALSE.test(value)) return undefined;
      return TRUE.test(value) ? "the client's order decides; remove the key or write false" : "write true or false";
    }),
    curve_preferences: emptyList(FIXED_SUITES),
  }),
  v.check((tls) => pairProblem(tls) === undefined, (issue) => pairProblem(issue.input) ?? ""),
);

const httpSection = section({
  http2: scalar((value) => {
    if (value === "" || TRUE.test(value)) return undefined;
    return FALSE.test(value) ? "HTTP/2 cannot be switched off; remove the key or write true" : "write true or false";
  }),
  headers: mapping(headerProblem),
});

const rateLimitSection = section({
  interval: scalar((value) => /^(?:0(?:ns|us|µs|ms|s|m|h)?)?$/.test(value) ? undefined : NO_RATE_LIMIT),
  burst: scalar((value) => /^-?\d*$/.test(value) ? undefined : "must be an integer"),
});

/** The whole file. Scalars come in as the text that was written; absent keys come out as empty text, list or mapping. */
const webConfigSchema = v.strictObject({
  tls_server_config: tlsSection,
  http_server_config: httpSection,
  rate_limit: rateLimitSection,
  basic_auth_users: mapping(userProblem),
}, sectionMessage);

/** One line: the key with its path, and what is wrong with it. */
function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map((item) => String(item.key)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

function section<T extends v.ObjectEntries>(entries: T) {
  return v.pipe(v.nullish(v.unknown(), {}), v.strictObject(entries, sectionMessage));
}

function sectionMessage(issue: v.StrictObjectIssue): string {
  return issue.expected === "never" ? "unknown key; remove it or fix its name" : "it must be a mapping of keys";
}

function scalar(problem: Problem<string> = () => undefined): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.nullish(v.string("it must be text"), ""),
    v.check((value) => problem(value) === undefined, (issue) => problem(issue.input) ?? ""),
  );
}

function emptyList(message: string): v.GenericSchema<unknown, unknown> {
  return v.pipe(
    v.nullish(v.unknown(), []),
    v.check((value) => value === "" || (Array.isArray(value) && value.length === 0), message),
  );
}

// A Map, so that no name ("constructor") can be mistaken for a property.
function mapping(problem: Problem<readonly [string, string]>): v.GenericSchema<unknown, ReadonlyMap<string, string>> {
  return v.pipe(
    v.nullish(v.unknown(), {}),
    v.rawTransform(({ dataset: { value: input }, addIssue }) => {
      const entries = new Map<string, string>();
      if (typeof input !== "object" || input === null || Array.isArray(input)) {
        addIssue({ message: "it must be a mapping of names to values" });
        return entries;
      }
      for (const [key, raw] of Object.entries(input)) {
        const value: unknown = raw ?? "";
        const message = typeof value === "string" ? problem([key, value]) : "it must be text";
        if (message !== undefined) {
          addIssue({ message, path: [{ type: "unknown", origin: "value", input, key, value }] });
        }
        entries.set(key, String(value));
      }
      return entries;
    }),
  );
}

function unlessEmpty(message: string): Problem<string> {
  return (value) => value === "" ? undefined : message;
}

function versionProblem(value: string, only: "TLS12" | "TLS13"): string | undefined {
  if (value === "" || value === only) return undefined;
  return /^TLS1[0-3]$/.test(value)
    ? `TLS 1.2 and 1.3 are always both on, and older versions never; remove the key or write ${only}`
    : `unknown TLS version; remove the key or write ${only}`;
}

function pairProblem(tls: PemKeys): string | undefined {
  for (const [text, file] of [["cert", "cert_file"], ["key", "key_file"]] as const) {
    if (tls[text] !== "" && tls[file] !== "") return `${text} and ${file} are both given; remove one of them`;
    const asked = tls.cert + tls.cert_file + tls.key + tls.key_file + tls.client_auth_type !== "";
    if (asked && tls[text] + tls[file] === "") return `${text} and ${file} are both missing; name the ${file}`;
  }
  return undefined;
}

function headerProblem([name, value]: readonly [string, string]): string | undefined {
  const values = HEADERS.get(name);
  if (values === undefined) return `this header cannot be set; those that can: ${[...HEADERS.keys()].join(", ")}`;
  if (value !== "" && values.length > 0 && !values.includes(value)) return `write ${values.join(" or ")}`;
  return /^[\t\x20-\x7e]*$/.test(value) ? undefined : "a header holds only one line of ASCII characters";
}

function userProblem([user, hash]: readonly [string, string]): string | undefined {
  if (user.includes(":")) return "a user name cannot hold a colon; choose another";
  const make = `make one with 'htpasswd -nBC 10 ${user}'`;
  const cost = bcryptCost(hash);
  if (cost === undefined) return `not a bcrypt hash ($2a$, $2b$ or $2y$, cost 4 to ${MAX_COST}); ${make}`;
  return cost > MAX_COST
    ? `its bcrypt cost is ${cost}, and the maximum is ${MAX_COST}: one login would hold up all others for too long; ${make}`
    : undefined;
}

/** Each step of the cost doubles the time of a login, and logins are checked one after the other. */
const MAX_COST = 14;

const HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/** The cost (4 to 31) of a bcrypt hash (`$2a$`, `$2b$`, `$2y$`); undefined for any other text. */
export function bcryptCost(hash: string): number | undefined {
  const [, cost] = HASH.exec(hash) ?? [];
  return cost === undefined ? undefined : Number(cost);
}
