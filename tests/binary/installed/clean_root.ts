import { type Tool, toolTest } from "../../deploy/tools.ts";
import { exists, ROOT } from "../../support/paths.ts";

/** A root file system of Debian's essential packages, thrown away after use. */
export interface CleanRoot {
  readonly path: string;
  /** Runs a command in it, with a /proc of its own; resolves to what it wrote to stdout. Throws when it fails. */
  run(...command: readonly string[]): Promise<string>;
  /** Runs it as the user postgres, which {@link addStandIn} makes. */
  runAsPostgres(...command: readonly string[]): Promise<string>;
  /** The user postgres, and the stand-in as /usr/local/bin/wal-g. */
  addStandIn(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

// Unpacking packages in memory takes a third of the time.
const WHERE = Deno.statSync("/dev/shm").isDirectory ? "/dev/shm" : "/tmp";
const PREFIX = `walg-root-${Deno.pid}-`;
let first: string | undefined;

/** What a run that was killed left there: the names have the number of its process. */
function removeLeftovers(): void {
  for (const { name } of Deno.readDirSync(WHERE)) {
    const [, pid] = /^walg-root-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !exists(`/proc/${pid}`)) Deno.removeSync(`${WHERE}/${name}`, { recursive: true });
  }
}

/** Makes a clean root; the packages are fetched once. */
export async function cleanRoot(): Promise<CleanRoot> {
  first ??= await bootstrap();
  const path = await Deno.makeTempDir({ dir: WHERE, prefix: PREFIX });
  await run("cp", "-a", `${first}/.`, path);
  const within = (command: readonly string[]): Promise<string> =>
    run("unshare", "--mount", "--pid", "--fork", `--mount-proc=${path}/proc`, "chroot", ...command);
  return {
    path,
    run: (...command) => within([path, ...command]),
    runAsPostgres: (...command) => within(["--userspec=postgres:postgres", path, ...command]),
    async addStandIn() {
      await Deno.writeTextFile(`${path}/etc/passwd`, "postgres:x:999:999::/var/lib/postgresql:/bin/sh\n", {
        append: true,
      });
      await Deno.writeTextFile(`${path}/etc/group`, "postgres:x:999:\n", { append: true });
      await run("cp", "-a", `${ROOT}/fixtures`, `${path}/opt/fixtures`);
      await Deno.symlink("/opt/fixtures/bin/wal-g", `${path}/usr/local/bin/wal-g`);
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function bootstrap(): Promise<string> {
  removeLeftovers();
  const path = await Deno.makeTempDir({ dir: WHERE, prefix: PREFIX });
  globalThis.addEventListener("unload", () => Deno.removeSync(path, { recursive: true }));
  await run("mmdebstrap", "--quiet", "--variant=essential", "--include=libgcc-s1,systemd,procps", "bookworm", path);
  return path;
}

/** A test that needs root and these programs; see {@link toolTest}. */
export function rootTest(name: string, tools: readonly Tool[], test: () => Promise<void>): void {
  if (Deno.uid() === 0) return toolTest(name, tools, test);
  if (Deno.env.get("REQUIRE_TOOLS") === "1") {
    Deno.test(name, () => {
      throw new Error("not root, and REQUIRE_TOOLS=1");
    });
  } else Deno.test({ name: `${name} (skipped: not root)`, ignore: true, fn: test });
}

/** Runs a program; resolves to its stdout. Throws with all that it wrote when it fails. */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    clearEnv: true,
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${err}${out}`);
  return out;
}
