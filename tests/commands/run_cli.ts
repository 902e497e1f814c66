import { exporterCommand } from "../support/exporter.ts";
import { ROOT, STANDIN_BIN, WITHOUT_LISTINGS } from "../support/paths.ts";

/** How a command line ended. */
export interface CliEnd {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what a command line is run. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** PATH as a whole; the stand-in's folder comes first if not given. */
  readonly path?: string;
  /** Another command line that starts the exporter. */
  readonly command?: readonly [string, ...string[]];
}

/** PATH with the stand-in first. */
export const STANDIN_FIRST = `${STANDIN_BIN}:${Deno.env.get("PATH") ?? ""}`;

/** Starts a command line of the exporter in its sandbox. */
export function spawnCli(args: readonly string[], options: CliOptions = {}): Deno.ChildProcess {
  const { env = {}, cwd = ROOT, path = STANDIN_FIRST, command = exporterCommand() } = options;
  const [program, ...first] = command;
  return new Deno.Command(program, {
    args: [...first, ...withoutListings(args)],
    cwd,
    env: { PATH: path, DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Commands that run the operations run those only that the older captures answer, unless a flag says otherwise. */
function withoutListings(args: readonly string[]): readonly string[] {
  const [command = "", ...rest] = args;
  if (!["check", "once", "doctor"].includes(command) || args.some((arg) => /^--?(h|help)$/.test(arg))) return args;
  return [command, ...WITHOUT_LISTINGS, ...rest];
}

/** Runs a command line of the exporter to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  return await endOf(spawnCli(args, options));
}

/** Waits for a process and takes what it wrote; without what Deno itself says of its permissions. */
export async function endOf(child: Deno.ChildProcess): Promise<CliEnd> {
  const { code, signal, stdout, stderr } = await child.output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, signal, stdout: out, stderr: withoutDeno(err) };
}

function withoutDeno(stderr: string): string {
  return stderr.split("\n").filter((line) => !/Permissions in the config file|Failed to resolve '/.test(line)).join(
    "\n",
  );
}
