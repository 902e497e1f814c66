import { runDeno } from "./deno_release.ts";
import { scopeFlags } from "./scopes.ts";
import { type Architecture, runtimeOf, TARGETS } from "./target.ts";

/** What V8 is told: small semi-spaces and a bounded heap keep the private memory low. */
const V8_FLAGS = ["--max-semi-space-size=2", "--max-old-space-size=256"];

/** What an executable is made from. */
export interface ExecutableOptions {
  /** The bundle: one file of JavaScript. */
  readonly bundle: string;
  readonly architecture: Architecture;
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  readonly output: string;
}

/** Compiles a bundle with its scopes to one executable. */
export async function compileExecutable({ bundle, architecture, scopes, output }: ExecutableOptions): Promise<void> {
  const runtime = runtimeOf(architecture);
  await runDeno([
    "compile",
    // Nothing of this machine is baked in; quiet is: otherwise each start would tell of programs that are not on PATH.
    "--no-config",
    "--quiet",
    "--no-check",
    "--no-prompt",
    // It would be written to a name in /tmp that others can plant.
    "--no-code-cache",
    `--v8-flags=${V8_FLAGS.join(",")}`,
    ...scopeFlags(scopes),
    `--target=${TARGETS[architecture]}`,
    `--output=${output}`,
    bundle,
  ], { env: runtime === undefined ? {} : { DENORT_BIN: runtime } });
}
