import type { Command } from "./command.ts";
import type { Flag } from "./flag.ts";

/** What completion scripts need to know of a command. */
export type CompletableCommand = Pick<Command, "name" | "summary" | "flags" | "positionalChoices">;

/** Whether a flag's value is the name of a file; the path of the metrics is one of URLs. */
export function takesFile({ placeholder, name }: Flag): boolean {
  return placeholder === "PATH" && name !== "web.telemetry-path";
}

/** A word in single quotes, for shells that take a backslash in them as it is. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
