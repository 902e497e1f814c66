import { exporterCommand } from "../../support/exporter.ts";
import { ROOT, STANDIN_BIN } from "../../support/paths.ts";
import { runCli } from "../run_cli.ts";

/** What `doctor` said. */
export interface Diagnosis {
  readonly code: number;
  readonly text: string;
  /** The names of the checks by how they ended, in order. */
  readonly failed: readonly string[];
  readonly ok: readonly string[];
  /** The text of the first check that failed, and what it says is to be done. */
  readonly first: { readonly text: string; readonly fix: string } | undefined;
}

/** A host of its own: a folder with a wal-g, an environment, a sandbox whose /etc/walg-exporter is in the folder. */
export interface Setup {
  readonly folder: string;
  /** The flags that `doctor` is given. */
  args: string[];
  readonly env: Record<string, string>;
  /** Puts a wal-g there: the stand-in, after some lines of shell. */
  installWalg(path?: string, lines?: string): Promise<void>;
  doctor(): Promise<Diagnosis>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A setup in which nothing is wrong. */
export async function createSetup(): Promise<Setup> {
  const folder = await Deno.makeTempDir({ prefix: "walg-doctor-" });
  await Deno.mkdir(`${folder}/bin`);
  await Deno.mkdir(`${folder}/home`);
  await writeSandbox(folder);
  const setup: Setup = {
    folder,
    args: ["-web.listen-address=127.0.0.1:0"],
    env: { HOME: `${folder}/home`, DENO_DIR: await denoDir() },
    async installWalg(path = "bin/wal-g", lines = "") {
      const script = `#!/bin/sh\n: "\${WALG_STANDIN_SCENARIO=healthy}"\nexport WALG_STANDIN_SCENARIO\n${lines}\n`;
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, `${script}exec ${STANDIN_BIN}/wal-g "$@"\n`, { mode: 0o755 });
    },
    async doctor() {
      const { code, stdout, stderr } = await runCli(["doctor", ...setup.args], {
        cwd: folder,
        path: `${folder}/bin:${Deno.env.get("PATH") ?? ""}`,
        env: setup.env,
        command: commandIn(folder),
      });
      return diagnosis(code, stdout, stderr);
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
  await setup.installWalg();
  return setup;
}

/** Where the sandbox's /etc/walg-exporter lies in a setup. */
export function etcOf({ folder }: Setup): string {
  return `${folder}/etc`;
}

function diagnosis(code: number, stdout: string, stderr: string): Diagnosis {
  const lines = stdout.split("\n");
  const named = (status: string): string[] =>
    lines.flatMap((line) => new RegExp(`^${status} +(\\S+(?: \\S+)*?)(?: {2,}|$)`).exec(line)?.[1] ?? []);
  const at = lines.findIndex((line) => line.startsWith("failed "));
  const [, fix = ""] = /What to do: (.*)$/.exec(lines[at + 1] ?? "") ?? [];
  return {
    code,
    text: stdout + stderr,
    failed: named("failed"),
    ok: named("ok"),
    first: at < 0 ? undefined : { text: lines[at] ?? "", fix },
  };
}

async function writeSandbox(folder: string): Promise<void> {
  const config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const { run, read } = config.permissions.exporter;
  const moved = (paths: string[]): string[] => paths.map((path) => path.replace("/etc/walg-exporter", `${folder}/etc`));
  config.permissions.exporter.run = moved(run).map((path) => path.replace(/^\.\//, `${folder}/`));
  config.permissions.exporter.read = moved(read);
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
}

function commandIn(folder: string): readonly [string, ...string[]] {
  const [program, ...args] = exporterCommand();
  return [program, ...args.map((arg) => arg.startsWith("--config=") ? `--config=${folder}/deno.json` : arg)];
}

/** With another HOME, Deno would look for its packages elsewhere. */
async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
