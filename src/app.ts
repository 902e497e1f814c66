import process from "node:process";
import { systemClock } from "./base/clock.ts";
import { UsageError } from "./base/flag.ts";
import { type Build, type Host, OperatorError, REVISION, VERSION } from "./base/host.ts";
import { parseFlags } from "./cli/parse.ts";
import type { Command } from "./commands/command.ts";
import { SERVE } from "./commands/serve.ts";

/** Runs a command line to its end and returns the exit status. */
export async function run(args: readonly string[]): Promise<number> {
  const host = systemHost();
  const [command, rest] = await chooseCommand(args);
  try {
    const { given, positionals } = parseFlags(rest, command.flags);
    const [argument] = command.positionals === undefined ? positionals : [];
    if (given.get("help")?.at(-1) === "true" || argument === "help") {
      const { renderHelp } = await import("./cli/help.ts");
      host.stdout(renderHelp(command, (await import("./cli/commands.ts")).COMMANDS));
      return 0;
    }
    if (given.get("version")?.at(-1) === "true" || argument === "version") {
      host.stdout(versionLine(host.build));
      return 0;
    }
    if (argument !== undefined) throw unexpectedArgument(command, argument);
    return await command.run({ given, positionals, host });
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof OperatorError)) throw error;
    host.stderr(`walg-exporter: ${error.message}\n`);
    refuse(command, error.message, { args: rest, host });
    return error instanceof UsageError ? command.usageErrorStatus ?? 2 : command.errorStatus ?? 1;
  }
}

function unexpectedArgument(command: Command, argument: string): UsageError {
  if (command === SERVE) {
    return new UsageError(`there is no command '${argument}'; see walg-exporter -help for those there are`);
  }
  const { name } = command;
  return new UsageError(`${name} takes no argument '${argument}'; see walg-exporter ${name} -help for its flags`);
}

/** Says on stdout, too, what stderr has said, where the command's readers see nothing else. */
function refuse({ refusal }: Command, why: string, { args, host }: { args: readonly string[]; host: Host }): void {
  try {
    if (refusal !== undefined) host.stdout(refusal(why, args));
  } catch (error) {
    // That stdout takes nothing may be the very reason.
    if (!(error instanceof OperatorError)) throw error;
  }
}

/** The first argument names the command (`help COMMAND` its help); flags without one are the exporter's. */
async function chooseCommand(args: readonly string[]): Promise<[Command, readonly string[]]> {
  const [first = "", ...rest] = args;
  if (!/^[a-z]/.test(first)) return [SERVE, args];
  // The two flags of every command, as words.
  if (first === "version") return [SERVE, ["-version", ...rest]];
  if (first === "help" && rest.length === 0) return [SERVE, ["-help"]];
  const { COMMANDS } = await import("./cli/commands.ts");
  const [name, flags] = first === "help" ? [rest[0], ["-help", ...rest.slice(1)]] : [first, rest];
  const named = COMMANDS.find((command) => command.name === name);
  return named === undefined ? [SERVE, first === "help" ? rest : args] : [named, flags];
}

function versionLine({ version, revision, denoVersion, target }: Build): string {
  return `walg-exporter ${version} (revision ${revision}, Deno ${denoVersion}, ${target})\n`;
}

function systemHost(): Host {
  return {
    clock: systemClock,
    build: { version: VERSION, revision: REVISION, denoVersion: Deno.version.deno, target: Deno.build.target },
    hostname: hostname(),
    stdout: (text) => writeWhole(typeof text === "string" ? encoder.encode(text) : text),
    stderr: writeToStderr,
    stderrIsTerminal: Deno.stderr.isTerminal(),
    env: readVariable,
    readText: readRegularFile,
    stampOf: async (path) => {
      const { mtime, size, ino } = await Deno.stat(path);
      // The inode, too: a file that replaces another may have its size and time.
      return [mtime?.getTime(), size, ino].join();
    },
    namesIn: async (folder) => {
      const names = [];
      for await (const { name, isDirectory } of Deno.readDir(folder)) if (!isDirectory) names.push(name);
      return names;
    },
    process: () => {
      const { user, system } = process.cpuUsage();
      const startTime = performance.timeOrigin / 1000;
      return { cpuSeconds: (user + system) / 1e6, residentBytes: Deno.memoryUsage().rss, startTime };
    },
  };
}

/** No config, certificate or key comes near it, bytes. */
const LARGEST_TEXT = 1024 * 1024;

async function readRegularFile(path: string): Promise<string> {
  // Opening a pipe would wait for its writer, and everything with it.
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) throw new Error("it is not a regular file");
  if (size > LARGEST_TEXT) throw new Error("it is larger than 1 MiB");
  return await Deno.readTextFile(path);
}

function hostname(): string | undefined {
  try {
    return Deno.hostname();
  } catch {
    return undefined;
  }
}

function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    // Outside the scopes it is as good as not set.
    return undefined;
  }
}

const encoder = new TextEncoder();

function writeToStderr(text: string): void {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
  } catch {
    // A stream that was closed, or a full disk behind it, must not end the exporter.
  }
}

/**
 * Writes all of a text to stdout.
 *
 * @throws OperatorError when it does not get there: what is redirected into a file must not be taken for whole
 */
function writeWhole(bytes: Uint8Array): void {
  try {
    for (let left = bytes; left.length > 0;) left = left.subarray(Deno.stdout.writeSync(left));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`cannot write to stdout: ${why}; what was written is not whole, do not use it`);
  }
}
