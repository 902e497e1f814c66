import type { Flag } from "../base/flag.ts";
import { singleQuoted } from "../base/text.ts";
import type { Command } from "../commands/command.ts";
import { flagHelp } from "./help.ts";
import { COMMON_FLAGS, COMMON_WORDS } from "./parse.ts";

/** Whether a flag's value is the name of a file; the path of the metrics is one of URLs. */
function takesFile({ placeholder, name }: Flag): boolean {
  return placeholder === "PATH" && name !== "web.telemetry-path";
}

const WORDS = COMMON_WORDS.map(({ name }) => name);

/** The completion script for bash from 4.2 on; it needs no other package. */
function completionBash(commands: readonly Command[]): string {
  const [first, ...others] = commands.map(({ name }) => name);
  return `# Completion for walg-exporter in bash: source <(walg-exporter completion bash)
_walg_exporter() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev= flag= command=${first} with= dashes=- flags= words=
  ((COMP_CWORD > 0)) && prev=\${COMP_WORDS[COMP_CWORD - 1]}
  # Where = parts words, it is a word of its own.
  if [[ $cur == '=' ]]; then
    flag=$prev cur=
  elif [[ $prev == '=' ]] && ((COMP_CWORD > 1)); then
    flag=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $cur == -*=* ]]; then
    flag=\${cur%%=*} with=\${cur%%=*}= cur=\${cur#*=}
  elif [[ $prev == -* ]]; then
    flag=$prev
  fi
  flag=\${flag#-}
  flag=\${flag#-}
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
      ${[first, ...others].join(" | ")}) command=\${COMP_WORDS[1]} ;;
    esac
  fi
  COMPREPLY=()
  case $command:$flag in
${commands.flatMap(valueCases).join("\n")}
  esac
  case $command in
${commands.map(wordCase).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    [[ $cur == --* ]] && dashes=--
    mapfile -t COMPREPLY < <(compgen -P "$dashes" -W "$flags" -- "\${cur#"$dashes"}")
    [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
    return
  fi
  ((COMP_CWORD == 1)) && words="${[first, ...others, ...WORDS].join(" ")}"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _walg_exporter walg-exporter
`;
}

/** What values the flags of a command take; a flag that takes what nobody can guess completes to nothing. */
function valueCases({ name, flags }: Command): readonly string[] {
  const valued = flags.filter(({ kind }) => kind !== "switch");
  const chosen = valued.filter(({ choices }) => choices !== undefined);
  const files = valued.filter(takesFile);
  const others = valued.filter((flag) => !chosen.includes(flag) && !files.includes(flag));
  const pattern = (some: readonly Flag[]): string => some.map((flag) => `${name}:${flag.name}`).join(" | ");
  const one = (some: readonly Flag[], action: string): string[] =>
    some.length === 0 ? [] : [`    ${pattern(some)})\n      ${action}\n      return\n      ;;`];
  return [
    ...chosen.flatMap((flag) =>
      one([flag], `mapfile -t COMPREPLY < <(compgen -P "$with" -W "${flag.choices?.join(" ")}" -- "$cur")`)
    ),
    ...one(
      files,
      `compopt -o filenames 2>/dev/null\n      mapfile -t COMPREPLY < <(compgen -P "$with" -f -- "$cur")`,
    ),
    ...one(others, ":"),
  ];
}

function wordCase({ name, flags, positionalChoices = [] }: Command): string {
  const names = [...flags, ...COMMON_FLAGS].map((flag) => flag.kind === "switch" ? flag.name : `${flag.name}=`);
  return `    ${name}) flags="${names.join(" ")}" words="${positionalChoices.join(" ")}" ;;`;
}

/** The completion script for fish. */
function completionFish(commands: readonly Command[]): string {
  const [first, ...others] = commands;
  const names = others.map(({ name }) => name).join(" ");
  // The first command is the one that runs without a name.
  const lines = commands.flatMap((command) => {
    const seen = command === first
      ? `not __fish_seen_subcommand_from ${names}`
      : `__fish_seen_subcommand_from ${command.name}`;
    return commandLines(command, seen);
  });
  const all = [first?.name ?? "", names, ...WORDS].join(" ");
  return [
    "# Completion for walg-exporter in fish: ~/.config/fish/completions/walg-exporter.fish",
    "complete -c walg-exporter -f",
    ...[...commands, ...COMMON_WORDS].map(({ name, summary }) =>
      `complete -c walg-exporter -n 'not __fish_seen_subcommand_from ${all}' -a ${name} -d ${quoted(summary)}`
    ),
    ...lines,
    "",
  ].join("\n");
}

function commandLines({ flags, positionalChoices }: Command, condition: string): readonly string[] {
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

/** The completion script for zsh: a function file for `fpath`, which can be sourced too. */
function completionZsh(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  return `#compdef walg-exporter
# Completion for walg-exporter in zsh: a file named _walg-exporter in a folder of fpath
_walg_exporter() {
  local command=${names[0]}
  local -a commands
  commands=(
${
    [...commands, ...COMMON_WORDS].map(({ name, summary }) =>
      `    ${singleQuoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`
    ).join("\n")
  }
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

function commandCase({ name, flags, positionalChoices }: Command): string {
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

/** The shells that there are scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

const SCRIPTS = { bash: completionBash, zsh: completionZsh, fish: completionFish };

/** The completion script of a shell, made from the table of commands. */
export function completionScript(shell: typeof SHELLS[number], commands: readonly Command[]): string {
  return SCRIPTS[shell](commands);
}
