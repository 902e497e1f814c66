import assert from "node:assert/strict";
import { basename } from "node:path";
import { isReleased, writeChecksums } from "../../tools/compile/checksums.ts";
import { changesOf } from "../../tools/release/changes.ts";
import { COMPANIONS, copyCompanions } from "../../tools/release/companions.ts";
import { bundledPackages } from "../../tools/sbom/bundled_packages.ts";
import { VERSION } from "../../src/base/host.ts";
import { ROOT } from "../support/paths.ts";

const CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-01-02\n\n### Added\n\n- This.\n\n" +
  "## [1.0.0] - 2026-01-01\n\nFirst.\n\n[1.0.0]: https://example.org/1.0.0\n";

Deno.test("the notes of a release are its section of the changelog", () => {
  assert.equal(changesOf("1.1.0", CHANGELOG), "### Added\n\n- This.");
  assert.equal(changesOf("1.0.0", CHANGELOG), "First.");
  for (const version of ["1.1", "Unreleased", "2.0.0", ""]) {
    const says = `Cannot find the changes of '${version}': CHANGELOG.md has no text under ## [${version}]`;
    assert.throws(() => changesOf(version, CHANGELOG), { message: says });
  }
});

Deno.test("the changelog has notes for the version that is built", async () => {
  assert.ok(changesOf(VERSION, await Deno.readTextFile(`${ROOT}/CHANGELOG.md`)).length > 100);
});

Deno.test("the bill of materials names each bundled package once, with its sum", () => {
  const text = "// npm/prom-client/15.1.3/lib/a.js\n// npm/prom-client/15.1.3/lib/b.js\n// npm/@x/y/1.0.0/z.js\n";
  const locked = { "prom-client@15.1.3": { integrity: "sha512-AAH/" }, "@x/y@1.0.0": { integrity: "sha512-//8=" } };
  const licenseOf = (name: string, version: string): string =>
    name === "prom-client" ? "Apache-2.0" : `${name.slice(3)}-${version}`;
  assert.deepEqual(
    bundledPackages(text, locked, licenseOf).map((
      { purl, hashes, licenses },
    ) => [purl, hashes[0]?.content, licenses[0].license.id]),
    [
      ["pkg:npm/%40x/y@1.0.0", "ffff", "y-1.0.0"],
      ["pkg:npm/prom-client@15.1.3", "0001ff", "Apache-2.0"],
    ],
  );
  assert.throws(() => bundledPackages(text, {}, licenseOf), /deno\.lock has no @x\/y@1\.0\.0$/);
  assert.throws(() => bundledPackages("nothing", locked, licenseOf), /it names none$/);
});

Deno.test("the rules and the dashboard are summed up, and what the README fetches is part of a release", async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-release-" });
  try {
    await copyCompanions(folder);
    await Deno.writeTextFile(`${folder}/notes.md`, "not summed up");
    await writeChecksums(folder);
    const sums = (await Deno.readTextFile(`${folder}/SHA256SUMS`)).trimEnd().split("\n");
    assert.deepEqual(sums.map((line) => line.slice(66)), COMPANIONS.map((path) => basename(path)).toSorted());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const readme = await Deno.readTextFile(`${ROOT}/README.md`);
  const fetched = [...readme.matchAll(/releases\/latest\/download\/(?:\{([^}]+)\}|(\S+))/g)]
    .flatMap(([, several, one = ""]) => several?.split(",") ?? [one]);
  assert.ok(fetched.length >= 3);
  for (const name of fetched) assert.ok(isReleased(name) || name === "SHA256SUMS", name);
});

Deno.test("what a release has is summed up, and nothing else", () => {
  const released = [
    "walg-exporter-linux-amd64",
    "walg-exporter_1.2.3_amd64.deb",
    "walg-exporter_1.2.3~rc.1_arm64.deb",
    "walg-exporter-1.2.3-1.x86_64.rpm",
    "walg-exporter-1.2.3-linux-arm64.tar.gz",
    "walg-exporter.cdx.json",
    "walg.rules.yml",
  ];
  for (const name of released) assert.ok(isReleased(name), name);
  for (const name of ["notes.md", "package", "SHA256SUMS", "walg-exporter.1"]) assert.ok(!isReleased(name), name);
});

Deno.test("the workflow of a release and CI run the same steps, all there are", async () => {
  const stepsIn = async (path: string): Promise<string[]> => {
    const text = await Deno.readTextFile(`${ROOT}/${path}`);
    return [...text.matchAll(/\.ci\/release ([a-z ]+)$/gm)].flatMap(([, names = ""]) => names.split(" "));
  };
  const script = await Deno.readTextFile(`${ROOT}/.ci/release`);
  const [, all = ""] = /set -- ([a-z ]+)$/m.exec(script) ?? [];
  assert.ok(all.split(" ").length >= 5);
  assert.deepEqual(await stepsIn(".github/workflows/release.yml"), all.split(" "));
  assert.deepEqual(await stepsIn(".ci/run"), all.split(" "));
});

Deno.test("workflows pin every action by its commit, and give the token nothing by default", async () => {
  const folder = `${ROOT}/.github/workflows`;
  let actions = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, action = ""] of text.matchAll(/^\s*-?\s*uses:\s*(.*)$/gm)) {
      assert.match(action, /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${name}: ${action}`);
      actions++;
    }
    assert.match(text, /^permissions:( \{\}|\n {2}contents: read)$/m, name);
  }
  assert.ok(actions >= 6);
});
