import { CHECK_FLAGS, refusal, runCheck } from "../commands/check/check.ts";
import { type Command, USAGE_ERROR } from "../commands/command.ts";
import { runDoctor } from "../commands/doctor/doctor.ts";
import { runOnceCommand } from "../commands/once.ts";
import { SERVE } from "../commands/serve.ts";
import { EXPORTER_FLAGS, SERIES_FLAGS, TIMEOUT_FLAGS, WALG_FLAGS } from "../operations/config.ts";
import { runCompletion, SHELLS } from "./completion.ts";

const CHECK: Command = {
  name: "check",
  summary: "Look once and judge: one line, a table, the exit status of a Nagios plugin.",
  description: "Runs every operation once, all at the same time, and says whether recovery is possible: a line with " +
    "perfdata as Nagios and Icinga read it, then a table. CRITICAL: the storage check or backup-list fails, there is " +
    "no backup, the newest backup is not restorable, WAL is lost, the storage holds another timeline, or a threshold " +
    "is passed. WARNING: wal-verify gives no answer, the newest backup is dated in the future, or only a -warn-… " +
    "threshold is passed. UNKNOWN: wal-g cannot be run. No threshold is set by default; each -max-… and -min-… flag has a -warn-… twin (-max-backup-age and " +
    "-warn-backup-age). A threshold on what wal-g cannot tell is a WARNING. The timeouts of the monitoring system " +
    "must be longer than those of the flags.",
  flags: CHECK_FLAGS,
  exitStatuses: [
    { status: "0", means: "OK" },
    { status: "1", means: "WARNING" },
    { status: "2", means: "CRITICAL" },
    {
      status: "3",
      means: "UNKNOWN: wal-g cannot be run, a wrong command line, a signal, or stdout takes no more",
    },
  ],
  examples: [
    { line: "walg-exporter check", does: "can this cluster be recovered?" },
    {
      line: "walg-exporter check -max-backup-age=26h -warn-backup-age=25h -min-recovery-window=168h",
      does: "critical without a backup for 26 hours or with less than seven days to go back",
    },
    { line: "walg-exporter check -format=json | jq .summary", does: "the same for programs" },
  ],
  usageErrorStatus: 3,
  errorStatus: 3,
  refusal,
  run: runCheck,
};

const ONCE: Command = {
  name: "once",
  summary: "Run every operation once and print the metrics.",
  description:
    "Runs every operation once, all at the same time, and writes the metrics to stdout, for node_exporter's " +
    "textfile collector: without the process_* series, which would clash with its own. An operation that fails is told " +
    "on stderr and by its own series; those of the others are there.",
  flags: [...WALG_FLAGS, ...TIMEOUT_FLAGS, ...SERIES_FLAGS],
  exitStatuses: [
    { status: "0", means: "every operation succeeded" },
    { status: "1", means: "an operation failed; the metrics are whole all the same" },
    USAGE_ERROR,
    { status: "3", means: "the metrics could not be written to stdout as a whole" },
    { status: "130, 143", means: "ended by SIGINT or SIGTERM; nothing was written" },
  ],
  examples: [
    { line: "walg-exporter once", does: "what a scrape would show" },
    {
      line: "walg-exporter once > walg.prom.tmp; [ $? -le 1 ] && mv walg.prom.tmp walg.prom",
      does: "for the textfile collector: it never sees half a file, and failures show as series",
    },
  ],
  errorStatus: 3,
  run: runOnceCommand,
};

const DOCTOR: Command = {
  name: "doctor",
  summary: "Check the setup step by step and say what to fix.",
  description:
    "Checks what the exporter needs, in order: the sandbox, LD_* variables, the user, wal-g and its version, " +
    "its config, its caches, the storage, the backups, PostgreSQL, the web config and the address to listen on. Each " +
    "line says ok, failed or skipped, how long it took, WAL-G's own error and what to do. It takes the exporter's flags: run it as the " +
    "exporter's user, with the exporter's environment.",
  flags: EXPORTER_FLAGS,
  exitStatuses: [
    { status: "0", means: "nothing failed" },
    { status: "1", means: "something failed, or not all of it could be written to stdout" },
    USAGE_ERROR,
    { status: "130, 143", means: "ended by SIGINT or SIGTERM" },
  ],
  examples: [
    { line: "walg-exporter doctor", does: "with the flags' defaults" },
    {
      line: "sudo -u postgres walg-exporter doctor -walg.config-path=/etc/wal-g.json",
      does: "as the user of PostgreSQL, with the flags of the exporter",
    },
  ],
  run: runDoctor,
};

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
  run: (invocation) => Promise.resolve().then(() => runCompletion(invocation, COMMANDS)),
};

/** All commands, the one that runs without a name first. */
export const COMMANDS: readonly [Command, ...Command[]] = [SERVE, CHECK, ONCE, DOCTOR, COMPLETION];
