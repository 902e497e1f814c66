import { type Flag, flagValues } from "../../base/flag.ts";
import { type Host, OperatorError } from "../../base/host.ts";
import { SOURCE_FLAGS } from "../../cluster/sources.ts";
import { type ClusterConfig, INTERVAL_FLAGS, TIMEOUT_FLAGS, WALG_FLAGS } from "../../operations/config.ts";
import { LIMIT_FLAGS } from "../../operations/limits.ts";
import type { State } from "../../operations/state.ts";
import { type Config, readConfig } from "../config.ts";
import { recoveryOf } from "../../cluster/parts.ts";
import { statusOf, viewOf } from "../../status/view.ts";
import type { Command, Invocation } from "../command.ts";
import { createProgress } from "../progress.ts";
import { type Rounds, runRound, runRounds } from "../round.ts";
import { listenForInterrupt } from "../signals.ts";
import {
  clustersJson,
  clustersText,
  jsonReport,
  OUTCOMES,
  type Report,
  reportOf,
  textReport,
  unknownJson,
  unknownReport,
  worstLevel,
} from "./report.ts";

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
const CHECK_FLAGS: readonly Flag[] = [
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
  ...SOURCE_FLAGS,
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
    {
      line: "walg-exporter check -clusters.dir=/etc/walg-exporter/clusters -cluster=main",
      does: "one of several clusters; without -cluster the worst of all",
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
  { format, config, host }: { readonly format: string; readonly config: Config; readonly host: Host },
): Promise<readonly [report: string, exitStatus: number]> {
  using interrupt = listenForInterrupt();
  using progress = createProgress(host);
  const { build, clock, hostname } = host;
  const report = (state: State, config: ClusterConfig): Report => {
    const options = { config, build, hostname, telemetryPath: "", sandbox: undefined, now: clock.now() };
    return reportOf(statusOf(viewOf(state, recoveryOf(state)), options));
  };
  const ofOne = (report: Report): readonly [string, number] => [
    format === "json" ? jsonReport(report) : textReport(report),
    OUTCOMES[report.level].exitStatus,
  ];
  const ofSeveral = ({ rounds, refused }: Rounds): readonly [string, number] => {
    const found = {
      reported: rounds.map(({ name, config, state }) => ({ name, report: report(state, config) })),
      refused,
    };
    const [only] = found.reported;
    const wanted = config.sources?.wanted ?? [];
    const broken = refused.find(({ name }) => name !== undefined && wanted.includes(name));
    // One that was asked for by name is shown as one without a name is.
    if (wanted.length === 1 && only !== undefined) return ofOne(only.report);
    if (wanted.length === 1 && broken !== undefined) return unknown(`${broken.file} ${broken.why}`);
    return [format === "json" ? clustersJson(found) : clustersText(found), OUTCOMES[worstLevel(found)].exitStatus];
  };
  try {
    const options = { config, host, progress, signal: interrupt.signal, endsEarly: true };
    const made = config.sources === undefined
      ? ofOne(report(await runRound(options), config))
      : ofSeveral(await runRounds({ ...options, sources: config.sources }));
    progress.close();
    if (interrupt.received !== undefined) return unknown(`ended by ${interrupt.received} before wal-g had answered`);
    return made;
  } catch (fault) {
    // What the operator can fix is said as for every command.
    if (fault instanceof OperatorError) throw fault;
    // Any other end would be exit status 1, which monitoring systems take for WARNING.
    return unknown(`fault of walg-exporter itself: ${fault instanceof Error ? fault.stack : String(fault)}`);
  }

  function unknown(why: string): readonly [string, number] {
    return [format === "json" ? unknownJson(why) : unknownReport(why), OUTCOMES.unknown.exitStatus];
  }
}
