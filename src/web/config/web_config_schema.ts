import * as v from "valibot";

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
export const webConfigSchema = v.strictObject({
  tls_server_config: tlsSection,
  http_server_config: httpSection,
  rate_limit: rateLimitSection,
  basic_auth_users: mapping(userProblem),
}, sectionMessage);

/** One line: the key with its path, and what is wrong with it. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
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
