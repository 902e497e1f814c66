import { runServe } from "../commands/serve.ts";
import type { Host } from "../host.ts";
import { EXPORTER_FLAGS } from "./exporter_flags.ts";
import type { Flag, GivenFlags } from "./flag.ts";

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
  /** What it does and what its exit status means, for its help and the man page. */
  readonly description: string;
  readonly flags: readonly Flag[];
  /** What stands for its positional arguments in help. */
  readonly positionals?: string;
  /** Command lines worth knowing, with what they do. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** The exit status for a wrong command line; 2 if not given. */
  readonly usageErrorStatus?: number;
  /** The exit status for what the operator must mend; 1 if not given. */
  readonly errorStatus?: number;
  /** Runs it and resolves to its exit status. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

const SERVE: Command = {
  name: "serve",
  summary: "Serve metrics and the status page (what runs without a command).",
  description: "Runs wal-g at intervals and serves what it said to Prometheus and to people. " +
    "SIGHUP runs every operation now; SIGTERM and SIGINT stop it.",
  flags: EXPORTER_FLAGS,
  examples: [
    { line: "walg-exporter", does: "serve on port 9351 with wal-g from PATH" },
    {
      line: "walg-exporter -web.listen-address=:8080 -walg.path=/opt/bin/wal-g -backup-list.scrape-interval=10m",
      does: "another port, another wal-g, backups listed every ten minutes",
    },
  ],
  run: runServe,
};

/** All commands, the one that runs without a name first. */
export const COMMANDS: readonly [Command, ...Command[]] = [SERVE];
