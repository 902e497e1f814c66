import { type Architecture, ARCHITECTURES, ownArchitecture } from "./target.ts";

/**
 * The architectures that a command line asks for; none is this machine's.
 *
 * @throws Error for anything but one architecture or `all`
 */
export function chosenArchitectures([name, ...rest]: readonly string[]): readonly Architecture[] {
  if (rest.length > 0) throw new Error(`Cannot build for '${rest.join(" ")}': give one architecture, or all`);
  if (name === undefined) return [ownArchitecture()];
  if (name === "all") return ARCHITECTURES;
  const found = ARCHITECTURES.find((architecture) => architecture === name);
  if (found === undefined) throw new Error(`Cannot build for '${name}': choose ${ARCHITECTURES.join(", ")} or all`);
  return [found];
}
