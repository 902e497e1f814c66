/** Architectures, as Debian and Go name them, and what Deno calls their target. */
export const TARGETS = {
  amd64: "x86_64-unknown-linux-gnu",
  arm64: "aarch64-unknown-linux-gnu",
} as const;

export type Architecture = keyof typeof TARGETS;

/** Both, in the order in which they are built. */
export const ARCHITECTURES = Object.keys(TARGETS) as readonly Architecture[];

/** The architecture of this machine. */
export function ownArchitecture(): Architecture {
  return Deno.build.arch === "aarch64" ? "arm64" : "amd64";
}

/**
 * The bare runtime of a target, where `DENORT_DIR` names a folder of them; without it Deno downloads its own.
 *
 * @throws Error when the folder does not hold it
 */
export function runtimeOf(architecture: Architecture): string | undefined {
  const folder = Deno.env.get("DENORT_DIR");
  if (folder === undefined || folder === "") return undefined;
  const path = `${folder}/denort-${TARGETS[architecture]}`;
  try {
    Deno.statSync(path);
  } catch {
    throw new Error(`Cannot compile for ${architecture}: DENORT_DIR has no ${path}; put it there or unset DENORT_DIR`);
  }
  return path;
}
