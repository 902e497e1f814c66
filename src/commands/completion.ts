import type { Invocation } from "../cli/command.ts";
import { completionScript, SHELLS } from "../cli/completion.ts";
import type { CompletableCommand } from "../cli/completion_value.ts";
import { UsageError } from "../cli/flag.ts";

/** Prints the completion script of the shell that is named; resolves to the exit status. */
export function runCompletion(
  { positionals, host }: Invocation,
  commands: readonly CompletableCommand[],
): number {
  const [name, unexpected] = positionals;
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined || unexpected !== undefined) {
    const given = positionals.length === 0 ? "no shell is named" : `'${positionals.join(" ")}' is not one shell`;
    throw new UsageError(`${given}; write walg-exporter completion ${SHELLS.join(", or ")}`);
  }
  host.stdout(completionScript(shell, commands));
  return 0;
}
