import { fixturePath } from "../../standin.ts";
import { etcOf, type Setup } from "./setup.ts";

/** A setup with one thing wrong, what doctor must say of it, and how its fix is done. */
export interface BrokenSetup {
  readonly name: string;
  /** The check that must fail first. */
  readonly failing: string;
  /** What its line must say. */
  readonly says: RegExp;
  /** What the fix must say. */
  readonly fix: RegExp;
  readonly breakIt: (setup: Setup) => Promise<unknown> | unknown;
  /** Does what the fix says. */
  readonly applyFix: (setup: Setup, fix: string) => Promise<unknown> | unknown;
}

/** Lines of shell by which wal-g answers as in a scenario while a test of the shell holds. */
function unless(test: string, scenario: string, operation = ""): string {
  return `${test} || export WALG_STANDIN_SCENARIO${operation}=${scenario}`;
}

const FOREIGN_ELF = new Uint8Array(64);
// A 64-bit big-endian executable for s390x.
FOREIGN_ELF.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 22, 0, 0, 0, 1]);

/** Setups that go wrong before wal-g has run. */
const BEFORE_RUNNING: readonly BrokenSetup[] = [
  {
    name: "wal-g is not installed",
    failing: "wal-g",
    says: /cannot find a 'wal-g' on PATH|'wal-g' was not on PATH/,
    fix: /install/i,
    breakIt: ({ folder }) => Deno.remove(`${folder}/bin/wal-g`),
    applyFix: (setup) => setup.installWalg(),
  },
  {
    name: "wal-g is where the sandbox does not run it",
    failing: "sandbox",
    says: /does not run '.*elsewhere\/wal-g'/,
    fix: /^If it exists, as root: mkdir -p \S+ && ln -s \S+ \S+ ; then set -walg\.path=\S+ and restart\.$/,
    async breakIt(setup) {
      await setup.installWalg("elsewhere/wal-g");
      setup.args.push(`-walg.path=${setup.folder}/elsewhere/wal-g`);
    },
    async applyFix(setup, fix) {
      const [, commands = "", path = ""] = /^If it exists, as root: (.*) ; then set -walg\.path=(\S+)/.exec(fix) ?? [];
      const here = (text: string): string => text.replaceAll("/etc/walg-exporter", etcOf(setup));
      const { success } = await new Deno.Command("sh", { args: ["-ec", here(commands)] }).output();
      if (!success) throw new Error(`'${commands}' failed`);
      setup.args.push(`-walg.path=${here(path)}`);
    },
  },
  {
    name: "wal-g may not be executed",
    failing: "wal-g",
    says: /not an executable file for this user/,
    fix: /'ls -l' that the exporter's user may execute it/,
    async breakIt(setup) {
      await setup.installWalg("wal-g");
      await Deno.chmod(`${setup.folder}/wal-g`, 0o644);
      setup.args.push(`-walg.path=${setup.folder}/wal-g`);
    },
    applyFix: ({ folder }) => Deno.chmod(`${folder}/wal-g`, 0o755),
  },
  {
    name: "wal-g is for another architecture",
    failing: "wal-g",
    says: /cannot be executed on this machine|exec format/i,
    fix: /'file \S+' that it is a program for this machine/,
    breakIt: ({ folder }) => Deno.writeFile(`${folder}/bin/wal-g`, FOREIGN_ELF, { mode: 0o755 }),
    applyFix: (setup) => setup.installWalg(),
  },
  {
    name: "a shared library of wal-g is missing",
    failing: "wal-g",
    says: /libsodium\.so\.23/,
    fix: /install the library that is named/,
    breakIt: (setup) =>
      setup.installWalg(
        "bin/wal-g",
        `[ -e ${setup.folder}/libsodium.so.23 ] || { echo "wal-g: error while loading shared libraries: libsodium.so.23: ` +
          `cannot open shared object file: No such file or directory" >&2; exit 127; }`,
      ),
    applyFix: ({ folder }) => Deno.writeTextFile(`${folder}/libsodium.so.23`, ""),
  },
  {
    name: "LD_LIBRARY_PATH is set",
    failing: "LD_* variables",
    says: /LD_LIBRARY_PATH is set/,
    fix: /^Unset LD_LIBRARY_PATH/,
    breakIt: ({ env }) => void (env["LD_LIBRARY_PATH"] = "/nowhere"),
    applyFix: ({ env }) => void delete env["LD_LIBRARY_PATH"],
  },
  {
    name: "wal-g is built for MySQL",
    failing: "version",
    says: /WAL-G 3\.0\.9 for MySQL/,
    fix: /built for PostgreSQL/,
    breakIt: (setup) =>
      setup.installWalg("bin/wal-g", "printf 'wal-g version v3.0.9\\tabc\\t2026.01.01_00:00:00\\tMySQL\\n'; exit"),
    applyFix: (setup) => setup.installWalg(),
  },
];

const BY_SETTINGS: readonly BrokenSetup[] = [
  {
    name: "the config file does not exist",
    failing: "config",
    says: /Failed to parse config file .*wal-g\.json/,
    fix: /correct -walg\.config-path/,
    breakIt: ({ args, folder }) => args.push(`-walg.config-path=${folder}/wal-g.json`),
    applyFix: ({ folder }) => Deno.writeTextFile(`${folder}/wal-g.json`, "{}\n"),
  },
  {
    name: "no storage is set in the environment",
    failing: "config",
    says: /No storage is configured/,
    fix: /Set a storage prefix such as WALG_S3_PREFIX/,
    breakIt: (setup) =>
      setup.installWalg(
        "bin/wal-g",
        `if [ -z "\${WALG_S3_PREFIX-}" ] && [ "$1" != --version ]; then
  cat ${fixturePath("stderr/config/no-storage.txt")} >&2
  exit 1
fi`,
      ),
    applyFix: ({ env }) => void (env["WALG_S3_PREFIX"] = "s3://bucket/path"),
  },
  {
    name: "HOME cannot be written to",
    failing: "caches",
    says: /\.walg_storage_ro_status_cache.*no such file or directory/,
    fix: /HOME=\/var\/lib\/walg-exporter/,
    async breakIt(setup) {
      setup.env["HOME"] = `${setup.folder}/nobody`;
      await setup.installWalg(
        "bin/wal-g",
        `[ -d "$HOME" ] || [ "$1" = --version ] || echo "WARNING: 2026/11/23 03:39:14.240318 Failed to write storage status ` +
          `cache file: open $HOME/.walg_storage_ro_status_cache: no such file or directory" >&2`,
      );
    },
    applyFix: ({ env, folder }) => void (env["HOME"] = `${folder}/home`),
  },
];

const BY_STORAGE: readonly BrokenSetup[] = [
  {
    name: "the storage refuses connections",
    failing: "storage",
    says: /no answer within 0\.5 s: dial tcp .*: connection refused/,
    fix: /the storage's address \(AWS_ENDPOINT and the like\) answers/,
    async breakIt(setup) {
      setup.args.push("-storage-check.timeout=500ms");
      const refusing = `export WALG_STANDIN_SCENARIO=s3-refused-then-terminated WALG_STANDIN_HANG_ST_CHECK=1`;
      await setup.installWalg("bin/wal-g", `[ -n "\${AWS_ENDPOINT-}" ] || ${refusing}`);
    },
    applyFix(setup) {
      setup.env["AWS_ENDPOINT"] = "https://s3.example";
      // The stand-in under load may take longer than the half second of the broken one.
      setup.args.push("-storage-check.timeout=10s");
    },
  },
  {
    name: "the access key is unknown",
    failing: "storage",
    says: /InvalidAccessKeyId/,
    fix: /correct AWS_ACCESS_KEY_ID/,
    breakIt: (setup) => setup.installWalg("bin/wal-g", unless('[ "${AWS_ACCESS_KEY_ID-}" = right ]', "s3-bad-key")),
    applyFix: ({ env }) => void (env["AWS_ACCESS_KEY_ID"] = "right"),
  },
  {
    name: "the bucket does not exist",
    failing: "storage",
    says: /NoSuchBucket/,
    fix: /correct the storage prefix/,
    breakIt: (setup) => setup.installWalg("bin/wal-g", unless('[ -n "${WALG_S3_PREFIX-}" ]', "s3-no-bucket")),
    applyFix: ({ env }) => void (env["WALG_S3_PREFIX"] = "s3://the-right-one"),
  },
  {
    name: "the folder of backups may not be read",
    failing: "backups",
    says: /basebackups_005: permission denied/,
    fix: /run it as the user that archives/,
    breakIt: (setup) =>
      setup.installWalg("bin/wal-g", unless('[ "${RUN_AS-}" = postgres ]', "storage-unlistable", "_BACKUP_LIST")),
    applyFix: ({ env }) => void (env["RUN_AS"] = "postgres"),
  },
  {
    name: "a wrapper script writes to stdout",
    failing: "backups",
    says: /cannot read what it printed/,
    fix: /its stdout must be JSON alone/,
    breakIt: (setup) => setup.installWalg("bin/wal-g", '[ "$1" != backup-list ] || echo "loading secrets"'),
    applyFix: (setup) => setup.installWalg("bin/wal-g", '[ "$1" != backup-list ] || echo "loading secrets" >&2'),
  },
];

const BESIDE_WALG: readonly BrokenSetup[] = [
  {
    name: "PostgreSQL is down",
    failing: "PostgreSQL",
    says: /failed to connect to/i,
    fix: /start it, or set PGHOST and PGPORT/,
    breakIt: (setup) => setup.installWalg("bin/wal-g", unless('[ -n "${PGHOST-}" ]', "postgres-down")),
    applyFix: ({ env }) => void (env["PGHOST"] = "/run/postgresql"),
  },
  {
    name: "the standby does not stream",
    failing: "PostgreSQL",
    says: /cannot scan NULL/,
    fix: /check primary_conninfo/,
    breakIt: (setup) =>
      setup.installWalg("bin/wal-g", unless(`[ -e ${setup.folder}/streams ]`, "standby-not-streaming", "_WAL_VERIFY")),
    applyFix: ({ folder }) => Deno.writeTextFile(`${folder}/streams`, ""),
  },
  {
    name: "the web config has a mistake",
    failing: "web config",
    says: /web\.yml.*tls_server_confg/,
    fix: /^Correct what the message names/,
    async breakIt(setup) {
      await Deno.mkdir(etcOf(setup));
      await Deno.writeTextFile(`${etcOf(setup)}/web.yml`, "tls_server_confg: {}\n");
      setup.args.push(`-web.config.file=${etcOf(setup)}/web.yml`);
    },
    applyFix: (setup) => Deno.writeTextFile(`${etcOf(setup)}/web.yml`, "http_server_config:\n  http2: true\n"),
  },
  {
    name: "the web config is where the sandbox does not read",
    failing: "sandbox",
    says: /does not read '.*elsewhere\.yml'/,
    fix: /^Put it into \/etc\/walg-exporter/,
    async breakIt(setup) {
      await Deno.mkdir(etcOf(setup));
      await Deno.writeTextFile(`${setup.folder}/elsewhere.yml`, "{}\n");
      setup.args.push(`-web.config.file=${setup.folder}/elsewhere.yml`);
    },
    async applyFix(setup) {
      await Deno.rename(`${setup.folder}/elsewhere.yml`, `${etcOf(setup)}/elsewhere.yml`);
      setup.args.push(`-web.config.file=${etcOf(setup)}/elsewhere.yml`);
    },
  },
  {
    name: "the address is outside the sandbox",
    failing: "sandbox",
    says: /does not listen on '192\.0\.2\.1:9351'/,
    fix: /127\.0\.0\.0\/8/,
    breakIt: (setup) => setup.args.splice(0, 1, "-web.listen-address=192.0.2.1:9351"),
    applyFix: (setup) => setup.args.splice(0, 1, "-web.listen-address=127.0.0.1:0"),
  },
  {
    name: "the address is no address",
    failing: "address",
    says: /the colon is missing; write ':9351'/,
    fix: /HOST:PORT/,
    breakIt: (setup) => setup.args.splice(0, 1, "-web.listen-address=9351"),
    applyFix: (setup) => setup.args.splice(0, 1, "-web.listen-address=127.0.0.1:0"),
  },
];

/** All broken setups but the one whose address is in use, which needs a listener. */
export const BROKEN_SETUPS: readonly BrokenSetup[] = [
  ...BEFORE_RUNNING,
  ...BY_SETTINGS,
  ...BY_STORAGE,
  ...BESIDE_WALG,
];
