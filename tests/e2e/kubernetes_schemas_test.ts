import assert from "node:assert/strict";
import { load } from "js-yaml";
import { prometheusRule } from "../../tools/packages/prometheus_rule.ts";
import { toolTest } from "../deploy/tools.ts";
import { ROOT } from "../support/paths.ts";

const FOLDER = `${ROOT}/deploy/kubernetes`;
const VALIDATE = "kubernetes-validate==1.37.0";
const MODELS = "@kubernetes-models/prometheus-operator@6.0.0";

/** Asks the published schemas of the Prometheus operator about the file named. */
const CHECK_MONITORING = `
  import { readFileSync } from "node:fs";
  import { PodMonitor, PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
  for (const path of process.argv.slice(2)) {
    const object = JSON.parse(readFileSync(path, "utf8"));
    new ({ PodMonitor, PrometheusRule }[object.kind])(object).validate();
  }
`;

toolTest("Kubernetes' published schemas accept every file, and no misspelt one", ["python3"], async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-kubernetes-" });
  try {
    await run("python3", "-m", "venv", folder);
    await run(`${folder}/bin/pip`, "install", "--quiet", "--disable-pip-version-check", VALIDATE);
    const check = (path: string): Promise<string> =>
      run(`${folder}/bin/kubernetes-validate`, "--strict", "--no-warn", path);
    for (const name of ["sidecar.yaml", "central.yaml"]) {
      await check(`${FOLDER}/${name}`);
      const wrong = (await Deno.readTextFile(`${FOLDER}/${name}`)).replace(
        "readOnlyRootFilesystem",
        "readOnlyRootFileSystem",
      );
      await Deno.writeTextFile(`${folder}/wrong.yaml`, wrong);
      await assert.rejects(check(`${folder}/wrong.yaml`), /readOnlyRootFileSystem/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

toolTest(
  "the Prometheus operator's published schemas accept the PodMonitor and the rules",
  ["npm", "node"],
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "walg-kubernetes-" });
    try {
      await run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, MODELS);
      await Deno.writeTextFile(`${folder}/check.mjs`, CHECK_MONITORING);
      const monitor = load(await Deno.readTextFile(`${FOLDER}/podmonitor.yaml`));
      const rules = load(prometheusRule(await Deno.readTextFile(`${ROOT}/deploy/prometheus/walg.rules.yml`)));
      const wrong = JSON.parse(JSON.stringify(monitor));
      wrong.spec.podMetricsEndpoints[0].interval = "soon";
      for (const [name, object] of Object.entries({ monitor, rules, wrong })) {
        await Deno.writeTextFile(`${folder}/${name}.json`, JSON.stringify(object));
      }
      await run("node", `${folder}/check.mjs`, `${folder}/monitor.json`, `${folder}/rules.json`);
      await assert.rejects(run("node", `${folder}/check.mjs`, `${folder}/wrong.json`), /interval/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${text}`);
  return text;
}
