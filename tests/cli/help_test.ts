import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { flagUsage, partFlags, renderHelp } from "../../src/cli/help.ts";
import { parseFlags } from "../../src/cli/parse.ts";
import { runCli } from "../commands/run_cli.ts";

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
