import { type Flag, flagValues, type GivenFlags, UsageError } from "../../base/flag.ts";
import { type Host, OperatorError } from "../../base/host.ts";
import { type ClusterConfig, INTERVAL_FLAGS, TIMEOUT_FLAGS, WALG_FLAGS } from "../../operations/config.ts";
import { SOURCE_FLAGS } from "../../cluster/sources.ts";
import type { State } from "../../operations/state.ts";
import { type Config, readConfig } from "../config.ts";
import { recoveryOf } from "../../cluster/parts.ts";
import { statusOf, viewOf } from "../../status/view.ts";
import type { Command, Invocation } from "../command.ts";
import { createProgress } from "../progress.ts";
import { runRound } from "../round.ts";
import { type Rounds, runRounds } from "../rounds.ts";
import { listenForInterrupt } from "../signals.ts";
import { clustersJson, clustersText, worstLevel } from "./clusters.ts";
import { judge } from "./judge.ts";
import { type Judgement, MEASURES, type MeasureWords, OUTCOMES, type Threshold, type Thresholds } from "./judgement.ts";
import { jsonReport, textReport, unknownJson, unknownReport } from "./report.ts";

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
  ...Object.values(MEASURES).flatMap((words): Flag[] => [
    thresholdFlag(words, words.critical, "CRITICAL"),
    thresholdFlag(words, words.warn, "WARNING"),
  ]),
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
  description: "Runs every operation once, all at the same time, and says whether recovery is possible: a line with " +
    "perfdata as Nagios and Icinga read it, then a table. CRITICAL: the storage check or backup-list fails, there is " +
    "no backup, the newest backup is not restorable, WAL is lost, the storage holds another timeline, or a threshold " +
    "is passed. WARNING: wal-verify gives no answer, the newest backup is dated in the future, or only a -warn-… " +
    "threshold is passed. UNKNOWN: wal-g cannot be run. No threshold is set by default; each -max-… and -min-… flag has a -warn-… twin (-max-backup-age and " +
    "-warn-backup-age). A threshold on something that is not known is a WARNING. Give the monitoring system a longer " +
    "timeout than the flags set here.",
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
      line: "walg-exporter check -max-backup-age=26h -warn-backup-age=25h -min-recovery-window=168h",
      does: "critical without a backup for 26 hours or with less than seven days to go back",
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

/** What the operator asked of `check`, beside how wal-g is run. */
interface CheckOptions {
  readonly thresholds: Thresholds;
  readonly format: typeof CHECK_FORMATS[number];
}

/**
 * Reads the flags of `check`.
 *
 * @throws UsageError that names the flag and the fix
 */
export function readCheckOptions(given: GivenFlags): CheckOptions {
  const flags = flagValues(CHECK_FLAGS, given);
  const thresholds = Object.entries(MEASURES).map(([measure, words]): [string, Threshold] => {
    const read = (name: string): number | undefined => {
      if (words.unit !== "s") return flags.count(name);
      const milliseconds = flags.duration(name);
      return milliseconds === undefined ? undefined : milliseconds / 1000;
    };
    const [warn, critical] = [read(words.warn), read(words.critical)];
    refuseHidden(words, warn, critical);
    return [measure, { ...(warn !== undefined && { warn }), ...(critical !== undefined && { critical }) }];
  });
  return {
    thresholds: Object.fromEntries(thresholds) as Thresholds,
    format: flags.choice("format") as CheckOptions["format"],
  };
}

/** A warning that would only come once it is critical already is a mistake. */
function refuseHidden({ isFloor, warn, critical }: MeasureWords, warnAt?: number, criticalAt?: number): void {
  if (warnAt === undefined || criticalAt === undefined || (isFloor ? warnAt > criticalAt : warnAt < criticalAt)) return;
  const side = isFloor ? "above" : "below";
  throw new UsageError(`-${warn} must be ${side} -${critical}, or its warning would never be seen`);
}

function thresholdFlag({ unit, beyond }: MeasureWords, name: string, word: string): Flag {
  const help = `${word} ${beyond}. Not judged if not given.`;
  return unit === "s"
    ? { name, kind: "duration", placeholder: "DURATION", help }
    : { name, kind: "count", placeholder: "N", help };
}

/** Runs every operation once and judges what they found; resolves to the exit status of a monitoring plugin. */
async function runCheck({ given, host }: Invocation): Promise<number> {
  const [report, exitStatus] = await examine({ ...readCheckOptions(given), config: readConfig(given), host });
  host.stdout(report);
  return exitStatus;
}

async function examine(
  { thresholds, format, config, host }: CheckOptions & { readonly config: Config; readonly host: Host },
): Promise<readonly [report: string, exitStatus: number]> {
  using interrupt = listenForInterrupt();
  using progress = createProgress(host);
  const judged = (state: State, config: ClusterConfig): Judgement => {
    const view = viewOf(state, recoveryOf(state));
    const { build, clock } = host;
    return judge(
      statusOf(view, { config, build, telemetryPath: "", sandbox: undefined, now: clock.now() }),
      thresholds,
    );
  };
  const ofOne = (judgement: Judgement): readonly [string, number] => [
    format === "json" ? jsonReport(judgement) : textReport(judgement),
    judgement.exitStatus,
  ];
  const ofSeveral = ({ rounds, refused }: Rounds): readonly [string, number] => {
    const found = {
      judged: rounds.map(({ name, config, state }) => ({ name, judgement: judged(state, config) })),
      refused,
    };
    const [only] = found.judged;
    // One that was asked for by name is shown as one without a name is.
    if (config.sources?.wanted.length === 1 && only !== undefined) return ofOne(only.judgement);
    return [format === "json" ? clustersJson(found) : clustersText(found), OUTCOMES[worstLevel(found)].exitStatus];
  };
  try {
    const options = { config, host, progress, signal: interrupt.signal, endsEarly: true };
    const report = config.sources === undefined
      ? ofOne(judged(await runRound(options), config))
      : ofSeveral(await runRounds({ ...options, sources: config.sources }));
    progress.close();
    if (interrupt.received !== undefined) return unknown(`ended by ${interrupt.received} before wal-g had answered`);
    return report;
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
