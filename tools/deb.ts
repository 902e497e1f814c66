/**
 * `deno task deb [amd64|arm64|all]`: dist/walg-exporter_VERSION_ARCH.deb of what was compiled, beside it the rules and the
 * dashboard, and SHA256SUMS anew.
 */
import { chosenArchitectures } from "./compile/architectures.ts";
import { commitTime, root } from "./compile/bundle.ts";
import { writeChecksums } from "./compile/checksums.ts";
import { buildPackage } from "./deb/package.ts";
import { executablePath } from "./deb/package_tree.ts";
import { copyCompanions } from "./release/companions.ts";
import { giveUp, say } from "./say.ts";

const folder = `${root}/dist`;

try {
  for (const architecture of chosenArchitectures(Deno.args)) {
    await Deno.stat(executablePath(architecture)).catch(() => {
      throw new Error(`there is no ${executablePath(architecture)}; run 'deno task compile ${architecture}' first`);
    });
    const path = await buildPackage({ architecture, folder, compression: "xz", epoch: commitTime() });
    const { size } = await Deno.stat(path);
    say(`${path.slice(root.length + 1)}: ${(size / 1e6).toFixed(1)} MB`);
  }
  await copyCompanions(folder);
  await writeChecksums(folder);
} catch (error) {
  giveUp("deb", error);
}
