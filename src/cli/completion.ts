import { completionBash } from "./completion_bash.ts";
import { completionFish } from "./completion_fish.ts";
import { completionZsh } from "./completion_zsh.ts";
import type { CompletableCommand } from "./completion_value.ts";

/** The shells that there are scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The completion script of a shell, made from the table of commands. */
export function completionScript(shell: typeof SHELLS[number], commands: readonly CompletableCommand[]): string {
  switch (shell) {
    case "bash":
      return completionBash(commands);
    case "zsh":
      return completionZsh(commands);
    case "fish":
      return completionFish(commands);
  }
}
