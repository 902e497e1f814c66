import assert from "node:assert/strict";
import { toolTest } from "../deploy/tools.ts";
import { configTest, copyPair, writeWhole } from "../support/config_folder.ts";
import { type RunningExporter, spawnExporter } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { basicAuth, servedAddresses } from "../support/secured_exporter.ts";
import { LOGIN, TLS, TOOLKIT_EXAMPLES, USERS } from "./toolkit_examples.ts";

toolTest("the exporter-toolkit itself starts or fails as the examples say", ["promtool"], async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-web-config-" });
  try {
    await copyPair("first", folder);
    for (const { name, config, says, onlyToolkitStarts } of TOOLKIT_EXAMPLES) {
      await writeWhole(`${folder}/web.yml`, config);
      const promtool = new Deno.Command("promtool", { args: ["check", "web-config", `${folder}/web.yml`] });
      const { success } = await promtool.output();
      assert.equal(success, says === undefined || onlyToolkitStarts === true, name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

configTest("what cannot be used ends the exporter with one line that names it", [], async (folder) => {
  await copyPair("first", folder);
  for (const { name, config, says } of TOOLKIT_EXAMPLES) {
    if (says === undefined) continue;
    await writeWhole(`${folder}/web.yml`, config);
    const exporter = spawnExporter({ flags: [`-web.config.file=${folder}/web.yml`] });
    const { code } = await exporter.status;
    await exporter.stop();
    assert.equal(exporter.log(), `walg-exporter: ${says.replaceAll("FOLDER", folder)}\n`, name);
    assert.equal(code, 1, name);
  }
});

configTest("sound files give TLS, passwords, both or neither", [], async (folder) => {
  const certificate = await copyPair("first", folder);
  const client = Deno.createHttpClient({ caCerts: [certificate] });
  try {
    for (const { name, config, says } of TOOLKIT_EXAMPLES) {
      if (says !== undefined) continue;
      await writeWhole(`${folder}/web.yml`, config);
      const exporter = spawnExporter({ flags: [`-web.config.file=${folder}/web.yml`, "-log.level=debug"] });
      try {
        await shows(exporter, config, client, name);
      } finally {
        await exporter.stop();
      }
    }
  } finally {
    client.close();
  }
});

async function shows(exporter: RunningExporter, config: string, client: Deno.HttpClient, name: string): Promise<void> {
  const [address] = await servedAddresses(exporter);
  const [scheme, other] = config.includes(TLS) ? ["https", "http"] : ["http", "https"];
  const get = (path: string, login?: string): Promise<Response> =>
    fetch(`${scheme}://${address}${path}`, { client, headers: login === undefined ? {} : basicAuth(login) });
  const statusOf = async (path: string, login?: string): Promise<number> => {
    const response = await get(path, login);
    await response.body?.cancel();
    return response.status;
  };
  await assert.rejects(fetch(`${other}://${address}/metrics`, { client }), name);
  const locked = config.includes(USERS);
  for (const path of ["/metrics", "/", "/api/v1/status", "/nonsense", "/-/ready"]) {
    for (const login of [undefined, "alice:wrong", "nobody:Wonder:land"]) {
      assert.equal(await statusOf(path, login) === 401, locked, `${name}: ${path} as ${login}`);
    }
  }
  assert.equal(await statusOf("/-/healthy"), 200, name);
  const response = await get("/metrics", LOGIN);
  assert.equal(response.status, 200, name);
  assert.equal(response.headers.get("x-frame-options"), config.includes("X-Frame-Options") ? "deny" : null);
  assert.equal(response.headers.get("cache-control"), "no-store, no-transform");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const text = await response.text();
  assert.equal(parseExposition(text).get("walg_exporter_web_config_reload_success")?.series[0]?.value, 1);
  const pageAnswer = await get("/", LOGIN);
  assert.match(pageAnswer.headers.get("content-security-policy") ?? "", /^default-src 'none';(?!.*unsafe)/);
  const page = await pageAnswer.text();
  for (const said of [text, page, exporter.log()]) assert.doesNotMatch(said, /Wonder|wrong|\$2[aby]\$/, name);
}
