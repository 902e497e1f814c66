import { startedBy } from "./executable.ts";
import assert from "node:assert/strict";
import { VERSION } from "../../src/base/manifest.ts";
import { ARCHITECTURES, ownArchitecture } from "../../tools/compile/target.ts";
import { buildPackage } from "../../tools/deb/package.ts";
import { executablePath } from "../../tools/deb/package_tree.ts";
import { type Tool, toolTest } from "../deploy/tools.ts";
import { startExporter } from "../support/exporter.ts";
import { exists } from "../support/paths.ts";

const UNIT = "/usr/lib/systemd/system/walg-exporter.service";
const EPOCH = 1_795_402_800;

/** Every path of the package below its shared folders, without a slash at the end. */
const CONTENTS = [
  "/etc/default/walg-exporter",
  "/etc/walg-exporter",
  "/etc/walg-exporter/bin",
  "/etc/walg-exporter/drill",
  "/etc/walg-exporter/drill/default.conf",
  "/usr/bin/walg-exporter",
  "/usr/bin/walg-restore-drill",
  UNIT,
  "/usr/lib/systemd/system/walg-restore-drill@.service",
  "/usr/lib/systemd/system/walg-restore-drill@.timer",
  "/usr/share/bash-completion/completions/walg-exporter",
  "/usr/share/doc/walg-exporter",
  "/usr/share/doc/walg-exporter/changelog.gz",
  "/usr/share/doc/walg-exporter/copyright",
  "/usr/share/fish/vendor_completions.d/walg-exporter.fish",
  "/usr/share/man/man1/walg-exporter.1.gz",
  "/usr/share/walg-exporter",
  "/usr/share/walg-exporter/walg.json",
  "/usr/share/walg-exporter/walg.rules.yml",
  "/usr/share/walg-exporter/walg.site.rules.example.yml",
  "/usr/share/zsh/vendor-completions/_walg-exporter",
];

for (const architecture of ARCHITECTURES) {
  toolTest(`the ${architecture} package holds what it should, owned by root`, ["dpkg-deb"], async () => {
    await withPackage(architecture, async (path) => {
      const fields = await run("dpkg-deb", "--field", path, "Package", "Version", "Architecture", "Depends");
      assert.deepEqual(fields.trimEnd().split("\n").toSorted(), [
        `Architecture: ${architecture}`,
        "Depends: libc6 (>= 2.27), libgcc-s1 | libgcc1, init-system-helpers (>= 1.51)",
        "Package: walg-exporter",
        `Version: ${VERSION}`,
      ]);
      const listing = (await run("dpkg-deb", "--contents", path)).trimEnd().split("\n");
      const entries = listing.map((line) => line.split(/\s+/));
      for (const [mode = "", owner, , , , name = ""] of entries) {
        assert.equal(owner, "root/root", name);
        const wanted = name.endsWith("/") || name.startsWith("./usr/bin/") ? "rwxr-xr-x" : "rw-r--r--";
        assert.equal(mode.slice(1), wanted, name);
      }
      const names = entries.map(([, , , , , name = ""]) => name.replace(/^\.|\/$/g, ""));
      assert.deepEqual(names.filter((name) => /walg-(exporter|restore)/.test(name)).toSorted(), CONTENTS.toSorted());
    });
  });
}

toolTest("the same sources make the same package", ["dpkg-deb"], async () => {
  const digest = async (path: string): Promise<ArrayBuffer> =>
    await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  const first = await withPackage("amd64", digest);
  assert.deepEqual(first, await withPackage("amd64", digest));
});

installTest("the package is installed, runs and goes without a trace", async () => {
  // The folder for web configs may be there, with files of others.
  const before = CONTENTS.filter((path) => exists(path));
  await withPackage(ownArchitecture(), async (path) => {
    try {
      await run("dpkg", "--install", path);
      for (const file of ["/usr/bin/walg-exporter", UNIT, "/etc/default/walg-exporter", "/etc/walg-exporter/bin"]) {
        assert.ok(exists(file), file);
      }
      await run("systemd-analyze", "verify", "--man=no", UNIT);
      assert.equal((await run("dpkg", "--verify", "walg-exporter")).trim().replace(/^.*\/usr\/share\/.*$/gm, ""), "");
      await startedBy("/usr/bin/walg-exporter", async () => {
        await using exporter = await startExporter();
        await exporter.ready();
        assert.match(await exporter.metrics(), /^walg_storage_up 1$/m);
      });
      await run("dpkg", "--remove", "walg-exporter");
      assert.ok(!exists("/usr/bin/walg-exporter"));
      assert.ok(exists("/etc/default/walg-exporter"), "settings stay until the package is purged");
    } finally {
      await run("dpkg", "--purge", "walg-exporter");
    }
    assert.deepEqual([...CONTENTS, "/var/lib/walg-exporter"].filter((path) => exists(path)), before);
    const traces = await run("find", "/etc/systemd", "/var/lib/systemd", "-name", "*walg-exporter*");
    assert.equal(traces, "");
    await assert.rejects(run("dpkg", "--status", "walg-exporter"), /not installed/);
  });
});

/** Installing needs root, and a machine where nothing of the name is in the way. */
function installTest(name: string, test: () => Promise<void>): void {
  const tools: readonly Tool[] = ["dpkg", "dpkg-deb", "systemd-analyze"];
  purgeLeftovers();
  const inTheWay = CONTENTS.filter((path) => !path.startsWith("/etc/walg-exporter") && exists(path));
  const reason = Deno.uid() !== 0 ? "not root" : inTheWay.length > 0 ? `there is ${inTheWay.join(" and ")}` : undefined;
  if (reason === undefined) return toolTest(name, tools, test);
  if (Deno.env.get("REQUIRE_TOOLS") !== "1") {
    Deno.test({ name: `${name} (skipped: ${reason})`, ignore: true, fn: test });
    return;
  }
  Deno.test(name, () => {
    throw new Error(`${reason}, and REQUIRE_TOOLS=1`);
  });
}

/** A run that was killed after it removed the package leaves its settings, which nobody else wants. */
function purgeLeftovers(): void {
  if (Deno.uid() !== 0 || !exists("/usr/bin/dpkg-query")) return;
  const query = ["--show", "--showformat=${db:Status-Status}", "walg-exporter"];
  const { stdout } = new Deno.Command("dpkg-query", { args: query, stderr: "null" }).outputSync();
  if (new TextDecoder().decode(stdout) !== "config-files") return;
  new Deno.Command("dpkg", { args: ["--purge", "walg-exporter"], stdout: "null" }).outputSync();
}

async function withPackage<T>(
  architecture: typeof ARCHITECTURES[number],
  use: (path: string) => Promise<T>,
): Promise<T> {
  const executable = executablePath(architecture);
  assert.ok(exists(executable), `There is no ${executable}; run 'deno task compile all' first`);
  const folder = await Deno.makeTempDir();
  try {
    return await use(await buildPackage({ architecture, folder, compression: "none", epoch: EPOCH }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, env: { LC_ALL: "C" } }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${err}${out}`);
  return out;
}
