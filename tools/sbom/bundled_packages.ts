/** A package, as CycloneDX describes it. */
export interface BundledPackage {
  readonly type: "library";
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  /** What its package.json says, an SPDX id. */
  readonly licenses: readonly [{ readonly license: { readonly id: string } }];
  readonly hashes: readonly { readonly alg: "SHA-512"; readonly content: string }[];
}

/**
 * The npm packages whose files are in a bundle, with the sums that the lock file holds of their archives.
 *
 * @param licenseOf the SPDX id of a package's licence
 * @throws Error for a package that the lock file does not know, or when there is none
 */
export function bundledPackages(
  bundle: string,
  locked: Readonly<Record<string, { readonly integrity: string }>>,
  licenseOf: (name: string, version: string) => string,
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
    const [name, version] = [id.slice(0, at), id.slice(at + 1)];
    return {
      type: "library",
      name,
      version,
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      licenses: [{ license: { id: licenseOf(name, version) } }],
      hashes: [{ alg: "SHA-512", content }],
    };
  });
}

/**
 * The licence that the package.json of a package names.
 *
 * @param cache Deno's folder of npm packages
 * @throws Error when it names none
 */
export function licenseIn(cache: string, name: string, version: string): string {
  const path = `${cache}/registry.npmjs.org/${name}/${version}/package.json`;
  const { license } = JSON.parse(Deno.readTextFileSync(path));
  if (typeof license !== "string") throw new Error(`Cannot tell the licence of ${name}: ${path} names none`);
  return license;
}
