import { COMMANDS } from "../../src/cli/commands.ts";
import { completionScript, SHELLS } from "../../src/cli/completion.ts";

/** Where Debian's shells look for a completion script. */
const PLACES: Readonly<Record<typeof SHELLS[number], string>> = {
  bash: "usr/share/bash-completion/completions/walg-exporter",
  zsh: "usr/share/zsh/vendor-completions/_walg-exporter",
  fish: "usr/share/fish/vendor_completions.d/walg-exporter.fish",
};

/** The completion scripts with their places in the package. */
export function completionScripts(): readonly { readonly path: string; readonly script: string }[] {
  return SHELLS.map((shell) => ({ path: PLACES[shell], script: completionScript(shell, COMMANDS) }));
}
