import assert from "node:assert/strict";
import { ROOT } from "../support/paths.ts";
import { PROBLEM_CODES } from "../../src/operations/problems.ts";
import { FLEET_SERIES, SERIES } from "./series.ts";
import { shippedRules } from "./rules_file.ts";
import { toolTest } from "./tools.ts";

const PAGES = ["docs/alerts.md", "docs/fleet.md"];

toolTest("promtool accepts every configuration of docs/fleet.md", ["promtool"], async () => {
  const blocks = await yamlBlocks("docs/fleet.md", "# prometheus.yml");
  assert.ok(blocks.length >= 6);
  const folder = await Deno.makeTempDir({ prefix: "walg-docs-" });
  try {
    for (const block of blocks) {
      const config = block.replaceAll("/etc/prometheus/", `${folder}/`)
        // Debian's build knows no Kubernetes.
        .replace(/kubernetes_sd_configs:\n +- role: pod\n/, "static_configs: [{ targets: [pod] }]\n");
      await Deno.writeTextFile(`${folder}/prometheus.yml`, config);
      for (const name of ["walg.password", "walg-ca.pem"]) await Deno.writeTextFile(`${folder}/${name}`, "");
      const args = ["check", "config", "--syntax-only", `${folder}/prometheus.yml`];
      const { success, stderr } = await new Deno.Command("promtool", { args }).output();
      assert.ok(success, `${new TextDecoder().decode(stderr)}\n${block}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the pages name no series that does not exist", async () => {
  const recorded = shippedRules().groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []));
  const known = new Set<string>([...SERIES, ...FLEET_SERIES, ...recorded, ...PROBLEM_CODES]);
  for (const page of PAGES) {
    const whole = (await Deno.readTextFile(`${ROOT}/${page}`)).replaceAll(/^.*regex:.*$/gm, "");
    const text = whole.replace(/^## If you used the rules before$[^]*?(?=^## )/m, "");
    for (
      const [name] of text.matchAll(
        /(?<![\w:/.-])(?:job|job_code|instance|instance_type|walg):[\w:]+|\bwalg_[a-z_]+\w/g,
      )
    ) {
      const families = name.endsWith("_") ? [...known].filter((one) => one.startsWith(name)) : [name];
      assert.ok(
        families.length > 0 && families.every((one) => known.has(one)),
        `${page}: ${name}`,
      );
    }
  }
});

Deno.test("every link between the pages leads to a heading that exists", async () => {
  for (const page of PAGES) {
    for (
      const [, file, anchor = ""] of (await Deno.readTextFile(`${ROOT}/${page}`)).matchAll(/\]\(([\w.]*)#(\w+)\)/g)
    ) {
      const target = await Deno.readTextFile(`${ROOT}/${file === "" ? page : `docs/${file}`}`);
      assert.match(target, new RegExp(`^#+ ${anchor}$`, "im"), `${page}: ${file}#${anchor}`);
    }
  }
});

async function yamlBlocks(page: string, firstLine: string): Promise<string[]> {
  const text = await Deno.readTextFile(`${ROOT}/${page}`);
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block)
    .filter((block) => block.startsWith(firstLine));
}
