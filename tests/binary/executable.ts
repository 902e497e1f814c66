import { ownArchitecture } from "../../tools/compile/target.ts";
import { exists, ROOT } from "../support/paths.ts";

/** The executable under test: WALG_EXPORTER, else what was compiled for this machine. */
export const EXECUTABLE = Deno.env.get("WALG_EXPORTER") ?? `${ROOT}/dist/walg-exporter-linux-${ownArchitecture()}`;

if (!exists(EXECUTABLE)) throw new Error(`There is no ${EXECUTABLE}; run 'deno task compile all' first`);
// From here on the helpers that start an exporter start this one.
Deno.env.set("WALG_EXPORTER", EXECUTABLE);

/** While `use` runs, exporters are started by this command line, with the executable and its flags at the end. */
export async function startedBy<T>(commandLine: string, use: () => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  const script = `${folder}/walg-exporter`;
  const before = Deno.env.get("WALG_EXPORTER") ?? EXECUTABLE;
  await Deno.writeTextFile(script, `#!/bin/sh\nexec ${commandLine} "$@"\n`, { mode: 0o755 });
  Deno.env.set("WALG_EXPORTER", script);
  try {
    return await use();
  } finally {
    Deno.env.set("WALG_EXPORTER", before);
    await Deno.remove(folder, { recursive: true });
  }
}
