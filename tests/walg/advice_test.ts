import assert from "node:assert/strict";
import fc from "fast-check";
import { classifyStderr, fixFor } from "../../src/walg/failure.ts";
import { lastCause, lastError } from "../../src/walg/stderr.ts";
import { type ErrorType, RULES } from "../../src/walg/what_walg_says.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url);

const TYPES: readonly ErrorType[] = [
  "timeout",
  "not_found",
  "not_permitted",
  "not_executable",
  "killed",
  "output_too_large",
  "invalid_output",
  "empty_output",
  "network",
  "access_denied",
  "postgres_down",
  "config",
  "command_failed",
  "connectivity_failed",
];

function fixOf(path: string): string {
  const stderr = Deno.readTextFileSync(new URL(path, FIXTURES));
  const type = classifyStderr(stderr) ?? "command_failed";
  return fixFor({ type, message: lastError(stderr), stderr }, { operation: "wal-verify" });
}

Deno.test("every type has a fix of its own, in one line", () => {
  const operation = fc.option(fc.constantFrom("backup-list", "wal-verify", "storage-check"), { nil: undefined });
  const walgPath = fc.option(fc.oneof(fc.constantFrom("wal-g", "/opt/x/wal-g", "./wal-g"), fc.string()), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), fc.string(), operation, walgPath, (type, message, operation, walgPath) => {
      const context = { ...(operation !== undefined && { operation }), ...(walgPath !== undefined && { walgPath }) };
      const fix = fixFor({ type, message }, context);
      assert.ok(fix.length > 20);
      assert.ok(!fix.includes("\n"), fix);
    }),
  );
  const fixes = TYPES.map((type) => fixFor({ type, message: "" }));
  // The two "it failed" of commands and of the storage check share theirs.
  assert.equal(new Set(fixes).size, TYPES.length - 1);
});

Deno.test("what the sandbox refuses is fixed by a link", () => {
  const refused = { type: "not_permitted", message: "Requires run access" } as const;
  assert.match(
    fixFor(refused, { walgPath: "/opt/pg/wal-g" }),
    /^If it exists, as root: .*ln -s \/opt\/pg\/wal-g \/etc\/walg-exporter\/bin\/wal-g /,
  );
  assert.match(
    fixFor(refused, { walgPath: "/opt/my pg/wal-g" }),
    /ln -s '\/opt\/my pg\/wal-g' \/etc\/walg-exporter\/bin\/wal-g /,
  );
  assert.match(fixFor(refused, { walgPath: "../wal-g" }), /ln -s "\$\(realpath \.\.\/wal-g\)" \/etc/);
  assert.match(fixFor(refused), /\/etc\/walg-exporter\/bin\/wal-g/);
  const preloaded = { type: "not_permitted", message: "wal-g may not be run while LD_PRELOAD is set" } as const;
  assert.match(fixFor(preloaded, { walgPath: "/opt/pg/wal-g" }), /Unset LD_PRELOAD /);
});

Deno.test("more exact where the text allows", () => {
  const expected: Readonly<Record<string, RegExp>> = {
    "stderr/config/bucket-missing.txt": /bucket does not exist.*WALG_S3_PREFIX/,
    "stderr/config/container-missing.txt": /bucket does not exist/,
    "stderr/config/no-storage.txt": /WALG_S3_PREFIX.*-walg\.config-path/,
    "stderr/config/no-storage.config-unreadable.txt": /cannot read its config file/,
    "stderr/config/config-file.txt": /not valid JSON/,
    "stderr/config/setting-missing.txt": /setting that is named/,
    "stderr/config/compression.txt": /WALG_COMPRESSION_METHOD/,
    "stderr/config/crypto-key.libsodium.txt": /WALG_LIBSODIUM_KEY_PATH/,
    "stderr/config/s3-no-credentials.txt": /no credentials/,
    "stderr/config/s3-region.txt": /AWS_REGION/,
    "stderr/config/folder-missing.txt": /does not exist on this host/,
    "stderr/access_denied/s3-clock-skew.txt": /clock.*chronyc/,
    "stderr/access_denied/s3-token-expired.txt": /AWS_SESSION_TOKEN/,
    "stderr/access_denied/s3-key-unknown.txt": /AWS_ACCESS_KEY_ID/,
    "stderr/access_denied/s3-signature.txt": /AWS_SECRET_ACCESS_KEY/,
    "stderr/access_denied/ssh-denied.txt": /authorized_keys/,
    "stderr/access_denied/fs-denied.txt": /usually postgres/,
    "stderr/network/tls-authority.txt": /WALG_S3_CA_CERT_FILE/,
    "stderr/network/tls-name.txt": /another name/,
    "stderr/network/tls-expired.txt": /out of date/,
    "stderr/network/tls-plain-http.txt": /http:\/\//,
    "stderr/network/dns.txt": /resolved/,
    "stderr/network/proxy.txt": /HTTPS_PROXY/,
    "stderr/network/rate-limit.txt": /rate/,
    "stderr/network/refused.txt": /AWS_ENDPOINT.*firewall/,
    "stderr/postgres_down/pg-hba.txt": /pg_hba\.conf/,
    "stderr/postgres_down/pg-user.peer.txt": /User=postgres/,
    "stderr/postgres_down/pg-user.txt": /User=postgres/,
    "stderr/postgres_down/pg-password.txt": /PGPASSFILE/,
    "stderr/postgres_down/pg-database.txt": /PGDATABASE/,
    "stderr/postgres_down/pg-connections.txt": /max_connections/,
    "stderr/postgres_down/pg-starting.txt": /starting or stopping/,
    "stderr/postgres_down/pg-socket-denied.txt": /may not use PostgreSQL's socket/,
    "stderr/postgres_down/pg-privilege.txt": /pg_monitor/,
    "captures/wal-g-3.0.9/postgres-down/wal-verify.stderr": /No PostgreSQL listens where WAL-G looked/,
    "captures/wal-g-3.0.9/standby-not-streaming/wal-verify.stderr": /standby does not stream/,
    "stderr/postgres_down/pg-standby.txt": /standby, not a dead server.*-wal-verify\.scrape-interval=0/,
    "stderr/postgres_down/pg-connect.certificate.txt": /PGHOST/,
    "stderr/config/s3-profile.txt": /AWS_PROFILE/,
    "stderr/config/s3-region-missing.sdk-v2.txt": /AWS_REGION/,
    "stderr/config/s3-no-credentials.empty.txt": /no credentials/,
    "stderr/none/metadata-missing.txt":
      /no metadata\.json.*fails for all.*put the file back, or take a new backup; only then/,
    "stderr/none/warning-then-error.txt": /no metadata\.json/,
    "stderr/none/unknown-flag.txt": /WAL-G 1\.1 or later/,
    "stderr/none/loader.txt": /another system/,
  };
  for (const [path, fix] of Object.entries(expected)) assert.match(fixOf(path), fix, path);
});

Deno.test("every exact fix is reached by a fixture", () => {
  const reached = new Set<string>();
  for (const type of Deno.readDirSync(new URL("stderr/", FIXTURES))) {
    if (!type.isDirectory) continue;
    for (const { name } of Deno.readDirSync(new URL(`stderr/${type.name}/`, FIXTURES))) {
      reached.add(fixOf(`stderr/${type.name}/${name}`));
    }
  }
  for (const { advice } of RULES) assert.ok(advice === undefined || reached.has(advice), advice);
});

Deno.test("what an SSH server answered, or did not", () => {
  assert.match(fixOf("stderr/network/ssh-connect.txt"), /does not say why SSH failed/);
  assert.match(fixOf("stderr/access_denied/ssh-denied.wal-g-1.1.txt"), /authorized_keys/);
});

Deno.test("a timeout is fixed by its cause, or by a longer one", () => {
  const stderr = Deno.readTextFileSync(
    new URL("captures/wal-g-3.0.9/s3-refused-then-terminated/st-check.stderr", FIXTURES),
  );
  const message = `no answer within 10s: ${lastCause(stderr)}`;
  assert.match(fixFor({ type: "timeout", message, stderr }, { operation: "storage-check" }), /AWS_ENDPOINT/);
  const context = { operation: "storage-check", command: "wal-g st check read" };
  const slow = fixFor({ type: "timeout", message: "no answer within 10s" }, context);
  assert.match(slow, /'wal-g st check read'.*-storage-check\.timeout/);
});

Deno.test("warnings in stderr give no fix", () => {
  const stderr = Deno.readTextFileSync(new URL("stderr/none/warnings.txt", FIXTURES));
  const failure = { type: "command_failed", message: "exit status 1", stderr } as const;
  assert.match(
    fixFor(failure, { command: "wal-g backup-list --detail --json" }),
    /^Run 'wal-g backup-list --detail --json' as /,
  );
  assert.match(fixFor(failure), /^Run the same wal-g command as /);
});
