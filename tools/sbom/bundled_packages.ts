/** A package, as CycloneDX describes it. */
export interface BundledPackage {
  readonly type: "library";
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: "SHA-512"; readonly content: string }[];
}

/**
 * The npm packages whose files are in a bundle, with the sums that the lock file holds of their archives.
 *
 * @throws Error for a package that the lock file does not know, or when there is none
 */
export function bundledPackages(
  bundle: string,
  locked: Readonly<Record<string, { readonly integrity: string }>>,
): readonly BundledPackage[] {
  const found = new Set<string>();
  for (const [, name, version] of bundle.matchAll(/^\/\/ npm\/((?:@[^/\s]+\/)?[^/\s]+)\/([^/\s]+)\//gm)) {
    found.add(`${name}@${version}`);
  }
  if (found.size === 0) throw new Error("Cannot list the packages of the bundle: it names none");
  return [...found].toSorted().map((id) => {
    const entry = locked[id];
    if (entry === undefined) throw new Error(`Cannot list the packages of the bundle: deno.lock has no ${id}`);
    const at = id.lastIndexOf("@");
    const content = Uint8Array.fromBase64(entry.integrity.replace(/^sha512-/, "")).toHex();
    return {
      type: "library",
      name: id.slice(0, at),
      version: id.slice(at + 1),
      purl: `pkg:npm/${id.slice(0, at).replace("@", "%40")}@${id.slice(at + 1)}`,
      hashes: [{ alg: "SHA-512", content }],
    };
  });
}
