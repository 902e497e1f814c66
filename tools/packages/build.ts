import { basename } from "node:path";
import { root } from "../compile/bundle.ts";
import type { Architecture } from "../compile/target.ts";
import { executablePath, fillStage } from "./stage.ts";

/** The version of nfpm, which Go fetches, checks against its checksum database and builds. */
const NFPM = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2";

/** How packages are built. */
export interface PackageOptions {
  readonly architecture: Architecture;
  readonly version: string;
  /** Where they are put; their names are made of version and architecture. */
  readonly folder: string;
  /** The time of their files, Unix seconds. */
  readonly epoch: number;
  /** Another executable than the compiled one. */
  readonly executable?: string;
}

/**
 * Builds the deb, the rpm and the tarball of an executable; resolves to their paths.
 *
 * @param cwd where they are staged, in dist/package; it looks like the repository
 * @throws Error when the executable is not there, or nfpm or tar fails
 */
export async function buildPackages(options: PackageOptions, cwd = root): Promise<string[]> {
  const { architecture, version, folder, epoch, executable = executablePath(architecture) } = options;
  const stage = `${cwd}/dist/package/${architecture}`;
  await fillStage({ executable, folder: stage, version, epoch });
  const built = [];
  for (const packager of ["deb", "rpm"] as const) built.push(await runNfpm(packager, options, cwd));
  const name = `walg-exporter-${version}-linux-${architecture}`;
  const tarball = `${folder}/${name}.tar.gz`;
  await run("sh", [
    "-c",
    'tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --transform="s,^\\.,$1," -cf - -C "$2" . ' +
    '| gzip -n >"$3"',
    "sh",
    name,
    stage,
    tarball,
  ], { env: { SOURCE_DATE_EPOCH: String(epoch) } });
  return [...built, tarball];
}

/**
 * Builds a package from what is staged in dist/package/ARCH of a folder that looks like the repository; resolves to its path.
 *
 * @throws Error when nfpm cannot be run, or fails
 */
export async function runNfpm(
  packager: "deb" | "rpm",
  { architecture, version, folder, epoch }: PackageOptions,
  cwd = root,
): Promise<string> {
  const args = ["package", "--config", "deploy/packages/nfpm.yaml", "--packager", packager, "--target", `${folder}/`];
  const env = { ARCH: architecture, VERSION: version, SOURCE_DATE_EPOCH: String(epoch) };
  const said = await run("go", ["run", NFPM, ...args], { env, cwd });
  const [, path] = /created package: (.*)/.exec(said) ?? [];
  if (path === undefined) throw new Error(`nfpm does not say what it built: ${said}`);
  return `${folder}/${basename(path)}`;
}

async function run(
  command: string,
  args: readonly string[],
  { env, cwd = root }: { readonly env: Record<string, string>; readonly cwd?: string },
): Promise<string> {
  const output = await new Deno.Command(command, { args: [...args], cwd, env }).output().catch((error) => {
    throw new Error(`Cannot run ${command} (packages need Go and tar): ${error.message}`);
  });
  const text = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
  if (!output.success) throw new Error(`${command} ${args.join(" ")}: ${text.trim()}`);
  return text;
}
