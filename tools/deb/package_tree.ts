import { basename } from "node:path";
import { COMMANDS } from "../../src/cli/commands.ts";
import { renderManPage } from "../../src/cli/man.ts";
import { VERSION } from "../../src/base/manifest.ts";
import { root } from "../compile/bundle.ts";
import type { Architecture } from "../compile/target.ts";
import { COMPANIONS } from "../release/companions.ts";
import { completionScripts } from "./completions.ts";

/** A file of the package: its path from the root, its mode, and its bytes or the file they are copied from. */
export interface PackageFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array | { readonly copyOf: string };
}

/** What is installed, the executable included; `date` is that of the sources, for the man page. */
export async function packageFiles(architecture: Architecture, date: Date): Promise<readonly PackageFile[]> {
  const text = (path: string, content: string): PackageFile => ({ path, mode: 0o644, content: encode(content) });
  const zipped = async (path: string, content: string): Promise<PackageFile> => ({
    path: `${path}.gz`,
    mode: 0o644,
    content: await gzip(content),
  });
  const man = renderManPage({ commands: COMMANDS, version: VERSION, date: date.toISOString().slice(0, 10) });
  const read = (path: string): Promise<string> => Deno.readTextFile(`${root}/${path}`);
  const companions = COMPANIONS.map(async (path) =>
    text(`usr/share/walg-exporter/${basename(path)}`, await read(path))
  );
  return [
    { path: "usr/bin/walg-exporter", mode: 0o755, content: { copyOf: executablePath(architecture) } },
    text("usr/lib/systemd/system/walg-exporter.service", await read("deploy/systemd/walg-exporter.service")),
    text("usr/lib/systemd/system/walg-exporter@.service", await read("deploy/systemd/walg-exporter@.service")),
    { ...text("usr/bin/walg-restore-drill", await read("deploy/drill/walg-restore-drill")), mode: 0o755 },
    text("usr/lib/systemd/system/walg-restore-drill@.service", await read("deploy/drill/walg-restore-drill@.service")),
    text("usr/lib/systemd/system/walg-restore-drill@.timer", await read("deploy/drill/walg-restore-drill@.timer")),
    text("etc/walg-exporter/drill/default.conf", await read("deploy/drill/default.conf")),
    text("etc/default/walg-exporter", await read("deploy/deb/default")),
    text("usr/share/doc/walg-exporter/copyright", await read("deploy/deb/copyright")),
    await zipped("usr/share/doc/walg-exporter/changelog", await read("CHANGELOG.md")),
    await zipped("usr/share/man/man1/walg-exporter.1", man),
    ...completionScripts().map(({ path, script }) => text(path, script)),
    ...await Promise.all(companions),
  ];
}

/** Folders that are there for the operator to fill. */
export const EMPTY_FOLDERS = ["etc/walg-exporter", "etc/walg-exporter/bin"];

/** Where `deno task compile` puts the executable. */
export function executablePath(architecture: Architecture): string {
  return `${root}/dist/walg-exporter-linux-${architecture}`;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Without a time of its own, so that the same text gives the same bytes. */
async function gzip(text: string): Promise<Uint8Array> {
  return await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
}
