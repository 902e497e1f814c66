import { hashSync } from "bcryptjs";

/** A config as the exporter-toolkit's own tests have it; `server.crt` and `server.key` lie beside it. */
export interface ToolkitExample {
  readonly name: string;
  readonly config: string;
  /** What we say where we do not start; FOLDER stands for the config's. Absent: we start. */
  readonly says?: string;
  /** The toolkit starts, but the runtime cannot do what is asked. */
  readonly onlyToolkitStarts?: true;
}

/** The user of the examples that have one. */
export const LOGIN = "alice:Wonder:land";
/** TLS with a certificate beside the config. */
export const TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";
/** {@link LOGIN}, hashed at the lowest cost. */
export const USERS = `basic_auth_users:\n  alice: ${hashSync("Wonder:land", 4)}\n`;

const USE = "Cannot use web config 'FOLDER/web.yml'";
const NO_SUITES = "the runtime decides, and its choice cannot be changed; remove the key";
const NO_CLIENT_CERTIFICATES = "client certificates cannot be checked here; remove the key, or let a proxy check them";
const HEADERS =
  "Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security";

/** The examples, one per kind of start and of fault. */
export const TOOLKIT_EXAMPLES: readonly ToolkitExample[] = [
  { name: "empty file", config: "" },
  { name: "TLS only", config: TLS },
  { name: "users only", config: USERS },
  { name: "TLS and users", config: TLS + USERS },
  { name: "headers", config: header("X-Frame-Options: deny\n    X-XSS-Protection: 1") },
  { name: "no mapping", config: "not a mapping\n", says: `${USE}: it must be a mapping of keys` },
  {
    name: "unknown key",
    config: TLS.replace("cert_file", "cert_filse"),
    says: `${USE}: tls_server_config.cert_filse: unknown key; remove it or fix its name`,
  },
  {
    name: "invalid hash",
    config: `${TLS}basic_auth_users:\n  john: doe\n`,
    says: `${USE}: basic_auth_users.john: not a bcrypt hash ($2a$, $2b$ or $2y$, cost 4 to 14); make one with ` +
      "'htpasswd -nBC 10 john'",
  },
  {
    name: "no certificate named",
    config: TLS.replace("server.crt", '""'),
    says: `${USE}: tls_server_config: cert and cert_file are both missing; name the cert_file`,
  },
  {
    name: "no key named",
    config: TLS.replace("server.key", '""'),
    says: `${USE}: tls_server_config: key and key_file are both missing; name the key_file`,
  },
  {
    name: "missing certificate",
    config: TLS.replace("server.crt", "somefile"),
    says: "Cannot read tls_server_config.cert_file 'FOLDER/somefile': No such file or directory (os error 2)",
  },
  {
    name: "missing key",
    config: TLS.replace("server.key", "somefile"),
    says: "Cannot read tls_server_config.key_file 'FOLDER/somefile': No such file or directory (os error 2)",
  },
  {
    name: "client CA without a policy",
    config: `${TLS}  client_ca_file: server.crt\n`,
    says: `${USE}: tls_server_config.client_ca_file: ${NO_CLIENT_CERTIFICATES}`,
  },
  {
    name: "invented cipher suite",
    config: `${TLS}  cipher_suites: [TLS_RSA_WITH_NOTHING]\n`,
    says: `${USE}: tls_server_config.cipher_suites: ${NO_SUITES}`,
  },
  {
    name: "invented TLS version",
    config: `${TLS}  min_version: TLS111\n`,
    says: `${USE}: tls_server_config.min_version: unknown TLS version; remove the key or write TLS12`,
  },
  {
    name: "header that cannot be set",
    config: header("Server: mine"),
    says: `${USE}: http_server_config.headers.Server: this header cannot be set; those that can: ${HEADERS}`,
  },
  {
    name: "header with another value",
    config: header("X-Frame-Options: allow"),
    says: `${USE}: http_server_config.headers.X-Frame-Options: write deny or sameorigin`,
  },
  {
    name: "client certificates",
    config: `${TLS}  client_auth_type: RequireAnyClientCert\n`,
    says: `${USE}: tls_server_config.client_auth_type: ${NO_CLIENT_CERTIFICATES}`,
    onlyToolkitStarts: true,
  },
  {
    name: "some cipher suites",
    config: `${TLS}  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n`,
    says: `${USE}: tls_server_config.cipher_suites: ${NO_SUITES}`,
    onlyToolkitStarts: true,
  },
  {
    name: "no HTTP/2",
    config: `${TLS}http_server_config:\n  http2: false\n`,
    says: `${USE}: http_server_config.http2: HTTP/2 cannot be switched off; remove the key or write true`,
    onlyToolkitStarts: true,
  },
];

function header(lines: string): string {
  return `http_server_config:\n  headers:\n    ${lines}\n`;
}
