import "../executable.ts";
import assert from "node:assert/strict";
import { findVersion } from "../../../tools/compile/bundle.ts";
import { ARCHITECTURES, ownArchitecture } from "../../../tools/compile/target.ts";
import { buildPackages, runNfpm } from "../../../tools/packages/build.ts";
import { filesOf, shippedDocs } from "../../../tools/packages/stage.ts";
import { toolTest } from "../../deploy/tools.ts";
import { exists, ROOT } from "../../support/paths.ts";
import { cleanRoot, rootTest, run } from "./clean_root.ts";

const VERSION = findVersion();
const OWN = ownArchitecture();
const EPOCH = 1_795_402_800;
const RPM_ARCHITECTURES = { amd64: "x86_64", arm64: "aarch64" };
const DEFAULTS = "etc/default/walg-exporter";
const SETTINGS = "etc/walg-exporter/wal-g.env";
const DRILL = "etc/walg-exporter/drill/default.conf";
const UNITS = [
  "walg-exporter.service",
  "walg-exporter@main.service",
  "walg-restore-drill@default.service",
  "walg-restore-drill@default.timer",
];

/** What each package must hold, beside the pages of docs/. */
const CONTENTS = [
  "/etc/default/walg-exporter",
  "/etc/walg-exporter/bin",
  "/etc/walg-exporter/drill",
  "/etc/walg-exporter/drill/default.conf",
  "/usr/bin/walg-env",
  "/usr/bin/walg-exporter",
  "/usr/bin/walg-restore-drill",
  "/usr/lib/systemd/system/walg-exporter.service",
  "/usr/lib/systemd/system/walg-exporter@.service",
  "/usr/lib/systemd/system/walg-restore-drill@.service",
  "/usr/lib/systemd/system/walg-restore-drill@.timer",
  "/usr/share/bash-completion/completions/walg-exporter",
  "/usr/share/fish/vendor_completions.d/walg-exporter.fish",
  "/usr/share/man/man1/walg-exporter.1.gz",
  "/usr/share/walg-exporter/container/Dockerfile",
  "/usr/share/walg-exporter/wal-g.env",
  "/usr/share/walg-exporter/walg.json",
  "/usr/share/walg-exporter/walg.rules.yml",
  "/usr/share/walg-exporter/walg.site.rules.example.yml",
];

for (const architecture of ARCHITECTURES) {
  toolTest(`the deb and the rpm for ${architecture} hold the same, owned by root`, ["dpkg-deb", "rpm"], async () => {
    const [deb, rpm] = [debOf(architecture), rpmOf(architecture)];
    assert.equal(await run("dpkg-deb", "--field", deb, "Architecture"), `${architecture}\n`);
    const listing = (await run("dpkg-deb", "--contents", deb)).trimEnd().split("\n").map((line) => line.split(/\s+/));
    for (const [mode = "", owner, , , , name = ""] of listing) {
      assert.equal(owner, "root/root", name);
      const isProgram = name.endsWith("/") || name.startsWith("./usr/bin/");
      assert.equal(mode.slice(1), isProgram ? "rwxr-xr-x" : "rw-r--r--", name);
    }
    const inDeb = listing.map(([, , , , , name = ""]) => name.replace(/^\.|\/$/g, ""));
    const inRpm = (await run("rpm", "-qpl", rpm)).trimEnd().split("\n");
    const docs = shippedDocs();
    for (const path of [...CONTENTS, ...docs.map((name) => `/usr/share/doc/walg-exporter/${name}`)]) {
      assert.ok(inDeb.includes(path), `deb: ${path}`);
      assert.ok(inRpm.includes(path), `rpm: ${path}`);
    }
    assert.match(
      await run("rpm", "-qp", "--queryformat", "%{NAME} %{VERSION} %{ARCH}", rpm),
      /^walg-exporter \S+ \S+$/,
    );
    assert.match(await run("rpm", "-qpc", rpm), /^\/etc\/default\/walg-exporter$/m);
    assert.match(await run("rpm", "-qpc", rpm), /^\/etc\/walg-exporter\/drill\/default\.conf$/m);
    const tarball = await run("tar", "-tzf", tarballOf(architecture));
    for (
      const name of [
        "bin/walg-env",
        "bin/walg-exporter",
        "bin/walg-restore-drill",
        "default",
        "doc/alerts.md",
        "drill/default.conf",
        "share/wal-g.env",
        "systemd/walg-restore-drill@.timer",
      ]
    ) {
      assert.ok(tarball.includes(`walg-exporter-${VERSION}-linux-${architecture}/${name}\n`), name);
    }
  });
}

toolTest("the same sources make the same packages, wherever and whenever", ["go", "tar", "sha256sum"], async () => {
  const sums = await Promise.all([0o022, 0o077].map(async (umask) => {
    const folder = await looksLikeTheRepository(await Deno.makeTempDir());
    try {
      const executable = `${folder}/walg-exporter`;
      await Deno.writeTextFile(executable, "#!/bin/sh\n", { mode: 0o777 & ~umask });
      const options = { architecture: OWN, version: VERSION, folder, epoch: EPOCH, executable };
      const paths = await buildPackages(options, folder);
      return await Promise.all(paths.map(async (path) => (await run("sha256sum", path)).slice(0, 64)));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }));
  assert.equal(sums[0]?.length, 3);
  assert.deepEqual(sums[0], sums[1]);
});

rootTest("the deb in a clean root: installed, running, upgraded over changed settings, removed, purged", [
  "mmdebstrap",
  "dpkg-deb",
  "systemd-analyze",
], async () => {
  await using root = await cleanRoot();
  await root.addStandIn();
  const before = filesOf(`${root.path}/etc`);
  const put = async (path: string, name: string): Promise<void> => await Deno.copyFile(path, `${root.path}/${name}`);
  await put(await debOfLastVersion(root.path), "old.deb");
  await put(debOf(OWN), "new.deb");

  await root.run("dpkg", "--install", "/old.deb");
  await Deno.writeTextFile(`${root.path}/${DEFAULTS}`, 'WALG_EXPORTER_ARGS="-web.listen-address=127.0.0.1:0"\n');
  const settings = "WALG_FILE_PREFIX=/srv/wal-g\nAWS_SECRET_ACCESS_KEY=s3cret\n";
  await Deno.writeTextFile(`${root.path}/${SETTINGS}`, settings, { mode: 0o600 });
  // As an unattended upgrade does.
  await root.run("dpkg", "--force-confdef", "--force-confold", "--install", "/new.deb");
  assert.match(await Deno.readTextFile(`${root.path}/${DEFAULTS}`), /127\.0\.0\.1:0/);
  assert.ok(exists(`${root.path}/${DEFAULTS}.dpkg-dist`), "the new one lies beside it");
  assert.equal(await Deno.readTextFile(`${root.path}/${SETTINGS}`), settings);
  assert.match(await root.run("walg-exporter", "-version"), new RegExp(`^walg-exporter ${VERSION} `));
  await verifyUnits(root.path);
  await root.run("test", "-L", "/etc/systemd/system/multi-user.target.wants/walg-exporter.service");
  assert.doesNotMatch(await root.runAsPostgres("walg-env", "doctor", ...WITHOUT_ADDRESS), /^failed/m);
  await assert.rejects(root.runAsPostgres("cat", `/${SETTINGS}`), /Permission denied/);
  // Commands get those flags of the unit that they have: check the limits, without the address.
  const withFlags = (flags: string, ...command: readonly string[]): Promise<string> =>
    root.runAsPostgres("env", `WALG_EXPORTER_ARGS=${flags}`, "walg-env", ...command);
  const limits = "-web.listen-address 127.0.0.1:0 --max-backup-age=1h -warn-backup-age 2h";
  await assert.rejects(withFlags(limits, "check"), /-warn-backup-age=2h must be below -max-backup-age=1h/);
  assert.match(await withFlags(limits, "plan", "-format=json"), /"possible": ?true/);
  assert.match(await root.runAsPostgres("walg-restore-drill", "-help"), /^usage: walg-restore-drill/);
  await Deno.mkdir(`${root.path}/etc/systemd/system/timers.target.wants`, { recursive: true });
  await root.run("ln", "-s", "/usr/lib/systemd/system/walg-restore-drill@.timer", TIMER);

  await root.run("dpkg", "--remove", "walg-exporter");
  assert.ok(!exists(`${root.path}/usr/bin/walg-exporter`));
  for (const path of [DEFAULTS, DRILL]) {
    assert.ok(exists(`${root.path}/${path}`), "settings stay until the package is purged");
  }
  await root.run("dpkg", "--purge", "walg-exporter");
  assert.deepEqual(filesOf(`${root.path}/etc`).filter((path) => /walg/.test(path) && !before.includes(path)), []);
  assert.equal(
    await root.run(
      "find",
      "/usr/lib",
      "/usr/share",
      "/var/lib",
      "-name",
      "*walg-[er]*",
      "-not",
      "-path",
      "/var/lib/dpkg/*",
    ),
    "",
  );
});

rootTest("the deb on a fresh root brings a commented wal-g.env that root alone can read", ["mmdebstrap"], async () => {
  await using root = await cleanRoot();
  await Deno.copyFile(debOf(OWN), `${root.path}/new.deb`);
  await root.run("dpkg", "--install", "/new.deb");
  assert.equal(await root.run("stat", "--format=%a %U", `/${SETTINGS}`), "600 root\n");
  assert.match(await Deno.readTextFile(`${root.path}/${SETTINGS}`), /^#WALG_S3_PREFIX=/m);
});

rootTest("the rpm in a clean root: installed, running, upgraded over changed settings, erased", [
  "mmdebstrap",
  "rpm",
  "go",
  "systemd-analyze",
], async () => {
  await using root = await cleanRoot();
  await root.addStandIn();
  // What it depends on is there as Debian's packages, of which rpm does not know.
  const rpm = (...args: string[]): Promise<string> =>
    run("rpm", "--root", root.path, "--dbpath", "/var/lib/rpm", "--force-debian", ...args);
  const requires = await run("rpm", "-qp", "--requires", rpmOf(OWN));
  for (const name of ["glibc >= 2.27", "libgcc", "systemd"]) assert.ok(requires.includes(name), requires);
  await run("rpm", "--root", root.path, "--dbpath", "/var/lib/rpm", "--initdb");
  await rpm("--install", "--nodeps", await rpmOfEarlierVersion(root.path));
  assert.equal(await root.run("stat", "--format=%a %U", `/${SETTINGS}`), "600 root\n");
  await Deno.writeTextFile(`${root.path}/${DEFAULTS}`, 'WALG_EXPORTER_ARGS="-log.level=debug"\n');
  await Deno.writeTextFile(`${root.path}/${SETTINGS}`, "WALG_FILE_PREFIX=/srv/wal-g\n", { mode: 0o600 });
  await rpm("--upgrade", "--nodeps", rpmOf(OWN));
  assert.match(await Deno.readTextFile(`${root.path}/${DEFAULTS}`), /debug/);
  assert.ok(exists(`${root.path}/${DEFAULTS}.rpmnew`), "the new one lies beside it");
  assert.equal(await Deno.readTextFile(`${root.path}/${SETTINGS}`), "WALG_FILE_PREFIX=/srv/wal-g\n");
  assert.match(await root.run("walg-exporter", "-version"), new RegExp(`^walg-exporter ${VERSION} `));
  await verifyUnits(root.path);
  assert.doesNotMatch(await root.runAsPostgres("walg-env", "doctor", ...WITHOUT_ADDRESS), /^failed/m);
  await rpm("--erase", "walg-exporter");
  assert.ok(!exists(`${root.path}/usr/bin/walg-exporter`));
  assert.ok(exists(`${root.path}/${DEFAULTS}.rpmsave`) && exists(`${root.path}/${SETTINGS}`), "what was changed stays");
});

/** What makes the drill weekly. */
const TIMER = "/etc/systemd/system/timers.target.wants/walg-restore-drill@default.timer";

/** A port of its own, so that an exporter of the host is not in the way. */
const WITHOUT_ADDRESS = ["-web.listen-address=127.0.0.1:0"];

async function verifyUnits(root: string): Promise<void> {
  const said = await run("systemd-analyze", "verify", "--man=no", `--root=${root}`, ...UNITS);
  assert.equal(said, "");
}

function debOf(architecture: typeof ARCHITECTURES[number]): string {
  return built(`walg-exporter_${VERSION.replace("-", "~")}_${architecture}.deb`);
}

function rpmOf(architecture: typeof ARCHITECTURES[number]): string {
  return built(`walg-exporter-${VERSION.replace("-", "~")}-1.${RPM_ARCHITECTURES[architecture]}.rpm`);
}

function tarballOf(architecture: typeof ARCHITECTURES[number]): string {
  return built(`walg-exporter-${VERSION}-linux-${architecture}.tar.gz`);
}

function built(name: string): string {
  const path = `${ROOT}/dist/${name}`;
  assert.ok(exists(path), `There is no ${path}; run 'deno task packages all' first`);
  return path;
}

/** Version 0.1.0 as it was shipped, with a script in the place of its executable. */
async function debOfLastVersion(folder: string): Promise<string> {
  const [tree, fixture] = [`${folder}/tmp/old`, `${ROOT}/fixtures/packages/deb-0.1.0`];
  const install = (mode: string, from: string, to: string): Promise<string> =>
    run("install", "-D", "-m", mode, `${fixture}/${from}`, `${tree}/${to}`);
  for (const name of ["postinst", "prerm", "postrm"]) await install("755", name, `DEBIAN/${name}`);
  await install("644", "default", DEFAULTS);
  await install("644", "walg-exporter.service", "usr/lib/systemd/system/walg-exporter.service");
  await install("755", "prerm", "usr/bin/walg-exporter");
  await run("mkdir", "-p", `${tree}/etc/walg-exporter/bin`);
  await Deno.writeTextFile(`${tree}/DEBIAN/conffiles`, `/${DEFAULTS}\n`);
  const fields = {
    Package: "walg-exporter",
    Version: "0.0.9",
    Architecture: OWN,
    Maintainer: "x <x@example.org>",
    Description: "x",
  };
  await Deno.writeTextFile(
    `${tree}/DEBIAN/control`,
    Object.entries(fields).map((pair) => `${pair.join(": ")}\n`).join(""),
  );
  await run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, `${folder}/tmp/old.deb`);
  return `${folder}/tmp/old.deb`;
}

/** The same description with another version, other defaults and a script in the place of the executable. */
async function rpmOfEarlierVersion(folder: string): Promise<string> {
  const cwd = `${folder}/tmp/earlier`;
  await looksLikeTheRepository(cwd);
  const stage = `${cwd}/dist/package/${OWN}`;
  await run("cp", "-a", `${ROOT}/dist/package/${OWN}`, stage);
  await run("cp", `${stage}/bin/walg-env`, `${stage}/bin/walg-exporter`);
  await Deno.writeTextFile(`${stage}/default`, 'WALG_EXPORTER_ARGS=""\n');
  return await runNfpm("rpm", { architecture: OWN, version: "0.0.9", folder: cwd, epoch: EPOCH }, cwd);
}

/** A folder with what nfpm.yaml takes from the repository. */
async function looksLikeTheRepository(folder: string): Promise<string> {
  await run("mkdir", "-p", `${folder}/dist/package`);
  for (const name of ["deploy", "LICENSE"]) await Deno.symlink(`${ROOT}/${name}`, `${folder}/${name}`);
  return folder;
}
