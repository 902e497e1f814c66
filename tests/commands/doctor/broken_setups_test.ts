import assert from "node:assert/strict";
import { configTest, copyPair, writeWhole } from "../../support/config_folder.ts";
import { spawnExporter, startExporter } from "../../support/exporter.ts";
import { ROOT } from "../../support/paths.ts";
import { servedAddresses } from "../../support/secured_exporter.ts";
import { BROKEN_SETUPS } from "./broken_setups.ts";
import { createSetup } from "./setup.ts";

/** All checks but that of the web config, in their order. */
const STEPS = [
  "sandbox",
  "LD_* variables",
  "user",
  "wal-g",
  "version",
  "config",
  "caches",
  "storage",
  "backups",
  "PostgreSQL",
  "address",
];

/** The sandbox of a compiled executable cannot be moved into a folder. */
const ignore = Deno.env.get("WALG_EXPORTER") !== undefined;

Deno.test({ name: "nothing wrong: every check is ok, in order, exit status 0", ignore }, async () => {
  await using setup = await createSetup();
  const { code, ok, failed, text } = await setup.doctor();
  assert.equal(code, 0, text);
  assert.deepEqual(failed, []);
  assert.deepEqual(ok, STEPS);
  assert.match(text, /^Nothing failed\.$/m);
});

for (const { name, failing, says, fix, breakIt, applyFix } of BROKEN_SETUPS) {
  Deno.test({ name: `${name}: '${failing}' fails, and the fix works`, ignore }, async () => {
    await using setup = await createSetup();
    await breakIt(setup);
    const broken = await setup.doctor();
    assert.equal(broken.code, 1, broken.text);
    assert.deepEqual(broken.failed, [failing], broken.text);
    assert.match(broken.first?.text ?? "", says);
    assert.match(broken.first?.fix ?? "", fix);

    await applyFix(setup, broken.first?.fix ?? "");
    const fixed = await setup.doctor();
    assert.deepEqual(fixed.failed, [], fixed.text);
    assert.equal(fixed.code, 0);
  });
}

Deno.test({ name: "the address is in use: 'address' fails until what listens there has stopped", ignore }, async () => {
  await using setup = await createSetup();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  setup.args = [`-web.listen-address=${address}`];
  let broken;
  try {
    broken = await setup.doctor();
  } finally {
    listener.close();
  }
  assert.equal(broken.code, 1);
  assert.deepEqual(broken.failed, ["address"]);
  assert.match(broken.first?.text ?? "", new RegExp(`${address}: the address is in use`));
  assert.match(broken.first?.fix ?? "", /^Stop what listens there/);
  assert.equal((await setup.doctor()).code, 0);
});

Deno.test({ name: "an exporter that serves on its address already is no failure", ignore }, async () => {
  await using setup = await createSetup();
  await using exporter = await startExporter({ scenario: "healthy" });
  const address = new URL(exporter.url).host;
  setup.args = [`-web.listen-address=${address}`];
  const { code, text } = await setup.doctor();
  assert.equal(code, 0, text);
  assert.match(text, new RegExp(`an exporter serves on ${address}`));
});

const USERS = "basic_auth_users:\n  bob: $2y$05$k4tVcW7hQCTW.f6iuBdZ6u7EJXWq4UE/fwS5G1LWNbXKDPMEdc3jW\n";
const TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

if (!ignore) {
  const name = "an exporter that serves there is recognized behind TLS and passwords, and says at start which are on";
  configTest(name, [], async (folder) => {
    await using setup = await createSetup();
    await copyPair("first", folder);
    for (
      const [config, said] of [[TLS + USERS, "tls=on passwords=on"], [TLS, "tls=on passwords=off"], [
        USERS,
        "tls=off passwords=on",
      ]]
    ) {
      await writeWhole(`${folder}/web.yml`, config ?? "");
      await using exporter = spawnExporter({ scenario: "healthy", flags: [`-web.config.file=${folder}/web.yml`] });
      const [address = ""] = await servedAddresses(exporter);
      assert.match(exporter.log(), new RegExp(`msg=serving .*\\b${said}\\b`));
      setup.args = [`-web.listen-address=${address}`];
      const { code, text } = await setup.doctor();
      assert.equal(code, 0, text);
      assert.match(text, new RegExp(`an exporter serves on ${address}`));
    }
    await using plain = await startExporter({ scenario: "healthy" });
    assert.match(plain.log(), /msg=serving .*\btls=off passwords=off\b/);
  });
}

Deno.test({ name: "something else behind TLS is not taken for an exporter", ignore }, async () => {
  await using setup = await createSetup();
  const [cert, key] = await Promise.all(
    ["crt", "key"].map((suffix) => Deno.readTextFile(`${ROOT}/fixtures/tls/first.${suffix}`)),
  );
  const listen = { hostname: "127.0.0.1", port: 0, cert: cert ?? "", key: key ?? "", onListen: (): void => {} };
  await using server = Deno.serve(listen, () => new Response("healthy, too\n"));
  setup.args = [`-web.listen-address=127.0.0.1:${server.addr.port}`];
  assert.deepEqual((await setup.doctor()).failed, ["address"]);
});
