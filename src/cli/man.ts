import type { Flag } from "../base/flag.ts";
import type { Command } from "../commands/command.ts";
import { flagHelp, flagUsage, partFlags } from "./help.ts";
import { COMMON_FLAGS } from "./parse.ts";

/** What a man page is made from. */
export interface ManPageOptions {
  /** The one that runs without a name first. */
  readonly commands: readonly [Command, ...Command[]];
  readonly version: string;
  /** Of the release, such as `2026-11-23`. */
  readonly date: string;
}

/** The man page of section 1, in roff's man macros. */
export function renderManPage({ commands, version, date }: ManPageOptions): string {
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
