import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { VERSION } from "../../src/base/host.ts";
import { runDeno } from "./deno_release.ts";

/** What runs in a worker, by the entry point that starts it. Each becomes one file beside the others, named after it. */
const WORKERS: Readonly<Record<string, readonly string[]>> = { "main.ts": ["src/web/password_worker.ts"] };

/**
 * Bundles an entry point and all it imports into a folder, the same on every machine: one file that is loaded at start,
 * one for each part that is loaded when it is needed, and one for each worker.
 *
 * @param workers the entry points of the workers that it starts; by default those of the exporter for `main.ts`
 * @returns the path of the file that is loaded at start
 * @throws Error when something else is left to be imported or started at run time
 */
export async function bundle(
  entry: string,
  folder: string,
  revision: string,
  workers: readonly string[] = WORKERS[entry] ?? [],
): Promise<string> {
  for (const script of [entry, ...workers]) {
    await runDeno(["bundle", "--quiet", "--platform=deno", "--code-splitting", `--outdir=${folder}`, script], {
      cwd: root,
    });
  }
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const text = (await Deno.readTextFile(path)).replaceAll(WORKER_SOURCE, '$1"./$2.js"');
    for (const [, specifier = ""] of text.matchAll(/\bimport\s*\(\s*([^)]*)/g)) {
      // An executable imports any file without asking its sandbox: so it imports nothing but what is baked into it.
      if (isPart(specifier, folder)) continue;
      throw new Error(`Cannot bundle ${entry}: it imports ${specifier} at run time`);
    }
    for (const [, script = ""] of text.matchAll(/\bWorker\s*\(\s*([^;]*)/g)) {
      const [, specifier = ""] = /^new URL\(([^,]*), import\.meta\.url\)/.exec(script) ?? [];
      if (isWorker(specifier) && isPart(specifier, folder)) continue;
      throw new Error(`Cannot bundle ${entry}: it starts a worker at run time that is not bundled`);
    }
    await Deno.writeTextFile(
      path,
      ascii(
        text.replaceAll("@REVISION@", revision).replaceAll("@VERSION@", findVersion()).replaceAll(CACHE_PATH, "npm/"),
      ),
    );
  }
  return `${folder}/${basename(entry, ".ts")}.js`;
}

/** The workers' files beside a bundle: nothing imports them, so that compiling must be given them by name. */
export function workersOf(bundle: string): readonly string[] {
  const folder = dirname(bundle);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return names.filter((name) => isWorker(`"./${name}"`)).toSorted().map((name) => `${folder}/${name}`);
}

/** How a source names the script of a worker; bundled, it is another file. */
const WORKER_SOURCE = /(\bnew URL\()"\.\/([\w-]+_worker)\.ts"/g;

function isWorker(specifier: string): boolean {
  return /^"\.\/[\w-]+_worker\.js"$/.test(specifier);
}

/** Whether what stands between the brackets of an import() is the name of a bundled file. */
function isPart(specifier: string, folder: string): boolean {
  const [, name] = /^"\.\/([\w-]+\.js)"\s*$/.exec(specifier) ?? [];
  return name !== undefined && existsSync(`${folder}/${name}`);
}

/** V8 reads and keeps plain ASCII at half the cost of other text. */
function ascii(script: string): string {
  return script.replace(/[^\p{ASCII}]/gv, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The repository's folder. */
export const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

// The bundler names each package by where this machine caches it.
const CACHE_PATH = /[^\s"'`]*\/npm\/registry\.npmjs\.org\//g;

/** The commit the sources are at, with `-dirty` when they differ from it; `unknown` outside a clone. */
export function findRevision(): string {
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return "unknown";
  return git("status", "--porcelain", "--untracked-files=no", "--", "main.ts", "src", "deno.json", "deno.lock") === ""
    ? commit
    : `${commit}-dirty`;
}

/** The version that is built: that of the tag the sources are at, else the one of deno.json. */
export function findVersion(): string {
  const tag = git("describe", "--exact-match", "--tags", "--match=v[0-9]*", "HEAD");
  return tag?.replace(/^v/, "") ?? VERSION;
}

/** The time of the commit that the sources are at, or SOURCE_DATE_EPOCH, or now: Unix seconds. */
export function commitTime(): number {
  const epoch = Deno.env.get("SOURCE_DATE_EPOCH") ?? git("log", "-1", "--format=%ct");
  return epoch === undefined ? Math.floor(Date.now() / 1000) : Number(epoch);
}

function git(...args: string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command("git", { args, cwd: root, stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}
