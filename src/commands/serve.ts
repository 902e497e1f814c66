import { createPace, type Pace } from "../base/clock.ts";
import type { Family } from "../base/family.ts";
import { type Host, inWords, OperatorError, SCOPES } from "../base/host.ts";
import { createLog, type Log } from "../base/log.ts";
import { createCluster, type StartOptions } from "../cluster/cluster.ts";
import { createClusters } from "../cluster/clusters.ts";
import { createPartRenderer } from "../cluster/parts.ts";
import { commonConfig, findClusters, namesNoFile } from "../cluster/sources.ts";
import { createExposition, type Part, processSeries } from "../metrics/exposition.ts";
import { isOutOfDescriptors } from "../walg/command.ts";
import { overriddenVariables } from "../walg/version.ts";
import { onOrOff, openWebAccess } from "../web/access.ts";
import { createHandler, type HandlerOptions } from "../web/handler.ts";
import { createInFlight } from "../web/in_flight.ts";
import { findFleetPage, sitePages, type SiteTerms } from "../web/page/site.ts";
import { createRespond } from "../web/response.ts";
import {
  BindError,
  createFaultLog,
  formatListenAddress,
  parseListenAddress,
  serve,
  type ServeOptions,
  type Serving,
} from "../web/server.ts";
import { type Command, type Invocation, USAGE_ERROR } from "./command.ts";
import { type Config, EXPORTER_FLAGS, readConfig } from "./config.ts";
import { dropNetwork, dropPermissions } from "./sandbox.ts";
import { obeySignals } from "./signals.ts";

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
  const watching = await openWatching(config, host, { log, onParts: exposition.show });
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

/** What is watched: one cluster without a name, or several with one each. */
interface Watching {
  isReady(): boolean;
  /** Resolves when the newest state is shown. */
  settled(): Promise<void>;
  /** Series beside those of the clusters. */
  series(): readonly Family[];
  /** Its pages. */
  site(terms: SiteTerms): Pick<HandlerOptions, "pages" | "findPage">;
  /** The files that are read after start. */
  readonly readsAfterStart: readonly string[];
  /** What the log says of SIGHUP. */
  readonly hangupMessage: string;
  start(options: Omit<StartOptions, "enter">): { hangup(): void; readonly ended: Promise<void> };
}

/**
 * Makes what the flags ask for; nothing runs yet. `onParts` is called with the parts of the exposition whenever they
 * change.
 *
 * @throws OperatorError when the folder of the clusters cannot be read
 */
async function openWatching(
  config: Config,
  host: Host,
  { log, onParts }: { readonly log: Log; readonly onParts: (parts: readonly Part[]) => void },
): Promise<Watching> {
  const { build, clock } = host;
  const pace = (): Pace => createPace(clock);
  const onFault = (fault: unknown): void =>
    log.error("a state could not be rendered; the one before it stays", { fault: String(fault) });
  const shared = { clock, pace, onParts, onFault };
  const { sources } = config;
  if (sources === undefined) {
    const cluster = createCluster({ config, render: createPartRenderer({ config, build, pace }), ...shared });
    return {
      isReady: cluster.isReady,
      settled: cluster.settled,
      series: () => [],
      site: (terms) => ({ pages: sitePages({ ...terms, cluster }) }),
      readsAfterStart: [],
      hangupMessage: "running every operation now",
      start(options) {
        const { runNow, ended } = cluster.start(options);
        return { hangup: runNow, ended };
      },
    };
  }
  const clusters = await createClusters({
    found: await findClusters(sources, host),
    look: (inUse) => findClusters(sources, host, inUse),
    config: commonConfig(config, host),
    maxRunning: sources.maxRunning,
    build,
    ...shared,
  });
  return {
    isReady: clusters.isReady,
    settled: clusters.settled,
    series: clusters.series,
    site: (terms) => ({ pages: {}, findPage: findFleetPage({ ...terms, clusters }) }),
    readsAfterStart: [...sources.files.values(), ...sources.folder === undefined ? [] : [sources.folder]],
    hangupMessage: "looking at the clusters' config files again",
    start(options) {
      const { reload, ended } = clusters.start(options);
      return { hangup: () => void reload(), ended };
    },
  };
}
