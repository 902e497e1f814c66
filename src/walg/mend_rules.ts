/** A text in WAL-G's words and what to do about it. */
export interface Mend {
  readonly pattern: RegExp;
  readonly advice: string;
}

/** PostgreSQL: what refused first matters more than the second try on localhost, so order is precedence. */
const POSTGRES: readonly Mend[] = [
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
    advice: "The exporter's user may not use PostgreSQL's socket: run it as postgres, or mend unix_socket_permissions.",
  },
  {
    pattern: /\.s\.PGSQL\.\d+: connect: no such file or directory/,
    advice: "No PostgreSQL listens where WAL-G looked: start it, or set PGHOST and PGPORT to where it listens.",
  },
];

const STORAGE: readonly Mend[] = [
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

const SETTINGS: readonly Mend[] = [
  {
    pattern: /Failed to parse config file (\S+)\. open .*(?:permission denied|no such file)/,
    advice: "WAL-G cannot read its config file: correct -walg.config-path, or let the exporter's user read the file.",
  },
  {
    pattern: /Failed to parse config file/,
    advice:
      "WAL-G's config file is not valid JSON, YAML or TOML, and none of it is used: mend it where the message says.",
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
export const MENDS: readonly Mend[] = [...SETTINGS.slice(0, 2), ...POSTGRES, ...STORAGE, ...SETTINGS.slice(2)];
