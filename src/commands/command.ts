import type { Flag, GivenFlags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";

/** What a command is run with. */
export interface Invocation {
  readonly given: GivenFlags;
  readonly positionals: readonly string[];
  readonly host: Host;
}

/** One command of the executable. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does, for its help and the man page. */
  readonly description: string;
  readonly flags: readonly Flag[];
  /** How help writes its positional arguments; without it, it takes none. */
  readonly positionals?: string;
  /** What its positional argument can be. */
  readonly positionalChoices?: readonly string[];
  /** What its exit statuses mean. */
  readonly exitStatuses: readonly { readonly status: string; readonly means: string }[];
  /** Command lines worth knowing, with what they do. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** The exit status for a wrong command line; 2 if not given. */
  readonly usageErrorStatus?: number;
  /** The exit status for what the operator must fix; 1 if not given. */
  readonly errorStatus?: number;
  /** What stdout says of a command line that cannot be used, besides stderr; nothing if not given. */
  readonly refusal?: (why: string, args: readonly string[]) => string;
  /** Runs it and resolves to its exit status. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** What every command exits with for a command line that cannot be read, where it has no status of its own for that. */
export const USAGE_ERROR = { status: "2", means: "the command line is wrong" };
