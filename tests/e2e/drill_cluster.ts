import { root } from "../../tools/compile/bundle.ts";

/** The newest folder with PostgreSQL's programs, undefined where none is installed. */
export const PG_BIN = findPostgres();

function findPostgres(): string | undefined {
  try {
    const majors = [...Deno.readDirSync("/usr/lib/postgresql")].map(({ name }) => Number(name)).filter((n) => n >= 10);
    return majors.length === 0 ? undefined : `/usr/lib/postgresql/${Math.max(...majors)}/bin`;
  } catch {
    return undefined;
  }
}

/** A database whose name a shell, a connection string or a list of lines could take for something else. */
const HOSTILE = `host=evil 'x' "$(touch pwned)" \`touch pwned\`\nport=1\n`;

/** A stand-in that plans, and plans wrongly where PLAN_FAULT asks for it. */
const STANDIN = `${root}/fixtures/drill/walg-exporter`;

/** Who plans where nothing is to be wrong with the plan: the real executable can stand here. */
const EXPORTER = STANDIN;

/** A live cluster that archives, with base backups, beside which drills run; all in one folder. */
export interface DrillCluster {
  readonly folder: string;
  readonly archive: string;
  readonly live: string;
  /** Runs a query on the live cluster. */
  sql(query: string): Promise<string>;
  /** Takes a base backup into the archive, in two parts, and returns its name. */
  backup(): Promise<string>;
  /** Archives the current segment. */
  switchWal(): Promise<void>;
  /** Checksums of all files of the live cluster; of its WAL the names, since it writes a little of its own. */
  checksums(): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line by which PostgreSQL's user runs a program: it does not run as root. */
export function asOwner(args: readonly string[], env: Readonly<Record<string, string>>): Deno.Command {
  const user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
  const [program = "", ...rest] = Deno.uid() === 0 ? [...user, ...args] : args;
  return new Deno.Command(program, { args: rest, env, cwd: "/", stdin: "null", stdout: "piped", stderr: "piped" });
}

/** Runs a program as PostgreSQL's user to its end. */
export async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { code, stdout, stderr } = await asOwner(args, env).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function must(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args, { PGOPTIONS: "-c session_preload_libraries=" });
  if (code !== 0) throw new Error(`${args.join(" ")}: ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** Starts a live cluster whose settings would do harm if a scratch server took them over. */
export async function startCluster(): Promise<DrillCluster> {
  const folder = await Deno.makeTempDir({ prefix: "drill" });
  const [archive, live, conf] = [`${folder}/archive`, `${folder}/live`, `${folder}/etc`];
  for (const path of ["archive/basebackups_005", "archive/wal_005", "archive/details", "etc", "results"]) {
    await Deno.mkdir(`${folder}/${path}`, { recursive: true });
  }
  for (const file of [`${root}/deploy/drill/walg-restore-drill`, `${root}/fixtures/drill/wal-g`, STANDIN]) {
    await Deno.copyFile(file, `${folder}/${file.split("/").at(-1)}`);
  }
  await Deno.copyFile(EXPORTER, `${folder}/planner`);
  await Deno.writeTextFile(`${conf}/wal-g.conf`, `ARCHIVE=${archive}\n`);
  if (Deno.uid() === 0) await new Deno.Command("chown", { args: ["-R", "postgres:postgres", folder] }).output();
  await must([`${PG_BIN}/initdb`, "-D", live, "-U", "postgres", "-A", "trust", "-N", "-k", "--no-instructions"]);
  // As Debian has it: postgresql.conf is not in the data folder, and what the drill does not have is included.
  const settings = [
    `data_directory = '${live}'`,
    `hba_file = '${live}/pg_hba.conf'`,
    "listen_addresses = ''",
    `unix_socket_directories = '${folder}'`,
    "archive_mode = on",
    `archive_command = '"${folder}/wal-g" --config "${conf}/wal-g.conf" wal-push "%p" && echo %f >>"${folder}/pushed"'`,
    "fsync = off",
    "autovacuum = off",
    "checkpoint_timeout = 1h",
    "bgwriter_delay = 10s",
    "max_prepared_transactions = 20",
    "log_checkpoints = off",
    "include_if_exists = 'more.conf'",
  ];
  await Deno.writeTextFile(`${conf}/postgresql.conf`, settings.join("\n") + "\n");
  await Deno.remove(`${live}/postgresql.conf`);
  const start = [`${PG_BIN}/pg_ctl`, "-D", live, "-w", "-l", `${folder}/live.log`];
  await must([...start, "-o", `-c config_file=${conf}/postgresql.conf`, "start"]);
  const psql = [`${PG_BIN}/psql`, "-h", folder, "-U", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"];
  const sql = async (query: string): Promise<string> => (await must([...psql, "-d", "postgres", "-c", query])).trim();
  const cluster: DrillCluster = {
    folder,
    archive,
    live,
    sql,
    backup: () => takeBackup(folder, archive),
    switchWal: () => switchWal(sql, archive),
    checksums: () =>
      must([
        "sh",
        "-c",
        `cd "$1" && ls pg_wal && find . -path ./pg_wal -prune -o -type f -print0 | sort -z | xargs -0 sha256sum`,
        "sh",
        live,
      ]),
    async [Symbol.asyncDispose]() {
      await run([`${PG_BIN}/pg_ctl`, "-D", live, "-m", "immediate", "-w", "stop"]);
      await Deno.remove(folder, { recursive: true });
    },
  };
  await sql("CREATE TABLE rows AS SELECT n, repeat('x', 500) AS text FROM generate_series(1, 2000) n");
  await sql("CREATE INDEX ON rows (n)");
  await sql(`CREATE DATABASE "${HOSTILE.replaceAll('"', '""')}"`);
  // In postgresql.auto.conf, and so in the backup.
  for (
    const setting of [
      "shared_preload_libraries = 'not_installed'",
      "ssl = on",
      "ssl_cert_file = '/nowhere/server.crt'",
      "shared_buffers = '900GB'",
      "port = 1",
      "listen_addresses = '*'",
      "unix_socket_directories = '/nowhere'",
      "archive_cleanup_command = 'touch /nowhere'",
      "log_directory = '/nowhere'",
      "logging_collector = on",
      "lc_messages = 'xx_XX.UTF-8'",
    ]
  ) await sql(`ALTER SYSTEM SET ${setting}`).catch(() => {});
  await sql("ALTER DATABASE postgres SET session_preload_libraries = 'not_installed'");
  return cluster;
}

async function switchWal(sql: DrillCluster["sql"], archive: string): Promise<void> {
  const segment = await sql("SELECT pg_walfile_name(pg_switch_wal())");
  for (let tries = 0; tries < 300; tries++) {
    if (await Deno.stat(`${archive}/wal_005/${segment}`).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${segment} was not archived`);
}

async function takeBackup(folder: string, archive: string): Promise<string> {
  const base = `${folder}/base`;
  const start = new Date().toISOString();
  await must([
    ...[`${PG_BIN}/pg_basebackup`, "-h", folder, "-U", "postgres", "-D", base, "-X", "none", "-c", "fast"],
    "--no-sync",
  ]);
  const label = await must(["cat", `${base}/backup_label`]);
  const name = `base_${/START WAL LOCATION: \S+ \(file (\w+)\)/.exec(label)?.[1]}`;
  const parts = `${archive}/basebackups_005/${name}/tar_partitions`;
  const control = await must([`${PG_BIN}/pg_controldata`, base]);
  const script = `set -e
    cd "$1"
    # wal-g leaves these out.
    rm -rf backup_manifest current_logfiles
    mkdir -p "$2"
    tar -cf - --exclude=./base . | gzip -1 >"$2/part_001.tar.gz"
    tar -cf - ./global/pg_control | gzip -1 >"$2/pg_control.tar.gz"
    tar -cf - ./backup_label | gzip -1 >"$2/backup_label.tar.gz"
    tar -cf - ./base | gzip -1 >"$2/part_002.tar.gz"
    du -sb . | cut -f 1
    rm -rf "$1"`;
  const bytes = (await must(["sh", "-c", script, "sh", base, parts])).trim();
  const [, systemIdentifier = "0"] = /system identifier: *(\d+)/.exec(control) ?? [];
  const pgVersion = Number((await must([`${PG_BIN}/postgres`, "--version"])).match(/ (\d+)/)?.[1]) * 10_000;
  // The end is in the file that the backup left in the archive.
  const history = `${archive}/wal_005/${name.slice(5)}.*.backup`;
  const stop = await must(["sh", "-c", `until cat ${history} 2>/dev/null; do sleep 0.1; done`]);
  const lsnOf = (text: string, what: string): bigint => {
    const [, high = "", low = ""] = new RegExp(`${what} WAL LOCATION: (\\w+)/(\\w+)`).exec(text) ?? [];
    return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
  };
  const sentinel = {
    PgVersion: pgVersion,
    UncompressedSize: Number(bytes),
    SystemIdentifier: systemIdentifier,
    Spec: null,
  };
  await Deno.writeTextFile(
    `${archive}/basebackups_005/${name}_backup_stop_sentinel.json`,
    JSON.stringify(sentinel),
  );
  const finish = new Date().toISOString();
  const detail =
    `{"backup_name":"${name}","time":"${finish}","wal_file_name":"${name.slice(5)}","storage_name":"default",` +
    `"start_time":"${start}","finish_time":"${finish}","hostname":"db1","data_dir":"${folder}/live","pg_version":${pgVersion},` +
    `"start_lsn":${lsnOf(label, "START")},"finish_lsn":${lsnOf(stop, "STOP")},"is_permanent":false,` +
    `"system_identifier":${systemIdentifier},"uncompressed_size":${Number(bytes)},"compressed_size":1000}`;
  await Deno.writeTextFile(`${archive}/details/${name}.json`, detail);
  return name;
}
