import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { VERSION } from "../../src/base/manifest.ts";
import { root } from "../compile/bundle.ts";
import type { Architecture } from "../compile/target.ts";
import { controlFile } from "./control.ts";
import { EMPTY_FOLDERS, type PackageFile, packageFiles } from "./package_tree.ts";

/** How a package is built. */
export interface PackageOptions {
  readonly architecture: Architecture;
  /** Where it is put; its name is made of version and architecture. */
  readonly folder: string;
  /** As dpkg-deb has it; `none` is for those that are unpacked at once. */
  readonly compression: "xz" | "none";
  /** The time of its files, Unix seconds. */
  readonly epoch: number;
}

const SCRIPTS = ["postinst", "prerm", "postrm"];

/**
 * Builds the Debian package of a compiled executable; resolves to its path.
 *
 * @throws Error when the executable is not there or dpkg-deb fails
 */
export async function buildPackage({ architecture, folder, compression, epoch }: PackageOptions): Promise<string> {
  const tree = await Deno.makeTempDir({ prefix: "walg-exporter-deb-" });
  try {
    await Deno.chmod(tree, 0o755);
    const files = await packageFiles(architecture, new Date(epoch * 1000));
    for (const file of files) await place(tree, file);
    for (const path of EMPTY_FOLDERS) await makeFolder(`${tree}/${path}`);
    await writeControl(tree, architecture, files);
    const output = `${folder}/walg-exporter_${VERSION.replace("-", "~")}_${architecture}.deb`;
    const { success, stderr } = await new Deno.Command("dpkg-deb", {
      args: ["--root-owner-group", `-Z${compression}`, "--build", tree, output],
      env: { SOURCE_DATE_EPOCH: String(epoch) },
    }).output();
    if (!success) throw new Error(`Cannot build ${output}: ${new TextDecoder().decode(stderr).trim()}`);
    return output;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

async function place(tree: string, { path, mode, content }: PackageFile): Promise<void> {
  const target = `${tree}/${path}`;
  await makeFolder(dirname(target));
  if ("copyOf" in content) await Deno.copyFile(content.copyOf, target);
  else await Deno.writeFile(target, content);
  // Whatever the umask is.
  await Deno.chmod(target, mode);
}

async function writeControl(tree: string, architecture: Architecture, files: readonly PackageFile[]): Promise<void> {
  const meta = `${tree}/DEBIAN`;
  await makeFolder(meta);
  let bytes = 0;
  let sums = "";
  for (const { path } of files) {
    const content = await Deno.readFile(`${tree}/${path}`);
    bytes += content.length;
    if (!path.startsWith("etc/")) sums += `${createHash("md5").update(content).digest("hex")}  ${path}\n`;
  }
  const installedSize = Math.ceil(bytes / 1024);
  await Deno.writeTextFile(`${meta}/control`, controlFile({ version: VERSION, architecture, installedSize }));
  await Deno.writeTextFile(`${meta}/md5sums`, sums);
  const settings = files.filter(({ path }) => path.startsWith("etc/"));
  await Deno.writeTextFile(`${meta}/conffiles`, settings.map(({ path }) => `/${path}\n`).join(""));
  for (const name of ["control", "md5sums", "conffiles"]) await Deno.chmod(`${meta}/${name}`, 0o644);
  for (const name of SCRIPTS) {
    await Deno.copyFile(`${root}/deploy/deb/${name}`, `${meta}/${name}`);
    await Deno.chmod(`${meta}/${name}`, 0o755);
  }
}

async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  for (let folder = path; folder.includes("/walg-exporter-deb-"); folder = dirname(folder)) {
    await Deno.chmod(folder, 0o755);
    if (/\/walg-exporter-deb-[^/]*$/.test(folder)) break;
  }
}
