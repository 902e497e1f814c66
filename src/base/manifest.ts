import manifest from "../../deno.json" with { type: "json" };

// Compiling replaces these texts with the version of the tag and with the commit.
const BAKED_VERSION = "@VERSION@";
const BAKED_REVISION = "@REVISION@";

/** The version of this release; from its sources the one that deno.json names. */
export const VERSION: string = BAKED_VERSION.startsWith("@") ? manifest.version : BAKED_VERSION;

/** The commit it was built from, or `source` when it runs from its sources. */
export const REVISION: string = BAKED_REVISION.startsWith("@") ? "source" : BAKED_REVISION;

/** What an executable is made of, as `-version` and `walg_exporter_build_info` show it. */
export interface Build {
  readonly version: string;
  readonly revision: string;
  readonly denoVersion: string;
  readonly target: string;
}

/**
 * What the sandbox lets an executable do: `permissions.exporter` of deno.json, the one place that says so, less the
 * sources that a worker is loaded from; an executable carries them.
 */
export const SCOPES: Readonly<Record<"run" | "net" | "read" | "env" | "sys", readonly string[]>> = {
  ...manifest.permissions.exporter,
  read: manifest.permissions.exporter.read.filter((path) => !path.startsWith("./src/")),
};

/** A list as a sentence has it: `a, b and c`. */
export function inWords(items: readonly string[]): string {
  const last = items.at(-1) ?? "nothing";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}
