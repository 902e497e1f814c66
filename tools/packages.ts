/**
 * `deno task packages [amd64|arm64|all]`: the deb, the rpm and the tarball of what was compiled, beside them the rules
 * and the dashboard, and SHA256SUMS anew.
 */
import { chosenArchitectures } from "./compile/architectures.ts";
import { commitTime, findVersion, root } from "./compile/bundle.ts";
import { writeChecksums } from "./compile/checksums.ts";
import { buildPackages } from "./packages/build.ts";
import { copyCompanions } from "./release/companions.ts";
import { giveUp, say } from "./say.ts";

const folder = `${root}/dist`;

try {
  const facts = { folder, version: findVersion(), epoch: commitTime() };
  const built = await Promise.all(
    chosenArchitectures(Deno.args).map((architecture) => buildPackages({ ...facts, architecture })),
  );
  for (const path of built.flat()) {
    const { size } = await Deno.stat(path);
    say(`${path.slice(root.length + 1)}: ${(size / 1e6).toFixed(1)} MB`);
  }
  await copyCompanions(folder);
  await writeChecksums(folder);
} catch (error) {
  giveUp("packages", error);
}
