import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { flagUsage, partFlags, renderHelp, renderManPage } from "../../src/cli/help.ts";
import { parseFlags } from "../../src/cli/parse.ts";
import { runCli } from "../commands/run_cli.ts";
import { ROOT } from "../support/paths.ts";

for (const command of COMMANDS) {
  Deno.test(`${command.name}: its help has every flag, exit status and example, in at most 100 columns`, () => {
    const help = renderHelp(command, COMMANDS);
    for (const flag of command.flags) assert.ok(help.includes(`  ${flagUsage(flag)}\n`), flag.name);
    for (const { status, means } of command.exitStatuses) assert.ok(help.includes(`  ${status.padEnd(10)}${means}\n`));
    for (const { line, does } of command.examples) assert.ok(help.includes(`  ${line}\n      ${does}\n`));
    const long = help.split("\n").filter((line) => line.length > 100 && !line.startsWith("  walg-exporter"));
    assert.deepEqual(long, []);
  });

  Deno.test(`${command.name}: its examples are command lines that it takes`, () => {
    const lines = command.examples.flatMap(({ line }) => /walg-exporter( [^|;>)]*)?/.exec(line)?.[1] ?? []);
    for (const line of lines) {
      const [first = "", ...rest] = line.trim().split(" ");
      const args = first === command.name ? rest : [first, ...rest];
      const { positionals } = parseFlags(args.filter((arg) => arg !== ""), command.flags);
      for (const word of positionals) assert.ok(command.positionalChoices?.includes(word), line);
    }
  });
}

Deno.test("each command shows its help for -h, -help and --help", async () => {
  for (const command of COMMANDS) {
    const { code, stdout } = await runCli([command.name, "--help"]);
    assert.equal(code, 0);
    assert.equal(stdout, renderHelp(command, COMMANDS));
  }
  assert.equal((await runCli(["-h"])).stdout, renderHelp(COMMANDS[0], COMMANDS));
  assert.equal((await runCli(["check", "-help"])).stdout.split("\n")[0], "Usage: walg-exporter check [flags]");
});

Deno.test("the first help lists every command, and so itself by its name", () => {
  const help = renderHelp(COMMANDS[0], COMMANDS);
  for (const { name, summary } of COMMANDS) assert.ok(help.includes(`  ${name.padEnd(12)}${summary}\n`));
});

Deno.test("help and version are words, too, and a command's own flags come first", async () => {
  const [, check] = COMMANDS;
  assert.ok(check !== undefined);
  assert.equal((await runCli(["help"])).stdout, renderHelp(COMMANDS[0], COMMANDS));
  assert.equal((await runCli(["help", check.name])).stdout, renderHelp(check, COMMANDS));
  assert.equal((await runCli([check.name, "help"])).stdout, renderHelp(check, COMMANDS));
  assert.equal((await runCli(["version"])).stdout, (await runCli(["-version"])).stdout);
  const unknown = await runCli(["help", "chek"]);
  assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
  assert.match(unknown.stderr, /^walg-exporter: there is no command 'chek'; see walg-exporter -help for/);
  for (const command of COMMANDS) {
    const { own, shared } = partFlags(command, COMMANDS);
    if (command.name === "plan") assert.ok(own.length > 3 && shared.length > 3);
    const places = [...own, ...shared].map((flag) => renderHelp(command, COMMANDS).indexOf(`  ${flagUsage(flag)}\n`));
    assert.ok(places.every((place) => place > 0));
    assert.deepEqual(places, places.toSorted((a, b) => a - b));
  }
});

const MAN_PAGE = renderManPage(COMMANDS, { version: "1.2.3", date: "2026-11-23" });

/** The page as a reader sees it, on one line; undefined where the formatter is not installed. */
async function formatted(
  program: string,
  args: readonly string[],
): Promise<{ text: string; said: string } | undefined> {
  const file = await Deno.makeTempFile({ suffix: ".1" });
  try {
    await Deno.writeTextFile(file, MAN_PAGE);
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
  const page = renderManPage([{ ...serve, description }, ...rest], { version: "1", date: "2026-11-23" });
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
