import { createHash } from "node:crypto";

/** Writes SHA256SUMS for all of a folder's release files, in the form that `sha256sum --check` reads. */
export async function writeChecksums(folder: string): Promise<void> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => RELEASED.test(name)).toSorted();
  const lines = [];
  for (const name of names) {
    lines.push(`${createHash("sha256").update(await Deno.readFile(`${folder}/${name}`)).digest("hex")}  ${name}\n`);
  }
  await Deno.writeTextFile(`${folder}/SHA256SUMS`, lines.join(""));
}

const RELEASED = /^walg-exporter-linux-(amd64|arm64)$|^walg-exporter_.*\.deb$|\.cdx\.json$/;
