import type { Flag } from "./flag.ts";

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
