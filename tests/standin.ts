import { fileURLToPath } from "node:url";

/** The operations of the stand-in, by their control files' names. */
export type StandinOperation =
  | "backup-list"
  | "wal-verify"
  | "st-check"
  | "st-ls"
  | "wal-archive"
  | "wal-show"
  | "st-cat"
  | "backup-files"
  | "version";

/** The arguments that the exporter gives wal-g for each operation. */
export const STANDIN_ARGUMENTS: Readonly<Record<StandinOperation, readonly string[]>> = {
  "backup-list": ["backup-list", "--detail", "--json"],
  "wal-verify": ["wal-verify", "integrity", "timeline", "--json"],
  "st-check": ["st", "check", "read"],
  "st-ls": ["st", "ls", "basebackups_005/"],
  "wal-archive": ["st", "ls", "-t", "all", "wal_005/"],
  "wal-show": ["wal-show", "--detailed-json", "--without-backups"],
  "st-cat": ["st", "cat", "wal_005/00000002.history.lz4", "--decompress"],
  "backup-files": ["st", "ls", "-t", "all", "-r", "basebackups_005/"],
  "version": ["--version"],
};

/** The names of the operations' files in a scenario, where they are not the operations' own. */
const STANDIN_FILES: Partial<Readonly<Record<StandinOperation, string>>> = {
  "st-ls": "st-ls-basebackups",
  "wal-archive": "st-ls-wal",
  "st-cat": "st-cat-00000002.history",
  "backup-files": "st-ls-backups",
};

/** The name of an operation's files in a scenario, without `.stdout`, `.stderr` and `.exit`. */
export function standinFile(operation: StandinOperation): string {
  return STANDIN_FILES[operation] ?? operation;
}

/** The arguments of a listing without `-t all`, as an older WAL-G needs them. */
export function withoutAll(args: readonly string[]): string[] {
  return args.filter((word) => word !== "-t" && word !== "all");
}

/** Absolute path of a file under fixtures/. */
export function fixturePath(path: string): string {
  return fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
}

/** The stand-in for wal-g. */
export const STANDIN_PATH = fixturePath("bin/wal-g");

/** `WALG_STANDIN_*` for the environment of the process that runs the stand-in. */
export function standinEnv(knobs: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(knobs).map(([knob, value]) => [`WALG_STANDIN_${knob}`, String(value)]));
}

/**
 * Sets the knobs of one operation, or of all, from outside: replaces the control file as a whole, from the next run on.
 *
 * @param folder what WALG_STANDIN_CONTROL names
 */
export async function controlStandin(
  folder: string,
  operation: StandinOperation | "all",
  knobs: Readonly<Record<string, string | number>>,
): Promise<void> {
  const quote = (value: string | number): string => `'${String(value).replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(knobs).map(([knob, value]) => `${knob}=${quote(value)}\n`);
  const file = `${folder}/${operation}.env`;
  const written = `${file}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(written, lines.join(""));
  await Deno.rename(written, file);
}

/** How a run of the stand-in ended. */
export interface StandinRun {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Starts the stand-in with both pipes open. */
export function spawnStandin(
  args: readonly string[],
  knobs: Readonly<Record<string, string | number>> = {},
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  return new Deno.Command(STANDIN_PATH, {
    args: [...args],
    env: { ...standinEnv(knobs), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the stand-in to its end. */
export async function runStandin(
  args: readonly string[],
  knobs: Readonly<Record<string, string | number>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<StandinRun> {
  const start = performance.now();
  const { code, signal, stdout, stderr } = await spawnStandin(args, knobs, env).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, signal, stdout: out, stderr: err, seconds: (performance.now() - start) / 1000 };
}
