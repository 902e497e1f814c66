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
