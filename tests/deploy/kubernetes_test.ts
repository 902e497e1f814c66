import assert from "node:assert/strict";
import { load, loadAll } from "js-yaml";
import { prometheusRule } from "../../tools/packages/prometheus_rule.ts";
import { instanceUnit } from "../../tools/packages/units.ts";
import { ROOT } from "../support/paths.ts";

const FOLDER = `${ROOT}/deploy/kubernetes`;

Deno.test("the rules for the operator are the shipped ones", async () => {
  const text = await Deno.readTextFile(`${ROOT}/deploy/prometheus/walg.rules.yml`);
  const { spec } = load(prometheusRule(text)) as { spec: unknown };
  assert.deepEqual(spec, load(text));
});

Deno.test("the containers are locked down, and the port has the name that the PodMonitor looks for", async () => {
  let containers = 0;
  for (const name of ["sidecar.yaml", "central.yaml"]) {
    // deno-lint-ignore no-explicit-any -- whatever Kubernetes' schema has accepted
    for (const object of loadAll(await Deno.readTextFile(`${FOLDER}/${name}`)) as any[]) {
      for (const container of object.spec?.template.spec.containers ?? []) {
        if (container.name !== "walg-exporter") continue;
        containers++;
        assert.equal(container.securityContext.readOnlyRootFilesystem, true);
        assert.equal(container.securityContext.runAsNonRoot, true);
        assert.deepEqual(container.ports.map((port: { name: string }) => port.name), ["walg"]);
      }
    }
  }
  assert.equal(containers, 2);
});

Deno.test("the unit of an instance has the limits of the unit, and settings, flags and caches of its own", async () => {
  const unit = await Deno.readTextFile(`${ROOT}/deploy/systemd/walg-exporter.service`);
  const [lines, others] = [unit.split("\n"), instanceUnit(unit).split("\n")];
  const changed = others.filter((line, index) => line !== lines[index]);
  assert.equal(changed.length, 6);
  for (const line of changed) assert.match(line, /%i/);
  assert.throws(() => instanceUnit("[Unit]\n"), /no line Description=/);
});
