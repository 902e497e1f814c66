import { workersOf } from "./bundle.ts";
import { runDeno } from "./deno_release.ts";
import { scopeFlags } from "./scopes.ts";
import { type Architecture, runtimeOf, TARGETS } from "./target.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** What an executable is made from. */
export interface ExecutableOptions {
  /** The file of the bundle that is loaded at start; those beside it that it loads later, and workers, are taken with it. */
  readonly bundle: string;
  readonly architecture: Architecture;
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  readonly output: string;
  /** Default {@link V8_FLAGS}. */
  readonly v8Flags?: readonly string[];
}

/** Compiles a bundle with its scopes to one executable. */
export async function compileExecutable(options: ExecutableOptions): Promise<void> {
  const { bundle, architecture, scopes, output, v8Flags = V8_FLAGS } = options;
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
    ...(v8Flags.length === 0 ? [] : [`--v8-flags=${v8Flags.join(",")}`]),
    ...scopeFlags(scopes),
    ...workersOf(bundle).map((path) => `--include=${path}`),
    `--target=${TARGETS[architecture]}`,
    `--output=${output}`,
    bundle,
  ], { env: runtime === undefined ? {} : { DENORT_BIN: runtime } });
}
