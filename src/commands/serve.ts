import { OperatorError } from "../base/host.ts";
import { createLog } from "../base/log.ts";
import { inWords, SCOPES } from "../base/manifest.ts";
import { namesNoFile } from "../cluster/sources.ts";
import { createExposition, processSeries } from "../metrics/exposition.ts";
import { isOutOfDescriptors } from "../walg/command.ts";
import { overriddenVariables } from "../walg/version.ts";
import { onOrOff, openWebAccess } from "../web/access.ts";
import { createHandler } from "../web/handler.ts";
import { createInFlight } from "../web/in_flight.ts";
import {
  BindError,
  createFaultLog,
  formatListenAddress,
  parseListenAddress,
  serve,
  type ServeOptions,
  type Serving,
} from "../web/server.ts";
import { createRespond } from "../web/response.ts";
import { type Command, type Invocation, USAGE_ERROR } from "./command.ts";
import { EXPORTER_FLAGS, readConfig } from "./config.ts";
import { dropNetwork, dropPermissions } from "./sandbox.ts";
import { obeySignals } from "./signals.ts";
import { openWatching } from "./watching.ts";

/** What runs without a name: the exporter. */
export const SERVE: Command = {
  name: "serve",
  summary: "Serve metrics and the status page (what runs without a command).",
  description: "Runs wal-g at intervals and serves what it said to Prometheus and to people. " +
    "SIGHUP runs every operation now, or, with -cluster or -clusters.dir, looks at the clusters' config files again; " +
    "SIGTERM and SIGINT stop it.",
  flags: EXPORTER_FLAGS,
  exitStatuses: [
    { status: "0", means: "stopped by a signal" },
    { status: "1", means: "could not listen, or serving ended by itself" },
    USAGE_ERROR,
  ],
  examples: [
    { line: "walg-exporter", does: "serve on port 9351 with wal-g from PATH" },
    {
      line: "walg-exporter -web.listen-address=:8080 -walg.path=/opt/bin/wal-g -backup-list.scrape-interval=10m",
      does: "another port, another wal-g, backups listed every ten minutes",
    },
  ],
  run: runServe,
};

/** How long answers under way may take once the exporter stops, milliseconds. */
const DRAIN_TIMEOUT_MS = 2500;
/** How long stopping may take in all, whatever still runs, milliseconds. */
const STOP_TIMEOUT_MS = 4500;

/** Serves until a signal stops it; resolves to the exit status. */
async function runServe({ given, host }: Invocation): Promise<number> {
  const config = readConfig(given);
  const [undefinedOne] = config.sources?.wanted ?? [];
  if (undefinedOne !== undefined) throw namesNoFile(undefinedOne);
  const { clock } = host;
  const log = createLog({ level: config.logLevel, format: config.logFormat, write: host.stderr });
  const signals = obeySignals(log);
  const access = await openWebAccess({ ...host, path: config.webConfigFile, log });
  const series = processSeries(host.process, clock);
  const exposition = createExposition({
    clock,
    moreSeries: () => [...watching.series(), ...access.series(), ...series()],
  });
  const watching = await openWatching({ config, host, onParts: exposition.show, log });
  /** What the sandbox leaves. */
  let sandbox = "starting";
  const { telemetryPath, routePrefix } = config;
  const respond = createRespond(access.headers);
  const onFault = createFaultLog(log);
  const handler = createHandler({
    telemetryPath,
    routePrefix,
    exposition,
    isReady: watching.isReady,
    ...watching.site({ host, telemetryPath, respond, sandbox: () => sandbox, onFault }),
    ...(access.authenticator && { authenticator: access.authenticator }),
    inFlight: createInFlight(config.maxRequests, clock),
    respond,
  });
  const serving = await listen(config.listenAddresses, { tls: access.tls, handler, onFault });
  // Requests may come, but none is seen before this is done.
  dropNetwork();
  await watching.settled();
  for (const warning of overriddenVariables(host.env)) log.warn(warning);
  sandbox = dropPermissions([...access.readsAfterStart, ...watching.readsAfterStart, config.drillFile]);
  const { version, revision } = host.build;
  const addresses = serving.addresses.map(formatListenAddress).join(" ");
  const [tls, passwords] = [onOrOff(access.tls !== undefined), onOrOff(access.hasPasswords)];
  log.info("serving", { version, revision, addresses, telemetry_path: telemetryPath, tls, passwords, sandbox });

  const stop = new AbortController();
  const starved = Promise.withResolvers<string>();
  access.watch(stop.signal);
  const loops = watching.start({ log, random: Math.random, onOutOfDescriptors: starved.resolve, signal: stop.signal });
  signals.onHangup(watching.hangupMessage, loops.hangup);
  const ended = await Promise.race([
    signals.stop.then((signal) => ({ signal })),
    serving.ended.then((fault) => ({ fault: isOutOfDescriptors(fault) ? outOfDescriptors(fault) : fault })),
    starved.promise.then((error) => ({ fault: outOfDescriptors(error) })),
  ]);
  stop.abort();
  if ("fault" in ended) {
    log.error("serving ended by itself; start the exporter again", { error: String(ended.fault) });
    return 1;
  }
  log.info("stopping", { signal: ended.signal });
  const drained = Promise.race([serving.stop(), clock.sleep(DRAIN_TIMEOUT_MS)]);
  await Promise.race([Promise.all([drained, loops.ended]), clock.sleep(STOP_TIMEOUT_MS)]);
  return 0;
}

function outOfDescriptors(error: unknown): string {
  return `${error}: connections hold the file descriptors; raise the limit (LimitNOFILE= of the unit, ulimit -n)`;
}

async function listen(texts: readonly string[], options: Omit<ServeOptions, "addresses">): Promise<Serving> {
  try {
    return await serve({ addresses: texts.map(parseListenAddress), ...options });
  } catch (error) {
    if (!(error instanceof BindError)) throw error;
    throw new OperatorError(bindFailure(error.cause, texts[error.index] ?? ""));
  }
}

/** One line for the operator about an address that could not be bound. */
function bindFailure(error: unknown, address: string): string {
  const where = `-web.listen-address=${address}`;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.AddrInUse) {
    return `${where}: the address is in use; stop what listens there, or choose another`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return `${where}: the sandbox listens on ${inWords(SCOPES.net)} only; ` +
      "choose one of these, or compile with scopes of your own (see docs/sandbox.md)";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${where}: this machine does not have that address; choose one that it has, or :PORT for all`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${where}: this user may not bind that port; choose one from 1024 on`;
  }
  return `${where}: cannot listen: ${text}`;
}
