import assert from "node:assert/strict";
import { ROOT } from "../support/paths.ts";

Deno.test("the unit for one process per cluster is the other one with the cluster's name in its files and folders", async () => {
  const [unit, template] = await Promise.all(
    ["walg-exporter", "walg-exporter@"].map((name) => Deno.readTextFile(`${ROOT}/deploy/systemd/${name}.service`)),
  );
  const [own, shared] = [template, unit].map((text = "") => text.split("\n").filter((line) => !line.startsWith("#")));
  const different = own?.filter((line) => !shared?.includes(line)) ?? [];
  assert.deepEqual(different, [
    "Description=Prometheus exporter for WAL-G on PostgreSQL, cluster %i",
    "EnvironmentFile=-/etc/default/walg-exporter-%i",
    "EnvironmentFile=-/etc/walg-exporter/%i.env",
    "Environment=HOME=/var/lib/walg-exporter-%i",
    "StateDirectory=walg-exporter-%i",
    "WorkingDirectory=/var/lib/walg-exporter-%i",
  ]);
  assert.equal(own?.length, shared?.length);
});
