/** The one Deno that bundles and compiles: its runtime is what the executables carry. */
export const DENO_VERSION = "2.7.11";

/**
 * The start of a command line that runs that Deno: the one this runs under, one on PATH, or npm's.
 *
 * @throws Error when there is neither
 */
export function findDeno(): readonly string[] {
  if (Deno.version.deno === DENO_VERSION) return [Deno.execPath()];
  if (printsVersion("deno")) return ["deno"];
  if (runs("npx", ["--version"])) return ["npx", "-y", `deno@${DENO_VERSION}`];
  throw new Error(`Cannot compile: Deno ${DENO_VERSION} is not on PATH, nor is npx to fetch it; install one of them`);
}

/**
 * Runs it to its end; what it prints is shown only when it fails.
 *
 * @throws Error with its command and its last lines when it does not exit with 0
 */
export async function runDeno(
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const [command = "deno", ...before] = findDeno();
  const output = await new Deno.Command(command, {
    args: [...before, ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_TLS_CA_STORE: "system,mozilla", ...env },
    ...(cwd !== undefined && { cwd }),
    stdin: "null",
  }).output();
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trimEnd().split("\n").slice(-20).join("\n");
  throw new Error(`Cannot run deno ${args.join(" ")}: exit status ${output.code}\n${said}`);
}

function printsVersion(command: string): boolean {
  const version = runs(command, ["--version"]);
  return version?.startsWith(`deno ${DENO_VERSION} `) ?? false;
}

function runs(command: string, args: string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command(command, { args, stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}
