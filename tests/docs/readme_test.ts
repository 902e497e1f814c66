import assert from "node:assert/strict";
import { EXPORTER_FLAGS } from "../../src/commands/config.ts";
import { SCOPES } from "../../src/base/host.ts";
import { flagUsage } from "../../src/cli/help.ts";
import manifest from "../../deno.json" with { type: "json" };
import { toolTest } from "../deploy/tools.ts";
import { filesOf } from "../../tools/packages/stage.ts";
import { FIRST_COMMANDS } from "../e2e/first_commands.ts";
import { blocksOf } from "./pages.ts";
import { ROOT, scenarios } from "../support/paths.ts";

const read = (path: string): string => Deno.readTextFileSync(`${ROOT}/${path}`);
const readme = read("README.md");
const [series, flags, dependencies, sandbox] = ["series.md", "flags.md", "dev/dependencies.md", "sandbox.md"]
  .map((name) => read(`docs/${name}`)) as [string, string, string, string];

Deno.test("the README is short, and every page is in the index", () => {
  assert.ok(readme.split("\n").length < 180);
  const index = read("docs/README.md");
  for (const path of filesOf(`${ROOT}/docs`).filter((name) => name.endsWith(".md") && name !== "README.md")) {
    assert.ok(index.includes(`](${path})`), path);
  }
});

Deno.test("every command of the README is run by a test, or says where it belongs", () => {
  for (const { text } of blocksOf([{ path: "README.md", text: readme }]).filter(({ language }) => language === "sh")) {
    const [first = ""] = text.split("\n");
    // tests/e2e/first_minutes_test.ts clones and runs the demo; CI itself runs the tests.
    if (text === FIRST_COMMANDS) continue;
    assert.match(first, /^# on /, text);
  }
});

Deno.test("every family that is ever shown stands on its page", () => {
  const shown = new Set(
    scenarios().flatMap((scenario) => {
      const golden = Deno.readTextFileSync(`${ROOT}/fixtures/golden/${scenario.replaceAll("/", "_")}.prom`);
      return [...golden.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? "");
    }),
  );
  assert.ok(shown.size > 30);
  for (const name of shown) assert.match(series, new RegExp(`^\\|.*\`${name}[\`{]`, "m"), name);
});

Deno.test("every flag of the exporter stands in docs/flags.md, as its table has it", () => {
  for (const flag of EXPORTER_FLAGS) {
    const row = flags.split("\n").find((line) => line.startsWith(`| \`${flagUsage(flag)}\` |`));
    assert.ok(row?.includes(flag.help), flag.name);
    assert.ok(row?.includes(flag.default === undefined ? "|  |" : `| \`${flag.default}\` |`), flag.name);
  }
});

Deno.test("every dependency stands in docs/dev/dependencies.md with its version", () => {
  for (const target of Object.values(manifest.imports)) {
    const [, name, version] = /^npm:\/?(.+)@([\d.]+)\/?$/.exec(target) ?? [];
    assert.ok(name !== undefined && version !== undefined, `${target} has no exact version`);
    assert.ok(dependencies.replace(/\s+/g, " ").includes(`\`${name}\` ${version}`), `${name} ${version}`);
  }
});

Deno.test("every path of the sandbox that runs something stands on its page", () => {
  for (const path of [...SCOPES.run, ...SCOPES.read]) assert.ok(sandbox.includes(`\`${path}\``), path);
});

for (const shell of ["bash", "dash"] as const) {
  toolTest(`every download of the README saves all its files, in ${shell}`, ["curl", shell], async () => {
    const lines = [...readme.matchAll(/^ *(curl .*-\w*O.*)$/gm)].map(([, line = ""]) => line);
    assert.ok(lines.length >= 1);
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
