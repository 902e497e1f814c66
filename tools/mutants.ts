/**
 * `deno task mutants [WORD…]`: plants one break after the other into a copy of the sources (those whose description holds
 * one of the words, else all) and has the suite that is named with it look for it. Exit status 1 when one was not found.
 */
import { type Finder, type Mutant, MUTANTS } from "../tests/mutants/mutants.ts";
import { ROOT } from "../tests/support/paths.ts";
import { complain, say } from "./say.ts";

/** What the suites need. */
const COPIED = ["main.ts", "deno.json", "deno.lock", "src", "tests", "tools", "fixtures"];
/** One sequence of faults for all breaks. */
const CHAOS = ["--source", "--seconds=60", "--seed=6", "--shrink-seconds=0"];
/** Longer than any suite takes, milliseconds. */
const LIMIT = 180_000;

const chosen = MUTANTS.filter(({ error }) => Deno.args.length === 0 || Deno.args.some((word) => error.includes(word)));
const copy = await Deno.makeTempDir({ prefix: "walg-mutants-" });
const { WALG_EXPORTER: _, ...environment } = Deno.env.toObject();
let missed = 0;
try {
  const { success } = await new Deno.Command("cp", { args: ["-r", ...COPIED.map((name) => `${ROOT}/${name}`), copy] })
    .output();
  if (!success) throw new Error(`Cannot copy the sources to '${copy}': see whether there is room`);
  for (const finder of new Map(chosen.map(({ foundBy }) => [JSON.stringify(foundBy), foundBy])).values()) {
    if (await finds(finder) !== undefined) {
      throw new Error(`${nameOf(finder)} fails without any break: fix that first`);
    }
  }
  say("without a break all suites pass");
  for (const mutant of chosen) {
    const start = performance.now();
    const found = await withMutant(mutant, () => finds(mutant.foundBy));
    if (found === undefined) missed++;
    const how = found ?? nameOf(mutant.foundBy);
    say(`${found === undefined ? "MISSED" : "found "} ${mutant.error} (${how}, ${seconds(start)} s)`);
  }
} catch (error) {
  complain(`mutants: ${error instanceof Error ? error.message : String(error)}`);
  missed = Infinity;
} finally {
  endLeftovers();
  await Deno.remove(copy, { recursive: true });
}
if (missed < Infinity) say(`${chosen.length - missed} of ${chosen.length} found`);
Deno.exit(missed === 0 ? 0 : 1);

async function withMutant<T>({ file, right, wrong, error }: Mutant, use: () => Promise<T>): Promise<T> {
  const path = `${copy}/${file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(right).length !== 2) throw new Error(`'${error}': ${file} must hold this exactly once: ${right}`);
  await Deno.writeTextFile(path, source.replace(right, () => wrong));
  try {
    return await use();
  } finally {
    await Deno.writeTextFile(path, source);
    endLeftovers();
  }
}

/** Ends what a broken exporter left behind: it is known by the copy's path in its environment. */
function endLeftovers(): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    try {
      if (/^\d+$/.test(name) && Deno.readTextFileSync(`/proc/${name}/environ`).includes(`${copy}/`)) {
        Deno.kill(Number(name), "SIGKILL");
      }
    } catch {
      // It has ended meanwhile, or is another user's.
    }
  }
}

/** What found something, and what for the chaos suite; undefined when all is well. */
async function finds(finder: Finder): Promise<string | undefined> {
  const args = finder === "chaos"
    ? ["run", "-A", "--quiet", "tools/chaos.ts", ...CHAOS]
    : ["test", "-A", "--quiet", "--no-check", `--filter=${finder.filter}`, `tests/faults/${finder.test}`];
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: copy,
    // The copy's sources, whatever executable is set.
    env: environment,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer: ReturnType<typeof setTimeout> = setTimeout(() => child.kill("SIGTERM"), LIMIT);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const said = new TextDecoder().decode(stdout);
  const complaint = new TextDecoder().decode(stderr);
  const violated = /^VIOLATED at step \d+: ([^:]+)/m.exec(complaint)?.[1];
  // A suite that breaks by itself has found nothing.
  if (finder === "chaos" && !success && violated === undefined) throw new Error(`chaos: ${complaint}`);
  // A filter that fits no test would pass for ever.
  if (finder !== "chaos" && /\b0 passed.*\| 0 failed/.test(said)) {
    throw new Error(`${nameOf(finder)}: there is no such test`);
  }
  if (success) return undefined;
  return violated === undefined ? nameOf(finder) : `chaos: ${violated}`;
}

function nameOf(finder: Finder): string {
  return finder === "chaos" ? "chaos" : `${finder.test}: ${finder.filter}`;
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}
