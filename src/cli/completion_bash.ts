import { type CompletableCommand, takesFile } from "./completion_value.ts";
import type { Flag } from "./flag.ts";
import { COMMON_FLAGS } from "./parse.ts";

/** The completion script for bash from 4.2 on; it needs no other package. */
export function completionBash(commands: readonly CompletableCommand[]): string {
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
  ((COMP_CWORD == 1)) && words="${[first, ...others].join(" ")}"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _walg_exporter walg-exporter
`;
}

/** What values the flags of a command take; a flag that takes what nobody can guess completes to nothing. */
function valueCases({ name, flags }: CompletableCommand): readonly string[] {
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

function wordCase({ name, flags, positionalChoices = [] }: CompletableCommand): string {
  const names = [...flags, ...COMMON_FLAGS].map((flag) => flag.kind === "switch" ? flag.name : `${flag.name}=`);
  return `    ${name}) flags="${names.join(" ")}" words="${positionalChoices.join(" ")}" ;;`;
}
