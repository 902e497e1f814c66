import assert from "node:assert/strict";
import { ROOT } from "../../support/paths.ts";

/** Where Debian puts PostgreSQL. */
const PROGRAMS = "/usr/lib/postgresql";
/** `nobody`: PostgreSQL does not run as root. */
const NOBODY = 65534;

/** The newest PostgreSQL that is installed: the folder of its programs; undefined without one. */
export function postgresPrograms(): string | undefined {
  try {
    const versions = [...Deno.readDirSync(PROGRAMS)].map(({ name }) => name).toSorted((a, b) => Number(a) - Number(b));
    const folders = versions.map((version) => `${PROGRAMS}/${version}/bin`);
    return folders.findLast((folder) => Deno.statSync(`${folder}/initdb`).isFile);
  } catch {
    return undefined;
  }
}

/** A test that needs PostgreSQL: skipped with a word without it, unless REQUIRE_TOOLS=1 asks for a failure. */
export function postgresTest(name: string, test: (programs: string) => Promise<void>): void {
  const programs = postgresPrograms();
  if (programs !== undefined) return Deno.test(name, () => test(programs));
  const reason = `no ${PROGRAMS}/*/bin`;
  if (Deno.env.get("REQUIRE_TOOLS") !== "1") {
    return Deno.test({ name: `${name} (skipped: ${reason})`, ignore: true, fn: () => {} });
  }
  Deno.test(name, () => {
    throw new Error(`${reason}, and REQUIRE_TOOLS=1`);
  });
}

/** How a command ended. */
export interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a store of backups and WAL, and commands that run beside it. */
export interface Site extends AsyncDisposable {
  readonly folder: string;
  readonly store: string;
  /** Passed on as --config; its name is one that has to be quoted. */
  readonly config: string;
  readonly programs: string;
  /** The environment of everything that runs. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command as the user that may run PostgreSQL. */
  run(command: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): Promise<End>;
  /** The same, and it must succeed; its stdout. */
  must(command: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): Promise<string>;
  /** What psql answers to statements, each in a transaction of its own. */
  sql(...statements: readonly string[]): Promise<string>;
  start(data: string): Promise<void>;
  stop(data: string, how: "fast" | "immediate"): Promise<void>;
}

/** Makes a site; what still runs in it is stopped at the end, and it is removed. */
export async function openSite(programs: string): Promise<Site> {
  const folder = await Deno.makeTempDir({ prefix: "walg-restore-" });
  const isRoot = Deno.uid() === 0;
  const store = `${folder}/store`;
  const config = `${folder}/it's 100% \\ "wal-g".json`;
  await Deno.mkdir(`${store}/wal_005`, { recursive: true });
  await Deno.mkdir(`${store}/basebackups_005`);
  await Deno.mkdir(`${folder}/bin`);
  await Deno.copyFile(`${ROOT}/tests/e2e/restore/wal-g`, `${folder}/bin/wal-g`);
  await Deno.writeTextFile(config, `{\n  "store": "${store}"\n}\n`);
  if (isRoot) await new Deno.Command("chown", { args: ["-R", `${NOBODY}:${NOBODY}`, folder] }).output();
  const env = {
    PATH: `${folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: folder,
    PGBIN: programs,
    PGHOST: folder,
    PGUSER: "postgres",
    PGDATABASE: "postgres",
    LC_ALL: "C",
  };
  const asUser = isRoot ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] : [];

  const site: Site = {
    folder,
    store,
    config,
    programs,
    env,
    async run(command, more = {}) {
      const [program = "", ...args] = [...asUser, ...command];
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args,
        cwd: folder,
        clearEnv: true,
        env: { ...env, ...more },
        stdin: "null",
      }).output();
      const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, stdout: out, stderr: err };
    },
    async must(command, more) {
      const { code, stdout, stderr } = await site.run(command, more);
      assert.equal(code, 0, `${command.join(" ")}\n${stdout}\n${stderr}`);
      return stdout;
    },
    async sql(...statements) {
      const commands = statements.flatMap((statement) => ["-c", statement]);
      return (await site.must([`${programs}/psql`, "-XAtqv", "ON_ERROR_STOP=1", ...commands])).trimEnd();
    },
    async start(data) {
      // Its output goes to a file: a pipe would stay open as long as the server runs.
      await site.must([`${programs}/pg_ctl`, "-D", data, "-l", `${data}/start.log`, "-w", "start"]);
    },
    async stop(data, how) {
      await site.must([`${programs}/pg_ctl`, "-D", data, "-m", how, "-w", "stop"]);
    },
    async [Symbol.asyncDispose]() {
      for await (const { name, isDirectory } of Deno.readDir(folder)) {
        if (!isDirectory || !exists(`${folder}/${name}/postmaster.pid`)) continue;
        await site.run([`${programs}/pg_ctl`, "-D", `${folder}/${name}`, "-m", "immediate", "-w", "stop"]);
      }
      await Deno.remove(folder, { recursive: true });
    },
  };
  return site;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
