import { type Flag, flagValues } from "../../base/flag.ts";
import type { Host } from "../../base/host.ts";
import { type ClusterConfig, INTERVAL_FLAGS, TIMEOUT_FLAGS, WALG_FLAGS } from "../../operations/config.ts";
import { LIMIT_FLAGS } from "../../operations/limits.ts";
import { readConfig } from "../config.ts";
import { recoveryOf } from "../../cluster/parts.ts";
import { statusOf, viewOf } from "../../status/view.ts";
import type { Command, Invocation } from "../command.ts";
import { createProgress } from "../progress.ts";
import { runRound } from "../round.ts";
import { listenForInterrupt } from "../signals.ts";
import { jsonReport, OUTCOMES, reportOf, textReport, unknownJson, unknownReport } from "./report.ts";

/**
 * What stdout says when the command line cannot be used: monitoring systems show nothing else.
 *
 * @param why one line
 * @param args as they were typed: nothing else of a wrong command line can be relied on
 */
function refusal(why: string, args: readonly string[]): string {
  return wantsJson(args) ? unknownJson(why) : unknownReport(why);
}

function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, at) => /^--?format=json$/.test(arg) || (/^--?format$/.test(arg) && args[at + 1] === "json"));
}

/** The formats of `check`. */
const CHECK_FORMATS = ["text", "json"] as const;

/** The flags of `check`. */
export const CHECK_FLAGS: readonly Flag[] = [
  ...LIMIT_FLAGS,
  {
    name: "format",
    kind: "choice",
    default: "text",
    choices: CHECK_FORMATS,
    placeholder: "FORMAT",
    help: "How the result is written.",
  },
  ...WALG_FLAGS,
  ...INTERVAL_FLAGS,
  ...TIMEOUT_FLAGS,
];

/** Looks once and judges. */
export const CHECK: Command = {
  name: "check",
  summary: "Run every operation once and judge, as a Nagios plugin does.",
  description:
    "Runs every operation once, all at the same time, and says what the status page and the alerts would: a " +
    "line with perfdata as Nagios and Icinga read it, then a table. Its status is the level of the first problem: " +
    "CRITICAL, WARNING, or UNKNOWN where wal-g cannot be run. The limits are those of the exporter, with the same " +
    "defaults; give both the same flags. Give the monitoring system a longer timeout than the flags set here.",
  flags: CHECK_FLAGS,
  exitStatuses: [
    { status: "0", means: "OK" },
    { status: "1", means: "WARNING" },
    { status: "2", means: "CRITICAL" },
    {
      status: "3",
      means: "UNKNOWN: wal-g cannot be run, wrong command line, signal, or stdout is full",
    },
  ],
  examples: [
    { line: "walg-exporter check", does: "can this cluster be recovered?" },
    {
      line:
        "walg-exporter check -warn-backup-age=8d -max-backup-age=15d -min-recovery-window=7d -warn-recovery-window=9d",
      does: "backups once a week, and seven days to go back",
    },
    { line: "walg-exporter check -format=json | jq .summary", does: "the same for programs" },
  ],
  usageErrorStatus: 3,
  errorStatus: 3,
  refusal,
  run: runCheck,
};

/** Runs every operation once and says what is wrong; resolves to the exit status of a monitoring plugin. */
async function runCheck({ given, host }: Invocation): Promise<number> {
  const format = flagValues(CHECK_FLAGS, given).choice("format");
  const [report, exitStatus] = await examine({ format, config: readConfig(given), host });
  host.stdout(report);
  return exitStatus;
}

async function examine(
  { format, config, host }: { readonly format: string; readonly config: ClusterConfig; readonly host: Host },
): Promise<readonly [report: string, exitStatus: number]> {
  using interrupt = listenForInterrupt();
  using progress = createProgress(host);
  try {
    const state = await runRound({ config, host, progress, signal: interrupt.signal, endsEarly: true });
    progress.close();
    if (interrupt.received !== undefined) return unknown(`ended by ${interrupt.received} before wal-g had answered`);
    const { build, clock, hostname } = host;
    const options = { config, build, hostname, telemetryPath: "", sandbox: undefined, now: clock.now() };
    const status = statusOf(viewOf(state, recoveryOf(state)), options);
    const report = reportOf(status);
    return [format === "json" ? jsonReport(report) : textReport(report), OUTCOMES[report.level].exitStatus];
  } catch (fault) {
    // Any other end would be exit status 1, which monitoring systems take for WARNING.
    return unknown(`fault of walg-exporter itself: ${fault instanceof Error ? fault.stack : String(fault)}`);
  }

  function unknown(why: string): readonly [string, number] {
    return [format === "json" ? unknownJson(why) : unknownReport(why), OUTCOMES.unknown.exitStatus];
  }
}
