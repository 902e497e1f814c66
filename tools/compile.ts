/**
 * `deno task compile [amd64|arm64|all]`: dist/walg-exporter-linux-{amd64,arm64} and dist/SHA256SUMS; without an
 * argument for this machine. The scopes are those of deno.json: for others, edit them there and compile.
 */
import { SCOPES } from "../src/base/host.ts";
import { chosenArchitectures } from "./compile/architectures.ts";
import { bundle, findRevision, root } from "./compile/bundle.ts";
import { writeChecksums } from "./compile/checksums.ts";
import { compileExecutable } from "./compile/executable.ts";
import type { Architecture } from "./compile/target.ts";
import { giveUp, say } from "./say.ts";

const dist = `${root}/dist`;

try {
  await compile(chosenArchitectures(Deno.args));
} catch (error) {
  giveUp("compile", error);
}

async function compile(architectures: readonly Architecture[]): Promise<void> {
  await Deno.mkdir(dist, { recursive: true });
  const scratch = await Deno.makeTempDir({ prefix: "walg-exporter-compile-" });
  try {
    const script = await bundle("main.ts", `${scratch}/bundle`, findRevision());
    for (const architecture of architectures) {
      const name = `walg-exporter-linux-${architecture}`;
      const partial = `${scratch}/${name}`;
      await compileExecutable({ bundle: script, architecture, scopes: SCOPES, output: partial });
      // A running exporter keeps the file it was started from.
      await Deno.rename(partial, `${dist}/${name}`).catch(() => replaceAcrossDevices(partial, `${dist}/${name}`));
      const { size } = await Deno.stat(`${dist}/${name}`);
      say(`dist/${name}: ${(size / 1e6).toFixed(1)} MB`);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  await writeChecksums(dist);
}

async function replaceAcrossDevices(from: string, to: string): Promise<void> {
  await Deno.copyFile(from, `${to}.partial`);
  await Deno.rename(`${to}.partial`, to);
}
