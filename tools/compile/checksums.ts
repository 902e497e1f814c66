import { createHash } from "node:crypto";
import { basename } from "node:path";
import { COMPANIONS } from "../release/companions.ts";

/** Writes SHA256SUMS for all of a folder's release files, in the form that `sha256sum --check` reads. */
export async function writeChecksums(folder: string): Promise<void> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => isReleased(name)).toSorted();
  const lines = [];
  for (const name of names) {
    lines.push(`${createHash("sha256").update(await Deno.readFile(`${folder}/${name}`)).digest("hex")}  ${name}\n`);
  }
  await Deno.writeTextFile(`${folder}/SHA256SUMS`, lines.join(""));
}

const EXECUTABLES_AND_PACKAGES =
  /^walg-exporter-linux-(amd64|arm64)$|^walg-exporter_.*\.deb$|^walg-exporter-.*\.(rpm|tar\.gz)$|\.cdx\.json$/;

/** Whether a file of that name is part of a release. */
export function isReleased(name: string): boolean {
  return EXECUTABLES_AND_PACKAGES.test(name) || COMPANIONS.some((path) => basename(path) === name);
}
