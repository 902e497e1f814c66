import { type CompletableCommand, singleQuoted, takesFile } from "./completion_value.ts";
import type { Flag } from "./flag.ts";
import { flagHelp } from "./flag_text.ts";
import { COMMON_FLAGS } from "./parse.ts";

/** The completion script for zsh: a function file for `fpath`, which can be sourced too. */
export function completionZsh(commands: readonly CompletableCommand[]): string {
  const names = commands.map(({ name }) => name);
  return `#compdef walg-exporter
# Completion for walg-exporter in zsh: a file named _walg-exporter in a folder of fpath
_walg_exporter() {
  local command=${names[0]}
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${singleQuoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands
    return
  fi
  case $words[2] in
    ${names.join("|")})
      command=$words[2]
      shift words
      ((CURRENT--))
      ;;
  esac
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}
if [[ $funcstack[1] == _walg-exporter ]]; then
  _walg_exporter "$@"
else
  compdef _walg_exporter walg-exporter
fi
`;
}

function commandCase({ name, flags, positionalChoices }: CompletableCommand): string {
  const specs = [
    ...[...flags, ...COMMON_FLAGS].map(flagSpec),
    ...positionalChoices === undefined ? [] : [singleQuoted(`1:argument:(${positionalChoices.join(" ")})`)],
  ];
  return `    ${name})\n      _arguments \\\n        ${specs.join(" \\\n        ")}\n      ;;`;
}

function flagSpec(flag: Flag): string {
  const { name, kind, placeholder = "VALUE", choices } = flag;
  const help = flagHelp(flag).replace(/[\\[\]:]/g, "\\$&");
  const many = kind === "texts" ? "\\*" : "";
  if (kind === "switch") return `${many}{-,--}${singleQuoted(`${name}[${help}]`)}`;
  const values = choices !== undefined ? `(${choices.join(" ")})` : takesFile(flag) ? "_files" : " ";
  return `${many}{-,--}${singleQuoted(`${name}=[${help}]:${placeholder}:${values}`)}`;
}
