/** Why a run of a wal-g command failed: the fixed vocabulary of `walg_errors_total{error_type}`. */
export type ErrorType =
  | "timeout"
  | "not_found"
  | "not_permitted"
  | "not_executable"
  | "killed"
  | "output_too_large"
  | "invalid_output"
  | "empty_output"
  | StderrClass
  | "command_failed"
  | "connectivity_failed";

/** What stderr can say about a failed run. */
export type StderrClass = "network" | "access_denied" | "postgres_down" | "config";

/** A text that WAL-G or a library it uses prints, what it means, and what to do about it. */
export interface Rule {
  /** Where it has a type: the name of its fixture in `fixtures/stderr/TYPE/`, whose index says where it is published. */
  readonly name: string;
  readonly pattern: RegExp;
  /** Absent where the text does not decide the class of the failure. */
  readonly type?: StderrClass;
  /** One sentence; absent where the general advice of its class is right. */
  readonly advice?: string;
  /** It is about a setting itself, and not about what the storage answered to it. */
  readonly isSetting?: boolean;
  /** WAL-G logs it as a WARNING, continues, and fails later because it did not read the file. */
  readonly isWarning?: boolean;
}

type Meaning = RegExp | Omit<Rule, "name" | "type">;

function rules(type: StderrClass | undefined, meanings: Readonly<Record<string, Meaning>>): readonly Rule[] {
  return Object.entries(meanings).map(([name, meaning]) => ({
    name,
    ...(type !== undefined && { type }),
    ...(meaning instanceof RegExp ? { pattern: meaning } : meaning),
  }));
}

const SET_STORAGE =
  "Set a storage prefix such as WALG_S3_PREFIX in the exporter's environment, or its file with -walg.config-path: it " +
  "does not see what is set only for archive_command.";
const CORRECT_SETTING = "Correct the setting that is named, in WAL-G's config file or in the exporter's environment.";
const GIVE_CREDENTIALS =
  "WAL-G found no credentials: give the exporter the environment or config file (-walg.config-path) that archive_command has.";
const CORRECT_BUCKET =
  "The bucket does not exist in this account and region: correct the storage prefix (WALG_S3_PREFIX and the like), or create it.";
const SET_REGION = "Set AWS_REGION to the bucket's region, and AWS_ENDPOINT to that region's address.";

/**
 * What WAL-G says. The order is the precedence: the first rule that fits decides, for the class and for the advice.
 *
 * PostgreSQL's own texts come early, since they hold words of all other classes; settings before rights, since a file of
 * credentials that cannot be opened was not refused by the storage; what the storage answered, and so was reached, before
 * the network; of one class, the exact text before the general one.
 */
export const RULES: readonly Rule[] = [
  ...rules("config", {
    "config-file-unreadable": {
      pattern: /^Failed to parse config file \S+\. open .*(?:permission denied|no such file)/m,
      advice: "WAL-G cannot read its config file: correct -walg.config-path, or let the exporter's user read the file.",
      isSetting: true,
      isWarning: true,
    },
    "config-file": {
      pattern: /^Failed to parse config file /m,
      advice:
        "WAL-G's config file is not valid JSON, YAML or TOML, and none of it is used: fix it where the message says.",
      isSetting: true,
      isWarning: true,
    },
    "pg-environment": /unable to read environment variables|cannot parse `/,
  }),

  // All that goes wrong on the way to PostgreSQL is of this class, also where the words are those of a network or a file.
  ...rules("postgres_down", {
    "pg-standby": {
      // The words follow lc_messages, the code does not.
      pattern: /\(SQLSTATE 55000\)/,
      advice:
        "This PostgreSQL is a standby, not a dead server: run wal-verify on the primary, or switch it off here with " +
        "-wal-verify.scrape-interval=0.",
    },
    "pg-not-streaming": {
      pattern: /cannot scan NULL into \*string/,
      advice:
        "This standby does not stream from a primary, so wal-verify has no current position: check primary_conninfo and " +
        "pg_stat_wal_receiver, or run the exporter on the primary.",
    },
    "pg-hba": {
      pattern: /no pg_hba\.conf entry/,
      advice:
        "Add a line for this user, database and address to pg_hba.conf and reload PostgreSQL, or set PGHOST to its socket folder.",
    },
    "pg-user": {
      pattern: /Peer authentication failed|role "[^"]*" does not exist/,
      advice:
        "Run the exporter as the operating system user postgres (User=postgres in the unit), or set PGUSER to a role that exists.",
    },
    "pg-password": {
      pattern: /password authentication failed|failed SASL auth/,
      advice: "Set PGUSER and PGPASSWORD, or PGPASSFILE to a file of mode 0600 that the exporter's user can read.",
    },
    "pg-database": {
      pattern: /database "[^"]*" does not exist/,
      advice: "Set PGDATABASE to a database that exists, such as postgres.",
    },
    "pg-connections": {
      pattern: /too many clients already|connection slots are reserved/,
      advice: "PostgreSQL has no connection left: raise max_connections, or find what holds them in pg_stat_activity.",
    },
    "pg-starting": {
      pattern: /the database system is (?:starting up|not yet accepting|in recovery mode|shutting down)/,
      advice: "PostgreSQL is starting or stopping: wait, and read its log if this lasts.",
    },
    "pg-privilege": {
      pattern: /SQLSTATE 42501/,
      advice:
        "Grant the role pg_monitor, and EXECUTE on the function that is named, to the PostgreSQL user of the exporter.",
    },
    "pg-socket-denied": {
      pattern: /\.s\.PGSQL\.\d+: connect: permission denied/,
      advice:
        "The exporter's user may not use PostgreSQL's socket: run it as postgres, or fix unix_socket_permissions.",
    },
    "pg-socket-missing": {
      pattern: /\.s\.PGSQL\.\d+: connect: no such file or directory/,
      advice: "No PostgreSQL listens where WAL-G looked: start it, or set PGHOST and PGPORT to where it listens.",
    },
    "pg-connect": /failed to connect to `|postgres connection failed|connection to Postgres cluster/i,
    "pg-socket": /\.s\.PGSQL\.\d+/,
    "pg-sqlstate": /\(SQLSTATE [0-9A-Z]{5}\)/,
    "pg-connection-lost":
      /(?:current LSN|current WAL segment)[^\n]*(?:unexpected EOF|conn closed|connection reset|broken pipe|i\/o timeout)/,
  }),

  ...rules("config", {
    "no-storage": {
      pattern: /No storage is configured|Failed to find any configured storage/,
      advice: SET_STORAGE,
      isSetting: true,
    },
    "setting-missing": {
      pattern: /is required to be set, but it isn't|setting "[^"]+" is required|"[A-Z0-9_]+" is not specified/,
      advice: CORRECT_SETTING,
      isSetting: true,
    },
    "setting-value": {
      pattern: /setting "[^"]+" must be |value is expected to be positive|duration expected for \S+ setting/,
      advice: CORRECT_SETTING,
      isSetting: true,
    },
    "logging": {
      pattern: /Failed to configure logging|failed to setup logging|could not open log file|got incorrect log level/,
      isSetting: true,
    },
    "compression": {
      pattern: /Unknown compression method/i,
      advice: "Set WALG_COMPRESSION_METHOD to one of the methods that are named.",
      isSetting: true,
    },
    "crypto-key": {
      pattern:
        /can't configure crypter|libsodium Crypter must have|key must be exactly|unknown key transform|openpgp: |supported (?:envelope )?gpg crypter/,
      advice:
        "Give the exporter the same encryption settings (WALG_PGP_KEY_PATH, WALG_LIBSODIUM_KEY_PATH) that backups are made with.",
      isSetting: true,
    },
    "ssh-key-file": { pattern: /(?:read|parse) (?:SSH )?private key/i, isSetting: true },
    "s3-profile": {
      pattern: /failed to get shared config profile/,
      advice:
        "The profile is not in the AWS config files of the exporter's user: correct AWS_PROFILE, or set AWS_CONFIG_FILE.",
      isSetting: true,
    },
    "s3-no-credentials": {
      pattern:
        /NoCredentialProviders|EC2RoleRequestError|no EC2 (?:instance|IMDS) role|SharedCredsLoad|static credentials are empty/,
      advice: GIVE_CREDENTIALS,
    },
    "s3-ca-file": {
      pattern: /LoadCustomCABundleError|no PEM certs found in|create S3 storage: [^\n]*\bopen [^:]+: /,
      isSetting: true,
    },
    "gcs-no-credentials": { pattern: /could not find default credentials/, advice: GIVE_CREDENTIALS },
    "gcs-credentials-file":
      /GOOGLE_APPLICATION_CREDENTIALS|dialing: open [^:]+: |dialing: (?:invalid character|unexpected end of JSON)/,
    "azure-no-credentials": { pattern: /DefaultAzureCredential/, advice: GIVE_CREDENTIALS },
    "azure-key": /create shared key credentials/,
    "swift-settings": { pattern: /apply env variables|Can't find AuthVersion in AuthUrl/, isSetting: true },
    "bucket-missing": {
      pattern: /NoSuchBucket|specified bucket does not exist|bucket (?:doesn't|does not) exist/i,
      advice: CORRECT_BUCKET,
    },
    "container-missing": {
      pattern: /ContainerNotFound|specified container does not exist|Container Not Found/i,
      advice: CORRECT_BUCKET,
    },
    "s3-region-missing": {
      pattern: /MissingRegion|A region must be set when sending requests to S3/,
      advice: SET_REGION,
      isSetting: true,
    },
    "s3-region": { pattern: /AuthorizationHeaderMalformed|BucketRegionError|PermanentRedirect/, advice: SET_REGION },
    "s3-location": /IllegalLocationConstraint|MissingEndpoint|InvalidBucketName/,
    "prefix": {
      pattern:
        /from prefix "|missing url scheme=|unsupported protocol scheme|missing protocol scheme|invalid port ":|invalid URL escape/,
      isSetting: true,
    },
    "folder-missing":
      /(?:FS storage root directory|Folder not exists or is inaccessible|unable to list FS folder)[^\n]*: (?:no such file or directory|not a directory)/,
  }),

  ...rules("access_denied", {
    "s3-token-expired": {
      pattern: /ExpiredToken|TokenRefreshRequired|\bInvalidToken\b/,
      advice:
        "The session token has expired: renew AWS_SESSION_TOKEN with its key pair, or use a role or lasting keys.",
    },
    "s3-clock-skew": {
      pattern: /RequestTimeTooSkewed|RequestExpired|Signature (?:expired|not yet current)/,
      advice: "This host's clock and the storage's differ too much: synchronize it (timedatectl, chronyc tracking).",
    },
    "s3-key-unknown": {
      pattern: /InvalidAccessKeyId/,
      advice:
        "The storage does not know this access key: correct AWS_ACCESS_KEY_ID, and AWS_ENDPOINT if the key is another storage's.",
    },
    "s3-signature": {
      pattern: /SignatureDoesNotMatch/,
      advice:
        "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID: set both anew, without blanks or quotes in the value.",
    },
    "s3-credentials": /InvalidClientTokenId|UnrecognizedClient|InvalidSecurity/,
    "s3-denied": /\bAccessDenied|AllAccessDisabled|AccountProblem|NotSignedUp|UserSuspended|InvalidPayer/,
    "s3-status": /status ?code[:=] ?40[13]\b/i,
    "gcs-denied": /googleapi: (?:Error|got HTTP response code) 40[13]\b|does not have storage\.\S+ access/,
    "gcs-token": /oauth2: cannot fetch token: 40[013]\b|oauth2: "invalid_|invalid_grant|invalid_client/,
    "azure-denied":
      /\bRESPONSE 40[13]\b|AuthenticationFailed|AuthorizationFailure|AuthorizationPermissionMismatch|KeyBasedAuthenticationNotPermitted|NoAuthenticationInformation|InsufficientAccountPermissions|AADSTS\d+/,
    "ssh-denied": {
      pattern: /ssh: unable to authenticate/,
      advice:
        "The SSH server refused the login: check SSH_USERNAME, SSH_PRIVATE_KEY_PATH and authorized_keys on the server.",
    },
    "sftp-denied": /sftp: "?permission denied|SSH_FX_PERMISSION_DENIED/i,
    "swift-denied": /\bAuthorization Failed|Operation forbidden/,
    "fs-denied":
      /\b(?:open|openat|stat|lstat|fstatat|readdir|readdirent|mkdir|chdir|read) [^:\n]+: (?:permission denied|operation not permitted)/,
  }),

  ...rules("network", {
    "dns": {
      pattern: /no such host|server misbehaving|Temporary failure in name resolution/,
      advice:
        "The storage's name cannot be resolved: check AWS_ENDPOINT (and AWS_S3_FORCE_PATH_STYLE for own storages), then DNS.",
    },
    "tls-expired": {
      pattern: /certificate has expired|is not yet valid/,
      advice: "The storage's certificate is out of date, or this host's clock is: renew the one or set the other.",
    },
    "tls-authority": {
      pattern: /x509: certificate signed by unknown authority/,
      advice:
        "The storage's certificate is signed by an authority this host does not know: set WALG_S3_CA_CERT_FILE, or install the CA.",
    },
    "tls-name": {
      pattern:
        /x509: certificate is (?:valid for|not valid)|doesn't contain any IP SANs|certificate is not valid for any names/,
      advice:
        "The storage's certificate is for another name: correct AWS_ENDPOINT, or have the certificate issued for this name.",
    },
    "tls-plain-http": {
      pattern: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/,
      advice: "The storage does not speak TLS on this port: use http:// in AWS_ENDPOINT, or its TLS port.",
    },
    "tls": /\bx509: |\btls: /,
    "proxy": {
      pattern: /proxyconnect |Proxy Authentication Required|socks connect /,
      advice: "The proxy is in the way: correct HTTPS_PROXY, or name the storage in NO_PROXY.",
    },
    "refused": /connection refused/,
    "unreachable": /no route to host|network is unreachable|host is down/,
    "reset": /connection reset by peer|broken pipe|use of closed network connection|ssh: [^\n]*\bEOF\b|connection lost/,
    "timeout":
      /i\/o timeout|connection timed out|TLS handshake timeout|Client\.Timeout exceeded|context deadline exceeded|awaiting response headers|RequestTimeout\b|Timeout when reading or writing data/,
    "network-file-system": /transport endpoint is not connected|stale (?:NFS )?file handle/i,
    "rate-limit": {
      pattern: /\bSlowDown\b|ServerBusy|TooManyRequests|status ?code[:=] ?(?:429|503)\b/i,
      advice: "The storage limits the rate of requests: lengthen the scrape intervals, or ask its operator.",
    },
    "unavailable":
      /ServiceUnavailable|InternalError\b|status ?code[:=] ?50\d\b|googleapi: (?:Error|got HTTP response code) (?:429|50\d)\b|\bRESPONSE 50\d\b/i,
    "ssh-connect": {
      pattern: /SSH connection error|Fail connect via s(?:sh|ftp)|failed to connect to \S+ via S(?:SH|FTP)/,
      advice: "WAL-G does not say why SSH failed: try ssh with the same user, key and port as the exporter's user.",
    },
    "send-failed": /RequestError: send request failed|request send failed|: (?:unexpected )?EOF$/,
  }),

  ...rules(undefined, {
    "metadata-missing": {
      pattern: /metadata\.json'? not found in storage|metadata\.json.*(?:does not exist|NoSuchKey|no such file)/,
      advice:
        "One backup has no metadata.json, and backup-list --detail fails for all because of it: put the file back, or take " +
        "a new backup; only then remove the broken one with wal-g delete.",
    },
    "unknown-flag": {
      pattern: /unknown (?:shorthand )?flag/,
      advice: "This wal-g does not know an option the exporter uses: install WAL-G 1.1 or later, built for PostgreSQL.",
    },
    "loader": {
      pattern: /error while loading shared libraries|version `?GLIBC/,
      advice:
        "This wal-g was built for another system: install the library that is named, or the build for this distribution.",
    },
    "permission": {
      pattern: /: permission denied|operation not permitted/,
      advice: "The exporter's user may not read this path: run it as the user that archives, usually postgres.",
    },
    "path-missing": {
      pattern: /no such file or directory/,
      advice: "The path that is named does not exist on this host: mount it, or correct the setting that names it.",
    },
  }),
];
