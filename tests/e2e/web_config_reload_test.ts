import assert from "node:assert/strict";
import { hashSync } from "bcryptjs";
import { configTest, copyPair, writeWhole } from "../support/config_folder.ts";
import { until } from "../support/exporter.ts";
import { parseExposition } from "../support/exposition_parser.ts";
import { type SecuredExporter, startSecured } from "../support/secured_exporter.ts";
import { TLS } from "./toolkit_examples.ts";

/** More than the 5 s between two looks at the file, milliseconds. */
const LOOK = 12_000;

const hashes = new Map(["old", "new"].map((password) => [password, hashSync(password, 4)]));

function usersFile(users: Readonly<Record<string, string>>): string {
  const lines = Object.entries(users).map(([user, password]) => `  ${user}: ${hashes.get(password)}\n`);
  return `${TLS}basic_auth_users:\n${lines.join("")}`;
}

async function statusFor(secured: SecuredExporter, login: string): Promise<number> {
  const response = await secured.get("/metrics", login);
  await response.body?.cancel();
  return response.status;
}

async function reloadSuccess(secured: SecuredExporter, login: string): Promise<number | undefined> {
  const families = parseExposition(await (await secured.get("/metrics", login)).text());
  return families.get("walg_exporter_web_config_reload_success")?.series[0]?.value;
}

configTest(
  "users count as soon as the file changes; a broken file leaves them, with a log line",
  [],
  async (folder) => {
    const configFile = `${folder}/web.yml`;
    const certificate = await copyPair("first", folder);
    await writeWhole(configFile, usersFile({ alice: "old", bob: "old" }));
    await using secured = await startSecured({ configFile, certificate });
    assert.equal(await statusFor(secured, "alice:old"), 200);
    assert.equal(await statusFor(secured, "bob:old"), 200);

    await writeWhole(configFile, usersFile({ alice: "new", carol: "new" }));
    await until("carol is let in", async () => await statusFor(secured, "carol:new") === 200, LOOK);
    assert.equal(await statusFor(secured, "alice:old"), 401);
    assert.equal(await statusFor(secured, "alice:new"), 200);
    assert.equal(await statusFor(secured, "bob:old"), 401);

    await writeWhole(configFile, `${TLS}basic_auth_users:\n  dave: [\n`);
    await until("the series says so", async () => await reloadSuccess(secured, "carol:new") === 0, LOOK);
    assert.match(
      await secured.exporter.logged(/^.*msg="web config not re-read".*$/m),
      /level=error .*Cannot use web config '.*\/web\.yml': it is not valid YAML in line \d+: .*the previous one stays in use/,
    );
    assert.equal(await statusFor(secured, "alice:new"), 200);

    await writeWhole(configFile, usersFile({ alice: "new" }));
    await until("the series says so", async () => await reloadSuccess(secured, "alice:new") === 1, LOOK);
    assert.equal(await statusFor(secured, "carol:new"), 401);
    assert.equal(secured.exporter.log().match(/msg="web config re-read"/g)?.length, 2);
    assert.equal(secured.exporter.log().match(/msg="web config not re-read"/g)?.length, 1);
  },
);

configTest("a file that a pipe has replaced stops nothing; a file in another encoding is told", [], async (folder) => {
  const configFile = `${folder}/web.yml`;
  const certificate = await copyPair("first", folder);
  await writeWhole(configFile, usersFile({ alice: "old" }));
  await using secured = await startSecured({ configFile, certificate });
  await Deno.remove(configFile);
  await new Deno.Command("mkfifo", { args: [configFile] }).output();
  await until("the series says so", async () => await reloadSuccess(secured, "alice:old") === 0, LOOK);
  assert.match(
    await secured.exporter.logged(/^.*msg="web config not re-read".*$/m),
    /Cannot read web config '.*\/web\.yml': it is not a regular file; the previous one stays in use/,
  );
  await Deno.remove(configFile);
  await Deno.writeFile(
    configFile,
    new TextEncoder().encode(usersFile({ alice: "old" })).map((byte) => byte === 0x61 ? 0xe4 : byte),
  );
  assert.match(await secured.exporter.logged(/^.*it is not UTF-8.*$/m), /level=error/);
  assert.equal(await statusFor(secured, "alice:old"), 200);
});

configTest("a new certificate counts after a restart, and not before", [], async (folder) => {
  const configFile = `${folder}/web.yml`;
  const first = await copyPair("first", folder);
  await writeWhole(configFile, usersFile({ alice: "old" }));
  const before = await startSecured({ configFile, certificate: first });
  try {
    const second = await copyPair("second", folder);
    assert.equal(await statusFor(before, "alice:old"), 200);
    const trustsSecond = Deno.createHttpClient({ caCerts: [second] });
    await assert.rejects(fetch(`https://${before.address}/-/healthy`, { client: trustsSecond }));
    trustsSecond.close();
    assert.equal((await before.exporter.stop()).code, 0);
    await using after = await startSecured({ configFile, certificate: second });
    assert.equal(await statusFor(after, "alice:old"), 200);
  } finally {
    await before[Symbol.asyncDispose]();
  }
});
