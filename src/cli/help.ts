import type { Flag } from "../base/flag.ts";
import type { Command } from "../commands/command.ts";
import { COMMON_FLAGS, COMMON_WORDS } from "./parse.ts";

/** How a flag is written, such as `-log.level=LEVEL`. */
export function flagUsage({ name, kind, placeholder = "VALUE" }: Flag): string {
  return kind === "switch" ? `-${name}` : `-${name}=${placeholder}`;
}

/** A flag's help with its choices and its default. */
export function flagHelp({ help, choices, default: preset, kind }: Flag): string {
  const notes = [
    ...choices ? [`one of ${choices.join(", ")}`] : [],
    ...kind === "texts" ? ["repeatable"] : [],
    ...preset === undefined ? [] : [`default ${preset}`],
  ];
  return notes.length === 0 ? help : `${help} (${notes.join("; ")})`;
}

const WIDTH = 100;

/** The help of a command; that of the first of all commands lists them. */
export function renderHelp(command: Command, commands: readonly Command[]): string {
  const isFirst = command === commands[0];
  const { own, shared } = partFlags(command, commands);
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
    ...isFirst
      ? ["", "Commands (walg-exporter help COMMAND for more):", ...[...commands, ...COMMON_WORDS].map(commandLine)]
      : [],
    "",
    "Flags (one dash or two, = or a space):",
    ...[...own, ...COMMON_FLAGS].flatMap(flagLines),
    ...shared.length > 0 ? ["", "Flags of the exporter that it takes, too:", ...shared.flatMap(flagLines)] : [],
    "",
    "Exit status:",
    ...command.exitStatuses.map(({ status, means }) => `  ${status.padEnd(10)}${means}`),
    "",
    "Examples:",
    ...command.examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]),
    "",
  ].join("\n");
}

/** The flags of a command: its own, and those that it shares with the first of all commands, the exporter. */
export function partFlags(
  command: Command,
  [first]: readonly Command[],
): { readonly own: readonly Flag[]; readonly shared: readonly Flag[] } {
  const isOwn = ({ name }: Flag): boolean => command === first || !first?.flags.some((flag) => flag.name === name);
  return { own: command.flags.filter(isOwn), shared: command.flags.filter((flag) => !isOwn(flag)) };
}

function commandLine({ name, summary }: Pick<Command, "name" | "summary">): string {
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
