import { type CompletableCommand, takesFile } from "./completion_value.ts";
import type { Flag } from "./flag.ts";
import { COMMON_FLAGS } from "./parse.ts";

/** The completion script for fish. */
export function completionFish(commands: readonly CompletableCommand[]): string {
  const [first, ...others] = commands;
  const names = others.map(({ name }) => name).join(" ");
  // The first command is the one that runs without a name.
  const conditions = new Map(others.map(({ name }) => [name, `__fish_seen_subcommand_from ${name}`]));
  const lines = commands.flatMap((command) => {
    const condition = conditions.get(command.name) ?? `not __fish_seen_subcommand_from ${names}`;
    return commandLines(command, condition);
  });
  const all = [first?.name ?? "", names].join(" ");
  return [
    "# Completion for walg-exporter in fish: ~/.config/fish/completions/walg-exporter.fish",
    "complete -c walg-exporter -f",
    ...commands.map(({ name, summary }) =>
      `complete -c walg-exporter -n 'not __fish_seen_subcommand_from ${all}' -a ${name} -d ${quoted(summary)}`
    ),
    ...lines,
    "",
  ].join("\n");
}

function commandLines({ flags, positionalChoices }: CompletableCommand, condition: string): readonly string[] {
  const on = `complete -c walg-exporter -n ${quoted(condition)}`;
  return [
    ...[...flags, ...COMMON_FLAGS].flatMap((flag) =>
      // With one dash and with two.
      ["-o", "-l"].map((option) => `${on} ${option} ${flag.name}${valueOptions(flag)} -d ${quoted(flag.help)}`)
    ),
    ...positionalChoices === undefined ? [] : [`${on} -a ${quoted(positionalChoices.join(" "))}`],
  ];
}

function valueOptions(flag: Flag): string {
  if (flag.kind === "switch") return "";
  if (flag.choices !== undefined) return ` -x -a ${quoted(flag.choices.join(" "))}`;
  return takesFile(flag) ? " -r -F" : " -x";
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
