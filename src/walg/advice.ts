import type { ErrorType } from "./failure.ts";
import { isCancelled, isRetry, logEntries, type LogEntry } from "./stderr.ts";

/** What stderr can say about a failed run. */
export type StderrClass = "network" | "access_denied" | "postgres_down" | "config";

/** A text that WAL-G or a library it uses prints, and what it means. */
export interface Rule {
  /** The name of its fixture in `fixtures/stderr/CLASS/`, which says where the text is published. */
  readonly name: string;
  readonly type: StderrClass;
  readonly pattern: RegExp;
}

function rules(type: StderrClass, patterns: Readonly<Record<string, RegExp>>): readonly Rule[] {
  return Object.entries(patterns).map(([name, pattern]) => ({ name, type, pattern }));
}

const POSTGRES_SETTINGS = rules("config", {
  "pg-environment": /unable to read environment variables|cannot parse `/,
});

// All that goes wrong on the way to PostgreSQL is its trouble, also where the words are those of a network or a file.
const POSTGRES = rules("postgres_down", {
  "pg-connect": /failed to connect to `|postgres connection failed|connection to Postgres cluster/i,
  "pg-socket": /\.s\.PGSQL\.\d+/,
  "pg-sqlstate": /\(SQLSTATE [0-9A-Z]{5}\)/,
  "pg-connection-lost":
    /(?:current LSN|current WAL segment)[^\n]*(?:unexpected EOF|conn closed|connection reset|broken pipe|i\/o timeout)/,
});

const CONFIG = rules("config", {
  "no-storage": /No storage is configured|Failed to find any configured storage/,
  "setting-missing": /is required to be set, but it isn't|setting "[^"]+" is required|"[A-Z0-9_]+" is not specified/,
  "setting-value": /setting "[^"]+" must be |value is expected to be positive|duration expected for \S+ setting/,
  "logging": /Failed to configure logging|failed to setup logging|could not open log file|got incorrect log level/,
  "compression": /Unknown compression method/i,
  "crypto-key":
    /can't configure crypter|libsodium Crypter must have|key must be exactly|unknown key transform|openpgp: |supported (?:envelope )?gpg crypter/,
  "ssh-key-file": /(?:read|parse) (?:SSH )?private key/i,
  "s3-no-credentials": /NoCredentialProviders|EC2RoleRequestError|no EC2 IMDS role found|SharedCredsLoad/,
  "s3-ca-file": /LoadCustomCABundleError|create S3 storage: [^\n]*\bopen [^:]+: /,
  "gcs-no-credentials":
    /could not find default credentials|GOOGLE_APPLICATION_CREDENTIALS|dialing: open [^:]+: |dialing: (?:invalid character|unexpected end of JSON)/,
  "azure-no-credentials": /DefaultAzureCredential|create shared key credentials/,
  "swift-settings": /apply env variables|Can't find AuthVersion in AuthUrl/,
  "bucket-missing": /NoSuchBucket|specified bucket does not exist|bucket (?:doesn't|does not) exist/i,
  "container-missing": /ContainerNotFound|specified container does not exist|Container Not Found/i,
  "s3-region":
    /AuthorizationHeaderMalformed|BucketRegionError|PermanentRedirect|IllegalLocationConstraint|MissingRegion|MissingEndpoint|InvalidBucketName/,
  "prefix":
    /from prefix "|missing url scheme=|unsupported protocol scheme|missing protocol scheme|invalid port ":|invalid URL escape/,
  "folder-missing":
    /(?:FS storage root directory|Folder not exists or is inaccessible|unable to list FS folder)[^\n]*: (?:no such file or directory|not a directory)/,
});

const ACCESS_DENIED = rules("access_denied", {
  "s3-token-expired": /ExpiredToken|TokenRefreshRequired|\bInvalidToken\b/,
  "s3-clock-skew": /RequestTimeTooSkewed|RequestExpired|Signature (?:expired|not yet current)/,
  "s3-credentials": /InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|UnrecognizedClient|InvalidSecurity/,
  "s3-denied": /\bAccessDenied|AllAccessDisabled|AccountProblem|NotSignedUp|UserSuspended|InvalidPayer/,
  "s3-status": /status ?code[:=] ?40[13]\b/i,
  "gcs-denied": /googleapi: (?:Error|got HTTP response code) 40[13]\b|does not have storage\.\S+ access/,
  "gcs-token": /oauth2: cannot fetch token: 40[013]\b|oauth2: "invalid_|invalid_grant|invalid_client/,
  "azure-denied":
    /\bRESPONSE 40[13]\b|AuthenticationFailed|AuthorizationFailure|AuthorizationPermissionMismatch|KeyBasedAuthenticationNotPermitted|NoAuthenticationInformation|InsufficientAccountPermissions|AADSTS\d+/,
  "ssh-denied": /ssh: unable to authenticate|sftp: "?permission denied|SSH_FX_PERMISSION_DENIED/i,
  "swift-denied": /\bAuthorization Failed|Operation forbidden/,
  "fs-denied":
    /\b(?:open|openat|stat|lstat|fstatat|readdir|readdirent|mkdir|chdir|read) [^:\n]+: (?:permission denied|operation not permitted)/,
});

const NETWORK = rules("network", {
  "dns": /no such host|server misbehaving|Temporary failure in name resolution/,
  "tls": /\bx509: |\btls: |server gave HTTP response to HTTPS client/,
  "proxy": /proxyconnect |Proxy Authentication Required|socks connect /,
  "refused": /connection refused/,
  "unreachable": /no route to host|network is unreachable|host is down/,
  "reset": /connection reset by peer|broken pipe|use of closed network connection|ssh: [^\n]*\bEOF\b|connection lost/,
  "timeout":
    /i\/o timeout|connection timed out|TLS handshake timeout|Client\.Timeout exceeded|context deadline exceeded|awaiting response headers|RequestTimeout\b|Timeout when reading or writing data/,
  "network-file-system": /transport endpoint is not connected|stale (?:NFS )?file handle/i,
  "unavailable":
    /\bSlowDown\b|ServiceUnavailable|InternalError\b|ServerBusy|TooManyRequests|status ?code[:=] ?(?:429|50\d)\b|googleapi: (?:Error|got HTTP response code) (?:429|50\d)\b|\bRESPONSE 50\d\b/i,
  "ssh-connect": /SSH connection error|Fail connect via s(?:sh|ftp)|failed to connect to \S+ via S(?:SH|FTP)/,
  "send-failed": /RequestError: send request failed|request send failed|: (?:unexpected )?EOF$/,
});

/**
 * In order of precedence: the first that fits decides. PostgreSQL's own texts come first, since they hold words of all
 * other classes; settings before rights, since a file of credentials that cannot be opened is no refusal by the storage;
 * an answer of the storage, which was reached, before the network.
 */
export const RULES: readonly Rule[] = [
  ...POSTGRES_SETTINGS,
  ...POSTGRES,
  ...CONFIG,
  ...ACCESS_DENIED,
  ...NETWORK,
];

// The one WARNING that counts: WAL-G goes on without its config file, and fails for want of what it holds.
const CONFIG_FILE: Rule = { name: "config-file", type: "config", pattern: /^Failed to parse config file / };

/** What the end of a failed run's stderr says broke, or undefined where it does not say. Only for runs that failed. */
export function classifyStderr(stderr: string): StderrClass | undefined {
  return ruleFor(stderr)?.type;
}

/** The rule by which stderr is classified; its name is that of its fixture. */
export function ruleFor(stderr: string): Rule | undefined {
  const entries = logEntries(stderr);
  for (const { text } of decisive(entries)) {
    const rule = RULES.find(({ pattern }) => pattern.test(text));
    if (rule !== undefined) return rule;
  }
  return entries.some(({ level, text }) => level === "WARNING" && CONFIG_FILE.pattern.test(text))
    ? CONFIG_FILE
    : undefined;
}

/**
 * The messages that may decide, latest first. The last ERROR decides alone; but where it says only that the run was
 * cancelled, or where there is none, what was being retried is the cause.
 */
function decisive(entries: readonly LogEntry[]): readonly LogEntry[] {
  const last = entries.findLast(({ level }) => level === "ERROR");
  if (last !== undefined && !isCancelled(last.text)) return [last];
  const causes = entries.filter((entry) => (entry.level === "ERROR" && !isCancelled(entry.text)) || isRetry(entry));
  if (last !== undefined) return causes.reverse();
  const end = entries.findLast(({ level }) => level !== "WARNING" && level !== "DEBUG");
  return end !== undefined && (end.level === "PLAIN" || isRetry(end)) ? [end] : [];
}

/** A text in WAL-G's words and what to do about it. */
export interface Advice {
  readonly pattern: RegExp;
  readonly advice: string;
}

/** PostgreSQL: what refused first matters more than the second try on localhost, so order is precedence. */
const POSTGRES_ADVICE: readonly Advice[] = [
  {
    pattern: /cannot scan NULL/,
    advice:
      "This standby does not stream from a primary, so wal-verify has no current position: check primary_conninfo and " +
      "pg_stat_wal_receiver, or run the exporter on the primary.",
  },
  {
    pattern: /no pg_hba\.conf entry/,
    advice:
      "Add a line for this user, database and address to pg_hba.conf and reload PostgreSQL, or set PGHOST to its socket folder.",
  },
  {
    pattern: /Peer authentication failed|role "[^"]*" does not exist/,
    advice:
      "Run the exporter as the operating system user postgres (User=postgres in the unit), or set PGUSER to a role that exists.",
  },
  {
    pattern: /password authentication failed|failed SASL auth/,
    advice: "Set PGUSER and PGPASSWORD, or PGPASSFILE to a file of mode 0600 that the exporter's user can read.",
  },
  {
    pattern: /database "[^"]*" does not exist/,
    advice: "Set PGDATABASE to a database that exists, such as postgres.",
  },
  {
    pattern: /too many clients already|connection slots are reserved/,
    advice: "PostgreSQL has no connection left: raise max_connections, or find what holds them in pg_stat_activity.",
  },
  {
    pattern: /the database system is (?:starting up|not yet accepting|in recovery mode|shutting down)/,
    advice: "PostgreSQL is starting or stopping: wait, and read its log if this lasts.",
  },
  {
    pattern: /SQLSTATE 42501/,
    advice:
      "Grant the role pg_monitor, and EXECUTE on the function that is named, to the PostgreSQL user of the exporter.",
  },
  {
    pattern: /\.s\.PGSQL\.\d+: connect: permission denied/,
    advice: "The exporter's user may not use PostgreSQL's socket: run it as postgres, or fix unix_socket_permissions.",
  },
  {
    pattern: /\.s\.PGSQL\.\d+: connect: no such file or directory/,
    advice: "No PostgreSQL listens where WAL-G looked: start it, or set PGHOST and PGPORT to where it listens.",
  },
];

const STORAGE: readonly Advice[] = [
  {
    pattern: /metadata\.json'? not found in storage|metadata\.json.*(?:does not exist|NoSuchKey|no such file)/,
    advice:
      "One backup has no metadata.json, and backup-list --detail fails for all because of it: remove that backup with " +
      "wal-g delete, or put the file back.",
  },
  {
    pattern:
      /NoSuchBucket|bucket (?:does not|doesn't) exist|ContainerNotFound|container does not exist|Container Not Found/i,
    advice:
      "The bucket does not exist in this account and region: correct the storage prefix (WALG_S3_PREFIX and the like), or create it.",
  },
  {
    pattern: /RequestTimeTooSkewed|RequestExpired|Signature (?:expired|not yet current)/,
    advice: "This host's clock and the storage's differ too much: synchronize it (timedatectl, chronyc tracking).",
  },
  {
    pattern: /certificate has expired|is not yet valid/,
    advice: "The storage's certificate is out of date, or this host's clock is: renew the one or set the other.",
  },
  {
    pattern: /unknown authority/,
    advice:
      "The storage's certificate is signed by an authority this host does not know: set WALG_S3_CA_CERT_FILE, or install the CA.",
  },
  {
    pattern:
      /x509: certificate is (?:valid for|not valid)|doesn't contain any IP SANs|certificate is not valid for any names/,
    advice:
      "The storage's certificate is for another name: correct AWS_ENDPOINT, or have the certificate issued for this name.",
  },
  {
    pattern: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/,
    advice: "The storage does not speak TLS on this port: use http:// in AWS_ENDPOINT, or its TLS port.",
  },
  {
    pattern: /ExpiredToken|TokenRefreshRequired|InvalidToken/,
    advice: "The session token has expired: renew AWS_SESSION_TOKEN with its key pair, or use a role or lasting keys.",
  },
  {
    pattern: /InvalidAccessKeyId/,
    advice:
      "The storage does not know this access key: correct AWS_ACCESS_KEY_ID, and AWS_ENDPOINT if the key is another storage's.",
  },
  {
    pattern: /SignatureDoesNotMatch/,
    advice:
      "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID: set both anew, without blanks or quotes in the value.",
  },
  {
    pattern:
      /NoCredentialProviders|no EC2 (?:instance|IMDS) role|could not find default credentials|DefaultAzureCredential/,
    advice:
      "WAL-G found no credentials: give the exporter the environment or config file (-walg.config-path) that archive_command has.",
  },
  {
    pattern: /AuthorizationHeaderMalformed|BucketRegionError|PermanentRedirect|MissingRegion/,
    advice: "Set AWS_REGION to the bucket's region, and AWS_ENDPOINT to that region's address.",
  },
  {
    pattern: /ssh: unable to authenticate/,
    advice:
      "The SSH server refused the login: check SSH_USERNAME, SSH_PRIVATE_KEY_PATH and authorized_keys on the server.",
  },
  {
    pattern: /SSH connection error|Fail connect via ssh/,
    advice: "WAL-G does not say why SSH failed: try ssh with the same user, key and port as the exporter's user.",
  },
  {
    pattern: /proxyconnect|Proxy Authentication Required/,
    advice: "The proxy is in the way: correct HTTPS_PROXY, or name the storage in NO_PROXY.",
  },
  {
    pattern: /no such host|server misbehaving|name resolution/,
    advice:
      "The storage's name cannot be resolved: check AWS_ENDPOINT (and AWS_S3_FORCE_PATH_STYLE for own storages), then DNS.",
  },
  {
    pattern: /SlowDown|TooManyRequests|ServerBusy|status ?code[:=] ?(?:429|503)\b/i,
    advice: "The storage limits the rate of requests: lengthen the scrape intervals, or ask its operator.",
  },
  {
    pattern: /: permission denied|operation not permitted/,
    advice: "The exporter's user may not read this path: run it as the user that archives, usually postgres.",
  },
];

const SETTINGS: readonly Advice[] = [
  {
    pattern: /Failed to parse config file (\S+)\. open .*(?:permission denied|no such file)/,
    advice: "WAL-G cannot read its config file: correct -walg.config-path, or let the exporter's user read the file.",
  },
  {
    pattern: /Failed to parse config file/,
    advice:
      "WAL-G's config file is not valid JSON, YAML or TOML, and none of it is used: fix it where the message says.",
  },
  {
    pattern: /No storage is configured|Failed to find any configured storage/,
    advice:
      "Set a storage prefix such as WALG_S3_PREFIX in the exporter's environment, or its file with -walg.config-path: it " +
      "does not see what is set only for archive_command.",
  },
  {
    pattern:
      /is required to be set|is required\b|is not specified|must be an? |value is expected to be|duration expected/,
    advice: "Correct the setting that is named, in WAL-G's config file or in the exporter's environment.",
  },
  {
    pattern: /Unknown compression method/i,
    advice: "Set WALG_COMPRESSION_METHOD to one of the methods that are named.",
  },
  {
    pattern: /crypter|libsodium|openpgp|key must be exactly/i,
    advice:
      "Give the exporter the same encryption settings (WALG_PGP_KEY_PATH, WALG_LIBSODIUM_KEY_PATH) that backups are made with.",
  },
  {
    pattern: /no such file or directory/,
    advice: "The path that is named does not exist on this host: mount it, or correct the setting that names it.",
  },
  {
    pattern: /unknown (?:shorthand )?flag/,
    advice: "This wal-g does not know an option the exporter uses: install WAL-G 1.1 or later, built for PostgreSQL.",
  },
  {
    pattern: /error while loading shared libraries|version `?GLIBC/,
    advice:
      "This wal-g was built for another system: install the library that is named, or the build for this distribution.",
  },
];

/** What is more exact than the class of an error, in order of precedence. */
export const ALL_ADVICE: readonly Advice[] = [
  ...SETTINGS.slice(0, 2),
  ...POSTGRES_ADVICE,
  ...STORAGE,
  ...SETTINGS.slice(2),
];

/** The symbolic link by which root lets the sandboxed exporter run a wal-g that lies elsewhere. */
export const LINK = "/etc/walg-exporter/bin/wal-g";

/** What is known of a failed run. */
export interface FailedRun {
  readonly type: ErrorType;
  readonly message: string;
  readonly stderr?: string;
}

/** What was run, where it is known. */
export interface AdviceContext {
  /** `backup-list`, `wal-verify` or `storage-check`. */
  readonly operation?: string;
  /** What was run, as a person would type it. */
  readonly command?: string;
  /** `-walg.path`. */
  readonly walgPath?: string;
}

// Types of which stderr may hold the cause; of the others it holds what came before.
const TOLD_BY_STDERR: ReadonlySet<ErrorType> = new Set([
  "timeout",
  "invalid_output",
  "empty_output",
  "network",
  "access_denied",
  "postgres_down",
  "config",
  "command_failed",
  "connectivity_failed",
]);

/** One line that says what to do about a failed run; undefined only for a type it does not know. */
export function fixFor(failure: FailedRun, context: AdviceContext = {}): string | undefined {
  return exact(failure) ?? general(failure, context);
}

/** What the text allows to say. What the last message says goes before what stands earlier in stderr. */
function exact({ type, message, stderr = "" }: FailedRun): string | undefined {
  if (!TOLD_BY_STDERR.has(type)) return undefined;
  const relevant = type === "timeout" && classifyStderr(stderr) === undefined ? [message] : [message, errorsOf(stderr)];
  // A first try says more than the second one on localhost, and a config file that was not read more than what then lacks.
  const texts = type === "postgres_down" || type === "config" ? [relevant.join("\n")] : relevant;
  for (const text of texts) {
    const fix = ALL_ADVICE.find(({ pattern }) => pattern.test(text));
    if (fix !== undefined) return fix.advice;
  }
  return undefined;
}

/** Stderr without its warnings, of which only the one about the config file matters. */
function errorsOf(stderr: string): string {
  return stderr.split("\n").filter((line) => !/^WARNING: (?!.*Failed to parse config file)/.test(line)).join("\n");
}

function general(
  { type, message, stderr = "" }: FailedRun,
  { operation, command = "the same wal-g command", walgPath }: AdviceContext,
): string | undefined {
  const flag = operation === undefined ? "its timeout flag" : `-${operation}.timeout`;
  switch (type) {
    case "timeout":
      return classifyStderr(stderr) === "network"
        ? reach()
        : `Run '${command}' as the exporter's user to see how long it takes; if it is only slow, raise ${flag}.`;
    case "not_found":
      return `Install wal-g, or set -walg.path to its absolute path${
        walgPath === undefined ? "" : ` ('${walgPath}' is not there)`
      }; restart the exporter afterwards.`;
    case "not_permitted":
      return permit(message, walgPath);
    case "not_executable":
      return `Check with 'file ${
        quote(walgPath ?? "wal-g")
      }' that it is a program for this machine, and with 'ls -l' that the exporter's user may execute it.`;
    case "killed":
      return "Something ended wal-g: look for the out-of-memory killer in 'journalctl -k', and for MemoryMax in the unit.";
    case "output_too_large":
      return "The list of backups is longer than the exporter accepts (32 MiB): delete old backups with 'wal-g delete retain'.";
    case "invalid_output":
      return `Run '${command}' as the exporter's user: its stdout must be JSON alone. A wrapper script or S3_LOG_LEVEL=DEVEL may print more.`;
    case "empty_output":
      return `Run '${command}' and 'wal-g st ls basebackups_005/' as the exporter's user: before 3.0.9, wal-g prints nothing when it cannot list the storage.`;
    case "network":
      return reach();
    case "access_denied":
      return "Check the storage credentials of the exporter's user, and that they may list and read the bucket or folder.";
    case "postgres_down":
      return "Check that PostgreSQL runs, and that PGHOST, PGPORT and PGUSER of the exporter lead to it.";
    case "config":
      return "Check WAL-G's settings as the exporter sees them: its environment, or the file of -walg.config-path.";
    case "command_failed":
    case "connectivity_failed":
      return `Run '${command}' as the exporter's user with WALG_LOG_LEVEL=DEVEL to see more.`;
  }
}

function reach(): string {
  return "Check from this host that the storage's address (AWS_ENDPOINT and the like) answers: name, port, firewall, proxy.";
}

function permit(message: string, walgPath: string | undefined): string {
  const variable = /\b(?:LD|DYLD)_[A-Z_]+\b/.exec(message)?.[0];
  if (variable !== undefined) {
    return `Unset ${variable} for the exporter (UnsetEnvironment=${variable} in its unit): with it set, nothing may be run.`;
  }
  if (walgPath === undefined || !walgPath.includes("/")) {
    return `Restart the exporter if wal-g was installed after it; otherwise, as root, link wal-g to ${LINK}.`;
  }
  const target = walgPath.startsWith("/") ? quote(walgPath) : `"$(realpath ${quote(walgPath)})"`;
  return `If it exists, as root: mkdir -p /etc/walg-exporter/bin && ln -s ${target} ${LINK} ; then set -walg.path=${LINK} and restart.`;
}

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''").replace(/\s/g, " ")}'`;
}
