import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { flagUsage } from "../../src/cli/help.ts";
import { renderManPage } from "../../src/cli/man.ts";
import { ROOT } from "../support/paths.ts";

const PAGE = renderManPage({ commands: COMMANDS, version: "1.2.3", date: "2026-11-23" });

/** The page as a reader sees it, on one line; undefined where the formatter is not installed. */
async function formatted(
  program: string,
  args: readonly string[],
): Promise<{ text: string; said: string } | undefined> {
  const file = await Deno.makeTempFile({ suffix: ".1" });
  try {
    await Deno.writeTextFile(file, PAGE);
    const { stdout, stderr } = await new Deno.Command(program, { args: [...args, file] }).output();
    const [out = "", said = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    // deno-lint-ignore no-control-regex
    return { text: out.replace(/.\x08|\x1b\[[\d;]*m/g, "").replace(/[\u2010-]\n\s+/g, "-").replace(/\s+/g, " "), said };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("man page: groff formats it without a warning, and every command and flag is in it", async (t) => {
  const page = await formatted("groff", ["-man", "-ww", "-Tascii", "-rHY=0"]);
  if (page === undefined) {
    await t.step({ name: "groff is not installed", ignore: true, fn: () => {} });
    return;
  }
  assert.equal(page.said, "");
  assert.match(page.text, / COMMANDS serve Serve metrics .* check Runs every operation once/);
  for (const { name, flags, examples } of COMMANDS) {
    assert.ok(page.text.includes(` ${name} `), name);
    for (const flag of flags) assert.ok(page.text.includes(flagUsage(flag)), flag.name);
    for (const { does } of examples) assert.ok(page.text.includes(does), does);
  }
});

Deno.test("man page: mandoc finds no error and nothing to warn of", async (t) => {
  const page = await formatted("mandoc", ["-Tlint", "-Wwarning"]);
  if (page === undefined) {
    await t.step({ name: "mandoc is not installed", ignore: true, fn: () => {} });
    return;
  }
  assert.equal(page.text.trim(), "");
});

Deno.test("man page: a text that looks like roff stays a text", () => {
  const [serve, ...rest] = COMMANDS;
  const description = ".SH gotcha \\fBbold\\fR\n'quote";
  const page = renderManPage({ commands: [{ ...serve, description }, ...rest], version: "1", date: "2026-11-23" });
  assert.ok(page.includes("\\&.SH gotcha \\efBbold\\efR"));
  assert.ok(page.includes("\n\\&'quote"));
});

Deno.test("tools/man.ts writes the page to a path, the same on any day where packagers set the time", async () => {
  const folder = await Deno.makeTempDir({ prefix: "walg-man-" });
  try {
    const path = `${folder}/made/walg-exporter.1`;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", `${ROOT}/tools/man.ts`, path],
      env: { SOURCE_DATE_EPOCH: "1795403563" },
    }).output();
    assert.ok(success);
    assert.match(
      await Deno.readTextFile(path),
      /^\.TH WALG\\-EXPORTER 1 2026-11-23 "walg\\-exporter \S+" "User Commands"\n/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
