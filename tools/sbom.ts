/** `deno run -A tools/sbom.ts`: dist/walg-exporter.cdx.json, what the executables are made of, as CycloneDX 1.5. */
import { bundle, commitTime, findRevision, findVersion, root } from "./compile/bundle.ts";
import { writeChecksums } from "./compile/checksums.ts";
import { DENO_VERSION } from "./compile/deno_release.ts";
import { bundledPackages, licenseIn } from "./sbom/bundled_packages.ts";

const version = findVersion();
const scratch = await Deno.makeTempDir();
try {
  await bundle("main.ts", scratch, findRevision());
  const texts = Array.from(Deno.readDirSync(scratch), ({ name }) => Deno.readTextFileSync(`${scratch}/${name}`));
  const lock = JSON.parse(await Deno.readTextFile(`${root}/deno.lock`));
  // The bundler has just read them from there.
  const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(info.stdout));
  const packages = bundledPackages(texts.join("\n"), lock.npm, (name, version) => licenseIn(npmCache, name, version));
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
      {
        type: "platform",
        name: "deno",
        version: DENO_VERSION,
        purl: `pkg:github/denoland/deno@v${DENO_VERSION}`,
        licenses: [{ license: { id: "MIT" } }],
      },
      ...packages,
    ],
  };
  await Deno.mkdir(`${root}/dist`, { recursive: true });
  await Deno.writeTextFile(`${root}/dist/walg-exporter.cdx.json`, `${JSON.stringify(bom, null, 2)}\n`);
  await writeChecksums(`${root}/dist`);
} finally {
  await Deno.remove(scratch, { recursive: true });
}
