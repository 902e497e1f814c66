import { UsageError } from "../base/flag.ts";
import { CHECK } from "../commands/check/check.ts";
import { type Command, type Invocation, USAGE_ERROR } from "../commands/command.ts";
import { DOCTOR } from "../commands/doctor/doctor.ts";
import { ONCE } from "../commands/once.ts";
import { PLAN } from "../commands/plan.ts";
import { SERVE } from "../commands/serve.ts";
import { completionScript, SHELLS } from "./completion.ts";

const COMPLETION: Command = {
  name: "completion",
  summary: "Print a completion script for bash, zsh or fish.",
  description: "Prints a script by which the shell completes commands, flags and their values.",
  flags: [],
  positionals: SHELLS.join("|"),
  positionalChoices: SHELLS,
  exitStatuses: [
    { status: "0", means: "printed" },
    { status: "1", means: "the script could not be written to stdout as a whole" },
    USAGE_ERROR,
  ],
  examples: [
    { line: "source <(walg-exporter completion bash)", does: "for this bash; in ~/.bashrc for every one" },
    {
      line: "walg-exporter completion zsh > ~/.zfunc/_walg-exporter",
      does: "for zsh, with ~/.zfunc in fpath before compinit",
    },
    { line: "walg-exporter completion fish > ~/.config/fish/completions/walg-exporter.fish", does: "for fish" },
  ],
  run: (invocation) => Promise.resolve(invocation).then(runCompletion),
};

/** All commands, the one that runs without a name first. */
export const COMMANDS: readonly [Command, ...Command[]] = [SERVE, CHECK, ONCE, PLAN, DOCTOR, COMPLETION];

/** Prints the completion script of the shell that is named; returns the exit status. */
function runCompletion({ positionals, host }: Invocation): number {
  const [name, unexpected] = positionals;
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined || unexpected !== undefined) {
    const given = positionals.length === 0 ? "no shell is named" : `'${positionals.join(" ")}' is not one shell`;
    throw new UsageError(`${given}; write walg-exporter completion ${SHELLS.join(", or ")}`);
  }
  host.stdout(completionScript(shell, COMMANDS));
  return 0;
}
