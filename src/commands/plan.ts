import { createPace } from "../base/clock.ts";
import { type Flag, flagValues, type GivenFlags, UsageError } from "../base/flag.ts";
import { oneLine } from "../base/text.ts";
import { createPlanner } from "../cluster/planner.ts";
import { SOURCE_FLAGS } from "../cluster/sources.ts";
import { INTERVAL_FLAGS, TIMEOUT_FLAGS, WALG_FLAGS } from "../operations/config.ts";
import { type PlanRequest, readPlanRequest } from "../recovery/target.ts";
import { planScript } from "../recovery/plan_script.ts";
import { planJson, planText } from "../status/plan.ts";
import type { Command, Invocation } from "./command.ts";
import { readConfig } from "./config.ts";
import { createProgress } from "./progress.ts";
import { failuresOf, runOneRound } from "./round.ts";
import { listenForInterrupt } from "./signals.ts";

const FORMATS = ["text", "json", "sh"] as const;

/** The flags of `plan`. */
export const PLAN_FLAGS: readonly Flag[] = [
  {
    name: "to",
    kind: "text",
    default: "latest",
    placeholder: "TIME",
    help: "The point in time to recover, such as 2026-11-26T13:55:00Z; without a zone it is UTC. Or latest.",
  },
  {
    name: "to-lsn",
    kind: "text",
    placeholder: "LSN",
    help: "The LSN to recover instead of a time, such as 0/9000148.",
  },
  { name: "backup", kind: "text", placeholder: "NAME", help: "The backup to use, instead of the best one." },
  {
    name: "timeline",
    kind: "count",
    placeholder: "N",
    help: "The timeline whose history to recover, instead of the current one: for one that the cluster left.",
  },
  {
    name: "format",
    kind: "choice",
    default: "text",
    choices: FORMATS,
    placeholder: "FORMAT",
    help: "How the plan is written; sh: as a script that restores.",
  },
  ...WALG_FLAGS,
  ...SOURCE_FLAGS,
  ...INTERVAL_FLAGS,
  ...TIMEOUT_FLAGS,
];

/** Says how to recover a point in time. */
export const PLAN: Command = {
  name: "plan",
  summary: "Say how to recover a point in time: which backup, how much WAL, which commands.",
  description: "Runs every operation once, all at the same time, and says whether a point in time can be recovered, " +
    "from which backup and how much WAL, and the commands for it in their order. Where it cannot, the nearest points " +
    "that can are named. It restores nothing itself.",
  flags: PLAN_FLAGS,
  exitStatuses: [
    { status: "0", means: "it can be recovered, for certain or probably" },
    {
      status: "1",
      means: "stdout did not take the whole plan, or a cluster's config file cannot be used",
    },
    { status: "2", means: "it cannot be recovered, or the command line is wrong" },
    { status: "3", means: "it is not known whether it can be recovered" },
    { status: "130, 143", means: "ended by SIGINT or SIGTERM; nothing was written" },
  ],
  examples: [
    { line: "walg-exporter plan -to=2026-11-26T13:55:00Z", does: "how do I get back to 13:55?" },
    { line: "walg-exporter plan -format=json | jq -r .backup", does: "the backup for the latest state" },
    {
      line: "walg-exporter plan -to=latest -format=sh > restore.sh",
      does: "a script that restores into the empty folder PGDATA",
    },
    {
      line: "walg-exporter plan -clusters.dir=/etc/walg-exporter/clusters -cluster=main",
      does: "one of several clusters",
    },
  ],
  run: runPlan,
};

/** What the operator asked for. */
interface PlanOptions {
  readonly request: PlanRequest;
  readonly format: typeof FORMATS[number];
}

/**
 * Reads the flags of `plan`.
 *
 * @throws UsageError that names the flag and the fix
 */
function readPlanOptions(given: GivenFlags): PlanOptions {
  const flags = flagValues(PLAN_FLAGS, given);
  // In a script an unset variable must not ask for the latest state.
  for (const name of ["to", "to-lsn", "backup"]) {
    if (given.has(name) && flags.text(name)?.trim() === "") throw new UsageError(`-${name}: it is empty; leave it out`);
  }
  const read = readPlanRequest({
    to: given.has("to") ? flags.text("to") : undefined,
    toLsn: flags.text("to-lsn"),
    backup: flags.text("backup"),
    timeline: flags.text("timeline"),
  });
  if ("problem" in read) throw new UsageError(`-${read.parameter.replace("_", "-")}: ${read.problem}`);
  return { request: read.request, format: flags.choice("format") as PlanOptions["format"] };
}

async function runPlan({ given, host }: Invocation): Promise<number> {
  const { request, format } = readPlanOptions(given);
  const read = readConfig(given);
  using interrupt = listenForInterrupt();
  using progress = createProgress(host);
  const { clock } = host;
  const options = { config: read, host, progress, signal: interrupt.signal, endsEarly: true };
  const { config, state } = await runOneRound(options);
  progress.close();
  if (interrupt.received !== undefined) {
    host.stderr(`walg-exporter: ended by ${interrupt.received}; nothing was written to stdout\n`);
    return interrupt.exitStatus;
  }
  for (const { operation, failure } of failuresOf(state)) {
    host.stderr(`walg-exporter: ${operation} failed (${failure.type}): ${oneLine(failure.message)}\n`);
  }
  const made = await createPlanner({ state, config, now: clock.now })(request, createPace(clock));
  const { plan, walg, systemIdentifier } = made;
  host.stdout(
    format === "json" ? planJson(made) : format === "sh" ? planScript(plan, walg, systemIdentifier) : planText(made),
  );
  return plan.possible === undefined ? 3 : plan.possible ? 0 : 2;
}
