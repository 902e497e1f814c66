import assert from "node:assert/strict";
import { EXPORTER_FLAGS } from "../src/commands/config.ts";
import { SCOPES } from "../src/base/manifest.ts";
import { flagUsage } from "../src/cli/help.ts";
import manifest from "../deno.json" with { type: "json" };
import { toolTest } from "./deploy/tools.ts";
import { ROOT, scenarios } from "./support/paths.ts";

const readme = Deno.readTextFileSync(`${ROOT}/README.md`);

Deno.test("every family that is ever shown stands in the README", () => {
  const shown = new Set(
    scenarios().flatMap((scenario) => {
      const golden = Deno.readTextFileSync(`${ROOT}/fixtures/golden/${scenario.replaceAll("/", "_")}.prom`);
      return [...golden.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? "");
    }),
  );
  assert.ok(shown.size > 30);
  for (const name of shown) assert.match(readme, new RegExp(`^\\|.*\`${name}[\`{]`, "m"), name);
});

Deno.test("every flag of the exporter stands in the README, as its table has it", () => {
  for (const flag of EXPORTER_FLAGS) {
    const row = readme.split("\n").find((line) => line.startsWith(`| \`${flagUsage(flag)}\` |`));
    assert.ok(row?.includes(flag.help), flag.name);
    assert.ok(row?.includes(flag.default === undefined ? "|  |" : `| \`${flag.default}\` |`), flag.name);
  }
});

Deno.test("every dependency stands in the README with its version", () => {
  for (const target of Object.values(manifest.imports)) {
    const [, name, version] = /^npm:\/?(.+)@([\d.]+)\/?$/.exec(target) ?? [];
    assert.ok(name !== undefined && version !== undefined, `${target} has no exact version`);
    assert.ok(readme.replace(/\s+/g, " ").includes(`\`${name}\` ${version}`), `${name} ${version}`);
  }
});

Deno.test("every path of the sandbox that runs something stands in the README", () => {
  for (const path of [...SCOPES.run, ...SCOPES.read]) assert.ok(readme.includes(`\`${path}\``), path);
});

Deno.test("every file that the README points to is there", () => {
  for (const [, path] of readme.matchAll(/\]\(((?!https?:)[^)#]+)(?:#[^)]*)?\)/g)) {
    assert.ok(Deno.statSync(`${ROOT}/${path}`).size > 0, path);
  }
});

for (const shell of ["bash", "dash"] as const) {
  toolTest(`every download of the README saves all its files, in ${shell}`, ["curl", shell], async () => {
    const lines = [...readme.matchAll(/^ *(curl .*-\w*O.*)$/gm)].map(([, line = ""]) => line);
    assert.ok(lines.length >= 2);
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, served);
    for (const line of lines) {
      const [, folder = "", files = ""] = /"?https:\/\/github\.com(\S+\/)([^"\s]+)"?$/.exec(line) ?? [];
      const names = files.replaceAll(/[{}]/g, "").split(",");
      const cwd = await Deno.makeTempDir({ prefix: "walg-readme-" });
      try {
        const command = line.replace("https://github.com", `http://127.0.0.1:${server.addr.port}`);
        const { success, stdout } = await new Deno.Command(shell, { args: ["-c", command], cwd }).output();
        assert.ok(success, line);
        assert.equal(new TextDecoder().decode(stdout), "", line);
        assert.deepEqual([...Deno.readDirSync(cwd)].map(({ name }) => name).toSorted(), names.toSorted(), line);
        for (const name of names) assert.equal(await Deno.readTextFile(`${cwd}/${name}`), folder + name);
      } finally {
        await Deno.remove(cwd, { recursive: true });
      }
    }
  });
}

/** A file that holds its own path. */
function served(request: Request): Response {
  return new Response(new URL(request.url).pathname);
}
