/** `deno run -A tools/readme_flags.ts [COMMAND]`: prints the flags of a command as a table for docs/flags.md. */
import { COMMANDS } from "../src/cli/commands.ts";
import type { Flag } from "../src/base/flag.ts";
import { flagUsage } from "../src/cli/help.ts";
import { COMMON_FLAGS } from "../src/cli/parse.ts";

const [name = COMMANDS[0].name] = Deno.args;
const command = COMMANDS.find((known) => known.name === name);
if (command === undefined) {
  write(
    Deno.stderr,
    `readme_flags: there is no command '${name}'; choose one of ${COMMANDS.map((known) => known.name)}\n`,
  );
  Deno.exit(2);
}
const rows = [...command.flags, ...COMMON_FLAGS].map(row);
write(Deno.stdout, ["| flag | default | |", "| --- | --- | --- |", ...rows, ""].join("\n"));

function row(flag: Flag): string {
  const choices = flag.choices === undefined ? "" : ` One of ${flag.choices.join(", ")}.`;
  const preset = flag.default === undefined ? "" : `\`${flag.default}\``;
  return `| \`${flagUsage(flag)}\` | ${preset} | ${(flag.help + choices).replaceAll("|", "\\|")} |`;
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  for (let left = new TextEncoder().encode(text); left.length > 0;) left = left.subarray(stream.writeSync(left));
}
