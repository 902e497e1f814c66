import type { Invocation } from "../cli/command.ts";
import { type Config, readConfig } from "../config.ts";
import { addressStep } from "../doctor/address.ts";
import { LOADER_VARIABLES, loaderVariablesStep, namedVariable } from "../doctor/loader_variables.ts";
import { stepLines, summaryLine } from "../doctor/report.ts";
import { sandboxStep } from "../doctor/sandbox.ts";
import { skipped, type Step, type StepName, type StepResult } from "../doctor/step.ts";
import { userStep } from "../doctor/user.ts";
import { versionStep, walgStep } from "../doctor/walg.ts";
import { webConfigStep } from "../doctor/web_config.ts";
import type { Host } from "../host.ts";
import { openWebAccess } from "../http/web_access.ts";
import type { Log } from "../log.ts";
import { OperatorError } from "../operator_error.ts";
import { bindOnce } from "./bind_once.ts";
import { examineOperations } from "./doctor_operations.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { refusePositionals } from "./positionals.ts";
import { createProgress, type Progress } from "./progress.ts";
import { queryScopes, queryUid } from "./scopes.ts";
import { runVersion, VERSION_TIMEOUT } from "../walg/version_run.ts";

/** What the checks are made with. */
export interface Examination {
  readonly config: Config;
  readonly host: Host;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Shows a check; `since` is when it began, on the monotonic clock, where it took time of its own. */
  readonly show: (name: StepName, result: StepResult, since?: number) => void;
}

/** Checks the setup step by step; resolves to the exit status. */
export async function runDoctor({ given, positionals, host }: Invocation): Promise<number> {
  refusePositionals(positionals, "doctor");
  const config = readConfig(given);
  const interrupt = listenForInterrupt();
  const progress = createProgress(host);
  const steps: Step[] = [];
  const show = (name: StepName, result: StepResult, since?: number): void => {
    if (interrupt.received !== undefined) return;
    const seconds = since === undefined ? undefined : (host.clock.monotonic() - since) / 1000;
    const step = { name, ...result, ...(seconds !== undefined && { seconds }) };
    steps.push(step);
    progress.clear();
    host.stdout(stepLines(step));
  };
  try {
    await examine({ config, host, progress, signal: interrupt.signal, show });
    progress.close();
    if (interrupt.received !== undefined) {
      host.stderr(`walg-exporter: ended by ${interrupt.received}\n`);
      return interrupt.exitStatus;
    }
    host.stdout(summaryLine(steps));
    return steps.some(({ status }) => status === "failed") ? 1 : 0;
  } finally {
    progress.close();
    interrupt.release();
  }
}

async function examine(examination: Examination): Promise<void> {
  const { config, host: { clock, env }, progress, signal, show } = examination;
  const start = clock.monotonic();
  const scopes = queryScopes(config);
  const sandbox = sandboxStep(scopes);
  show("sandbox", sandbox, start);

  const runStart = clock.monotonic();
  const ended = progress.start("wal-g --version");
  const end = await runVersion({ config, clock, signal });
  ended();
  const named = namedVariable(end.startError);
  const set = LOADER_VARIABLES.filter((name) => env(name) !== undefined);
  show("LD_* variables", loaderVariablesStep({ set, named, sandboxed: !scopes.off }));
  show("user", userStep(queryUid()));
  const run = { end, walgPath: config.walgPath, timeout: VERSION_TIMEOUT, blocked: blockedBy(named, scopes.runsWalg) };
  const walg = walgStep(run);
  show("wal-g", walg, runStart);
  const version = walg.status === "ok" ? versionStep(run) : skipped("wal-g cannot be run");
  show("version", version);

  if (version.status === "ok") await examineOperations(examination);
  else {for (const name of WALG_STEPS) {
      show(name, skipped(walg.status === "ok" ? "this wal-g is no use" : "wal-g cannot be run"));
    }}

  await examineWebConfig(examination, scopes.refusedFiles.length > 0);
  const addressStart = clock.monotonic();
  const bindings = await Promise.all(config.listenAddresses.map((address) => bindOnce(address, clock)));
  const address = scopes.refusedAddresses.length > 0
    ? skipped("the sandbox does not listen there")
    : addressStep(bindings);
  show("address", address, addressStart);
}

async function examineWebConfig({ config, host, show }: Examination, refused: boolean): Promise<void> {
  const path = config.webConfigFile;
  if (path === undefined) return;
  const start = host.clock.monotonic();
  let error: string | undefined;
  if (!refused) {
    try {
      await openWebAccess({ ...host, path, log: SILENT });
    } catch (fault) {
      if (!(fault instanceof OperatorError)) throw fault;
      error = fault.message;
    }
  }
  show("web config", webConfigStep({ path, error, refused }), start);
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const WALG_STEPS: readonly StepName[] = ["config", "caches", "storage", "backups", "PostgreSQL"];

function blockedBy(variable: string | undefined, runsWalg: boolean): string | undefined {
  if (variable !== undefined) return `${variable} keeps it from being run`;
  return runsWalg ? undefined : "the sandbox does not run it";
}
