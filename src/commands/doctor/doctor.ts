import { type Host, OperatorError } from "../../base/host.ts";
import type { Log } from "../../base/log.ts";
import { formatCount } from "../../base/text.ts";
import { clusterConfig, commonConfig, findClusters } from "../../cluster/sources.ts";
import { enabledOperations } from "../../operations/config.ts";
import type { Operation } from "../../operations/operation.ts";
import { inOrderOfNeed } from "../../operations/registry.ts";
import { runOnce, type RunResult } from "../../operations/run.ts";
import { fixFor } from "../../walg/failure.ts";
import { runVersion } from "../../walg/version.ts";
import { openWebAccess } from "../../web/access.ts";
import { type Command, type Invocation, USAGE_ERROR } from "../command.ts";
import { type Config, EXPORTER_FLAGS, readConfig } from "../config.ts";
import { createProgress, type Progress } from "../progress.ts";
import { noClusters } from "../round.ts";
import { queryScopes, queryUid } from "../sandbox.ts";
import { listenForInterrupt } from "../signals.ts";
import { addressStep, bindOnce } from "./address.ts";
import {
  cachesStep,
  failed,
  LOADER_VARIABLES,
  loaderVariablesStep,
  namedVariable,
  ok,
  sandboxStep,
  settingsStep,
  skipped,
  type Step,
  stepLines,
  type StepResult,
  summaryLine,
  userStep,
  versionStep,
  walgStep,
} from "./steps.ts";

/** Checks the setup step by step. */
export const DOCTOR: Command = {
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
    { status: "1", means: "something failed, or the result could not be written to stdout completely" },
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

/** What the checks are made with. */
interface Examination {
  readonly config: Config;
  readonly host: Host;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Shows a check and how long it took, where it took time of its own. */
  readonly show: (name: string, result: StepResult, seconds?: number) => void;
}

/** Checks the setup step by step; resolves to the exit status. */
async function runDoctor({ given, host }: Invocation): Promise<number> {
  const read = readConfig(given);
  const config = read.sources === undefined ? read : commonConfig(read, host);
  using interrupt = listenForInterrupt();
  using progress = createProgress(host);
  const steps: Step[] = [];
  const show: Examination["show"] = (name, result, seconds) => {
    if (interrupt.received !== undefined) return;
    const step = { name, ...result, ...(seconds !== undefined && { seconds }) };
    steps.push(step);
    progress.clear();
    host.stdout(stepLines(step));
  };
  await examine({ config, host, progress, signal: interrupt.signal, show });
  progress.close();
  if (interrupt.received !== undefined) {
    host.stderr(`walg-exporter: ended by ${interrupt.received}\n`);
    return interrupt.exitStatus;
  }
  host.stdout(summaryLine(steps));
  return steps.some(({ status }) => status === "failed") ? 1 : 0;
}

async function examine(examination: Examination): Promise<void> {
  const { config, host, progress, signal, show } = examination;
  const { clock, env } = host;
  const since = (start: number): number => (clock.monotonic() - start) / 1000;
  const start = clock.monotonic();
  const scopes = queryScopes(config);
  show("sandbox", sandboxStep(scopes), since(start));

  const runStart = clock.monotonic();
  const ended = progress.start("wal-g --version");
  const end = await runVersion({ path: config.walgPath, environment: config.environment, clock, signal });
  ended();
  const named = namedVariable(end.startError);
  const set = LOADER_VARIABLES.filter((name) => env(name) !== undefined);
  show("LD_* variables", loaderVariablesStep({ set, named, sandboxed: !scopes.off }));
  show("user", userStep(queryUid()));
  const run = { end, walgPath: config.walgPath, blocked: blockedBy(named, scopes.runsWalg) };
  const walg = walgStep(run);
  show("wal-g", walg, since(runStart));
  const version = walg.status === "ok" ? versionStep(run) : skipped("wal-g cannot be run");
  show("version", version);

  if (version.status === "ok") await (config.sources ? examineClusters : examineOperations)(examination);
  else skipOperations(walg.status === "ok" ? "this wal-g cannot be used" : "wal-g cannot be run", examination);

  if (config.webConfigFile !== undefined) {
    const webStart = clock.monotonic();
    const result = scopes.refusedFiles.length > 0
      ? skipped("the sandbox does not read it")
      : await webConfigStep(config.webConfigFile, host);
    show("web config", result, since(webStart));
  }
  const addressStart = clock.monotonic();
  const bindings = await Promise.all(config.listenAddresses.map((address) => bindOnce(address, clock)));
  const address = scopes.refusedAddresses.length > 0
    ? skipped("the sandbox does not listen there")
    : addressStep(bindings);
  show("address", address, since(addressStart));
}

/** Whether the web config can be used. */
async function webConfigStep(path: string, host: Host): Promise<StepResult> {
  try {
    await openWebAccess({ ...host, path, log: SILENT });
    return ok(`${path} can be used`);
  } catch (fault) {
    if (!(fault instanceof OperatorError)) throw fault;
    return failed(fault.message, "Correct what the message names: without it, the exporter does not start.");
  }
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function skipOperations(why: string, { config, show }: Examination): void {
  const steps = inOrderOfNeed(enabledOperations(config)).map(({ doctor }) => doctor.step);
  for (const name of ["config", "caches", ...steps]) show(name, skipped(why));
}

function blockedBy(variable: string | undefined, runsWalg: boolean): string | undefined {
  if (variable !== undefined) return `${variable} keeps it from being run`;
  return runsWalg ? undefined : "the sandbox does not run it";
}

/** Checks what the operations of each cluster need, one cluster after the other. */
async function examineClusters(examination: Examination): Promise<void> {
  const { config, host, signal, show } = examination;
  if (config.sources === undefined) return;
  try {
    const { clusters, refused } = await findClusters(config.sources, host);
    for (const { file, why } of refused) show("clusters", failed(`${file}: ${why}`, undefined));
    if (clusters.size + refused.length === 0) {
      show("clusters", failed(noClusters(config.sources).message, undefined));
    } else if (refused.length === 0) show("clusters", ok(`${formatCount(clusters.size, "config file")} can be used`));
    for (const source of clusters.values()) {
      if (signal.aborted) return;
      const own: Examination["show"] = (name, result, seconds) => show(`${source.name}: ${name}`, result, seconds);
      await examineOperations({ ...examination, config: clusterConfig(config, source), show: own });
    }
  } catch (fault) {
    if (!(fault instanceof OperatorError)) throw fault;
    show("clusters", failed(fault.message, "Correct what the message names: without it, the exporter does not start."));
  }
}

/** A run of an operation, or what kept it from being run. */
interface Examined {
  readonly operation: Operation<unknown>;
  /** Without one, what is wrong with the operation it needs. */
  readonly result: RunResult<unknown> | { readonly how: "not run"; readonly why: string };
  readonly seconds: number;
}

/**
 * Checks what the operations need. One after the other: once the storage has failed, the rest would only wait for it,
 * with retries of half an hour.
 */
async function examineOperations(examination: Examination): Promise<void> {
  const { config, host: { env }, show } = examination;
  const operations = inOrderOfNeed(enabledOperations(config));
  const basic = operations.filter(({ asksPostgres }) => !asksPostgres);
  const examined: Examined[] = [];
  for (const operation of basic) examined.push(await runAfter(examined, operation, examination));

  // What wal-g says of its settings, it says to the first of them.
  const stderrOf = ({ result }: Examined): string => result.how === "not run" ? "" : result.stderr;
  const failedOnes = examined.filter(({ result }) => result.how === "failure");
  const stderr = examined.map(stderrOf).join("");
  const settings = settingsStep({
    stderr,
    failedStderr: failedOnes.map(stderrOf),
    configPath: config.walgConfigPath,
  });
  show("config", settings);
  show("caches", cachesStep(stderr, env("HOME")));
  for (const one of examined) {
    const refused = settings.status === "failed" && failedOnes.includes(one);
    const step = refused ? skipped("wal-g does not accept its settings") : stepOf(one, [], config.walgPath);
    show(one.operation.doctor.step, step, one.seconds);
  }
  for (const operation of operations.filter((one) => !basic.includes(one))) {
    const one = await runAfter(examined, operation, examination);
    show(operation.doctor.step, stepOf(one, failedOnes, config.walgPath), one.seconds);
  }
}

async function runAfter(
  earlier: readonly Examined[],
  operation: Operation<unknown>,
  { config, host: { clock }, progress, signal }: Examination,
): Promise<Examined> {
  const since = clock.monotonic();
  const failedNeed = earlier.find((one) =>
    operation.needs.includes(one.operation.name) && (one.result.how === "not run" || one.result.how === "failure")
  );
  if (failedNeed !== undefined) return { operation, result: { how: "not run", why: whyOf(failedNeed) }, seconds: 0 };
  const ended = progress.start(operation.name);
  try {
    const result = await runOnce({ operation, previous: undefined, config, clock, signal });
    return { operation, result, seconds: (clock.monotonic() - since) / 1000 };
  } finally {
    ended();
  }
}

/** What the run of an operation says; one that failed after others may have failed for the same reason. */
function stepOf(
  { operation, result }: Examined,
  failedBefore: readonly Examined[],
  walgPath: string,
): StepResult {
  switch (result.how) {
    case "not run":
      return skipped(result.why);
    case "answer":
      return ok(operation.doctor.fine(result.value));
    case "unsupported":
      return skipped(result.reason);
    case "failure": {
      const [before] = failedBefore;
      const isPostgres = operation.asksPostgres && result.failure.type === "postgres_down";
      if (before !== undefined && !isPostgres) return skipped(whyOf(before));
      const { name, command } = operation;
      return failed(result.failure.message, fixFor(result.failure, { operation: name, command, walgPath }));
    }
  }
}

/** What is wrong with an operation that failed, or with the one it needs. */
function whyOf({ operation: { problem }, result }: Examined): string {
  if (result.how === "not run") return result.why;
  const text = problem.says(result.how === "failure" ? result.failure.type : "command_failed");
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
