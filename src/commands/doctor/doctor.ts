import { type Host, OperatorError } from "../../base/host.ts";
import type { Log } from "../../base/log.ts";
import { type Config, readConfig } from "../../operations/config.ts";
import type { Collector } from "../../operations/operation.ts";
import { COLLECTORS } from "../../operations/registry.ts";
import { type RecordedRun, recordedRun } from "../../operations/run.ts";
import { runVersion, VERSION_TIMEOUT_MS } from "../../walg/version.ts";
import { openWebAccess } from "../../web/config/access.ts";
import { type Invocation, refusePositionals } from "../command.ts";
import { createProgress, type Progress } from "../progress.ts";
import { queryScopes, queryUid } from "../sandbox.ts";
import { listenForInterrupt } from "../signals.ts";
import { addressStep, bindOnce } from "./address.ts";
import { sandboxStep, userStep, webConfigStep } from "./environment.ts";
import { skipped, type Step, stepLines, type StepName, type StepResult, summaryLine } from "./step.ts";
import {
  backupsStep,
  cachesStep,
  LOADER_VARIABLES,
  loaderVariablesStep,
  namedVariable,
  postgresStep,
  settingsStep,
  storageStep,
  versionStep,
  walgStep,
} from "./walg.ts";

/**
 * Checks what the operations need. One after the other: once the storage has failed, the rest would only wait for it,
 * with retries of half an hour.
 */
export async function examineOperations(examination: Examination): Promise<void> {
  const { config: { walgPath, walgConfigPath: configPath }, host: { env, clock }, show } = examination;
  const storageStart = clock.monotonic();
  const storage = await run(COLLECTORS["storage-check"], examination);
  const storageSeconds = clock.monotonic() - storageStart;
  const backupsStart = clock.monotonic();
  const backups = storage.result.how === "failure" ? undefined : await run(COLLECTORS["backup-list"], examination);
  const backupsSeconds = clock.monotonic() - backupsStart;

  const runs: readonly RecordedRun<unknown>[] = backups === undefined ? [storage] : [storage, backups];
  const stderr = runs.map((recorded) => recorded.stderr).join("");
  const failedStderr = runs.filter(({ result }) => result.how === "failure").map((recorded) => recorded.stderr);
  const settings = settingsStep({ stderr, failedStderr, configPath });
  show("config", settings);
  show("caches", cachesStep(stderr, env("HOME")));

  const unless = (failed: boolean, why: string, step: () => StepResult): StepResult => failed ? skipped(why) : step();
  const refused = settings.status === "failed";
  const without = "wal-g does not accept its settings";
  const storageFailed = storage.result.how === "failure";
  show(
    "storage",
    unless(refused && storageFailed, without, () => storageStep(storage.result, walgPath)),
    clock.monotonic() - storageSeconds,
  );
  if (backups === undefined) {
    show("backups", skipped("the storage does not answer"));
    show("PostgreSQL", skipped("wal-verify needs the storage, which does not answer"));
    return;
  }
  const backupsFailed = backups.result.how === "failure";
  show(
    "backups",
    unless(refused && backupsFailed, without, () => backupsStep(backups.result, walgPath)),
    clock.monotonic() - backupsSeconds,
  );
  const verifyStart = clock.monotonic();
  const verify = await run(COLLECTORS["wal-verify"], examination);
  show("PostgreSQL", postgresStep(verify.result, { backupsFailed, walgPath }), verifyStart);
}

async function run<T>(
  collector: Collector<T>,
  { config, host: { clock }, progress, signal }: Examination,
): Promise<RecordedRun<T>> {
  const ended = progress.start(collector.operation);
  try {
    return await recordedRun({ collector, previous: undefined, config, clock, signal });
  } finally {
    ended();
  }
}

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
  const end = await runVersion({ path: config.walgPath, clock, signal });
  ended();
  const named = namedVariable(end.startError);
  const set = LOADER_VARIABLES.filter((name) => env(name) !== undefined);
  show("LD_* variables", loaderVariablesStep({ set, named, sandboxed: !scopes.off }));
  show("user", userStep(queryUid()));
  const run = {
    end,
    walgPath: config.walgPath,
    timeout: VERSION_TIMEOUT_MS,
    blocked: blockedBy(named, scopes.runsWalg),
  };
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
