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

/**
 * The man page of section 1, in roff's man macros.
 *
 * @param commands the one that runs without a name first
 * @param release its date such as `2026-11-23`
 */
export function renderManPage(
  commands: readonly [Command, ...Command[]],
  { version, date }: { readonly version: string; readonly date: string },
): string {
  const [serve, ...others] = commands;
  return [
    `.TH WALG\\-EXPORTER 1 ${date} "walg\\-exporter ${plain(version)}" "User Commands"`,
    ".SH NAME",
    "walg\\-exporter \\- Prometheus exporter for WAL\\-G on PostgreSQL",
    ".SH SYNOPSIS",
    ...commands.flatMap((command) => [
      command === serve ? ".B walg\\-exporter" : `.br\n.B walg\\-exporter ${plain(command.name)}`,
      ...synopsisRest(command),
    ]),
    ".SH DESCRIPTION",
    ...paragraph(serve.description),
    ".PP",
    ...paragraph(
      "Every flag is written with one dash or two, and with = or a space before its value. Durations are " +
        "written as in Go, with d for days: 500ms, 1m30s, 26h, 8d.",
    ),
    ".SH FLAGS",
    ...[...serve.flags, ...COMMON_FLAGS].flatMap(flagEntry),
    ".SH COMMANDS",
    `.SS ${plain(serve.name)}`,
    ...paragraph(serve.summary),
    ...others.flatMap((command) => commandSection(command, commands)),
    ".SH EXIT STATUS",
    ...commands.flatMap(({ name, exitStatuses }) => [
      `.SS ${plain(name)}`,
      ...exitStatuses.flatMap(({ status, means }) => entry(plain(status), means)),
    ]),
    ".SH SIGNALS",
    ...entry("SIGHUP", "Runs every operation now."),
    ...entry("SIGTERM, SIGINT", "Stop the exporter, or end a command with the wal\\-g it runs.", true),
    ".SH FILES",
    ...entry("/etc/walg\\-exporter/bin/wal\\-g", "A symbolic link by which root lets the sandbox run any other wal-g."),
    ...entry("/etc/walg\\-exporter", "Where a web config, its certificates and keys can be read."),
    ".SH EXAMPLES",
    ...commands.flatMap(({ examples }) => examples.flatMap(({ line, does }) => entry(`\\fB${plain(line)}\\fR`, does))),
    ".SH SEE ALSO",
    "https://github.com/wal\\-g/wal\\-g",
    "",
  ].join("\n");
}

function synopsisRest({ flags, positionals }: Command): readonly string[] {
  const rest = [...flags.length > 0 ? ["[\\fIflags\\fR]"] : [], ...positionals ? [plain(positionals)] : []];
  return rest.length === 0 ? [] : [rest.join(" ")];
}

function commandSection(command: Command, commands: readonly Command[]): readonly string[] {
  const { own, shared } = partFlags(command, commands);
  const { name, description } = command;
  return [`.SS ${plain(name)}`, ...paragraph(description), ...[...own, ...shared].flatMap(flagEntry)];
}

function flagEntry(flag: Flag): readonly string[] {
  return entry(`\\fB${plain(flagUsage(flag))}\\fR`, flagHelp(flag));
}

/** A tagged paragraph; the tag is roff already. */
function entry(tag: string, text: string, isRoff = false): readonly string[] {
  return [".TP", tag, ...isRoff ? [text] : paragraph(text)];
}

/** A text as roff, a sentence a line, as roff likes it. */
function paragraph(text: string): readonly string[] {
  return plain(text).split(/(?<=[.:;]) (?=[A-Z])/);
}

/** A text without anything that roff would take for its own. */
function plain(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "\\&...").replace(/^(?=[.'])/gm, "\\&");
}
