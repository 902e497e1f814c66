import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import type { Flag } from "./flag.ts";
import { flagHelp, flagUsage } from "./flag_text.ts";
import { COMMON_FLAGS } from "./parse.ts";

const WIDTH = 100;

/** The help of a command; that of the first lists them all. */
export function renderHelp(command: Command): string {
  const isFirst = command === COMMANDS[0];
  const usage = [
    "walg-exporter",
    ...isFirst ? [] : [command.name],
    ...command.flags.length > 0 ? ["[flags]"] : [],
    ...command.positionals ? [command.positionals] : [],
  ];
  return [
    `Usage: ${usage.join(" ")}`,
    "",
    ...wrap(command.description, WIDTH),
    ...isFirst ? ["", "Commands (walg-exporter COMMAND -help for more):", ...COMMANDS.map(commandLine)] : [],
    "",
    "Flags (one dash or two, = or a space):",
    ...[...command.flags, ...COMMON_FLAGS].flatMap(flagLines),
    "",
    "Exit status:",
    ...command.exitStatuses.map(({ status, means }) => `  ${status.padEnd(10)}${means}`),
    "",
    "Examples:",
    ...command.examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]),
    "",
  ].join("\n");
}

function commandLine({ name, summary }: Command): string {
  return `  ${name.padEnd(12)}${summary}`;
}

function flagLines(flag: Flag): string[] {
  return [`  ${flagUsage(flag)}`, ...wrap(flagHelp(flag), WIDTH - 6).map((line) => `      ${line}`)];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
