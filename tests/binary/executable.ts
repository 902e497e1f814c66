import { ownArchitecture } from "../../tools/compile/target.ts";
import { exists, ROOT } from "../support/paths.ts";

/** The executable under test: WALG_EXPORTER, else what was compiled for this machine. */
export const EXECUTABLE = Deno.env.get("WALG_EXPORTER") ?? `${ROOT}/dist/walg-exporter-linux-${ownArchitecture()}`;

if (!exists(EXECUTABLE)) throw new Error(`There is no ${EXECUTABLE}; run 'deno task compile all' first`);
// From here on the helpers that start an exporter start this one.
Deno.env.set("WALG_EXPORTER", EXECUTABLE);
