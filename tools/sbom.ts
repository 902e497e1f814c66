/** `deno run -A tools/sbom.ts`: dist/walg-exporter.cdx.json, what the executables are made of, as CycloneDX 1.5. */
import { bundle, commitTime, findRevision, findVersion, root } from "./compile/bundle.ts";
import { writeChecksums } from "./compile/checksums.ts";
import { DENO_VERSION } from "./compile/deno_release.ts";
import { bundledPackages } from "./sbom/bundled_packages.ts";

const version = findVersion();
const scratch = await Deno.makeTempDir();
try {
  await bundle("main.ts", scratch, findRevision());
  const texts = Array.from(Deno.readDirSync(scratch), ({ name }) => Deno.readTextFileSync(`${scratch}/${name}`));
  const lock = JSON.parse(await Deno.readTextFile(`${root}/deno.lock`));
  const packages = bundledPackages(texts.join("\n"), lock.npm);
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      timestamp: new Date(commitTime() * 1000).toISOString(),
      component: {
        type: "application",
        name: "walg-exporter",
        version,
        purl: `pkg:generic/walg-exporter@${version}`,
        properties: [{ name: "revision", value: findRevision() }],
      },
    },
    components: [
      { type: "platform", name: "deno", version: DENO_VERSION, purl: `pkg:github/denoland/deno@v${DENO_VERSION}` },
      ...packages,
    ],
  };
  await Deno.mkdir(`${root}/dist`, { recursive: true });
  await Deno.writeTextFile(`${root}/dist/walg-exporter.cdx.json`, `${JSON.stringify(bom, null, 2)}\n`);
  await writeChecksums(`${root}/dist`);
} finally {
  await Deno.remove(scratch, { recursive: true });
}
