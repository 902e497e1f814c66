import { UsageError } from "../base/flag.ts";
import { type Host, OperatorError } from "../base/host.ts";
import { createLateLog } from "../base/late_log.ts";
import { createLog, type Log } from "../base/log.ts";
import { inWords, SCOPES } from "../base/manifest.ts";
import { atOnce, createPace, type Pace } from "../base/pace.ts";
import { createExposition, type Exposition } from "../metrics/exposition.ts";
import { sampled } from "../metrics/live.ts";
import { createPartRenderer } from "../metrics/parts.ts";
import { type Config, EXPORTER_FLAGS, readConfig } from "../operations/config.ts";
import { startAll } from "../operations/scheduler.ts";
import { createStore, freshState, hasRunOnce } from "../operations/state.ts";
import type { Recovery } from "../recovery/recover.ts";
import { createRestorableLog } from "../status/restorable_log.ts";
import { overriddenVariables, watchVersion } from "../walg/version.ts";
import { openWebAccess, type WebAccess } from "../web/config/access.ts";
import { createHandler } from "../web/handler.ts";
import { createInFlight, type InFlight } from "../web/in_flight.ts";
import { formatListenAddress, type ListenAddress, parseListenAddress } from "../web/listen_address.ts";
import { createRespond } from "../web/response.ts";
import { BindError, serve, type Serving } from "../web/server.ts";
import { sitePages } from "../web/site.ts";
import { type Command, type Invocation, USAGE_ERROR } from "./command.ts";
import { whenExhausted } from "./descriptors.ts";
import { dropNetwork, dropPermissions } from "./sandbox.ts";
import { collectOnceSettled } from "./settled.ts";
import { obeySignals } from "./signals.ts";

/** One line for the operator about an address that could not be bound. */
export function bindFailure(error: unknown, address: string): string {
  const where = `-web.listen-address=${address}`;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.AddrInUse) {
    return `${where}: the address is in use; stop what listens there, or choose another`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return `${where}: the sandbox listens on ${inWords(SCOPES.net)} only; ` +
      "choose one of these, or compile with scopes of your own (see README)";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${where}: this machine has no such address; choose one that it has, or :PORT for all`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${where}: this user may not bind that port; choose one from 1024 on`;
  }
  return `${where}: cannot listen: ${text}`;
}

/** How long answers under way may take once the exporter stops, milliseconds. */
const FAREWELL = 2500;
/** How long all of it may take, whatever still runs, milliseconds. */
const LAST_MOMENT = 4500;
/** How long all but answering waits, so that a scrape that waits for the start goes first, milliseconds. */
const SCRAPES_FIRST = 50;

/** Serves until a signal stops it; resolves to the exit status. */
export async function runServe({ given, positionals, host }: Invocation): Promise<number> {
  const [unexpected] = positionals;
  if (unexpected !== undefined) {
    throw new UsageError(`there is no command '${unexpected}'; see walg-exporter -help for those there are`);
  }
  const config = readConfig(given);
  const log = createLateLog(async () => {
    return await Promise.resolve(createLog({ level: config.logLevel, format: config.logFormat, write: host.stderr }));
  });
  const signals = obeySignals(log);
  const access = await openWebAccess({ ...host, path: config.webConfigFile, log });
  // Before anything has run there is too little to render to pause within it.
  let pace = (): Pace => atOnce;
  let tellRestorable = (_: Recovery | undefined): void => {};
  const renderParts = createPartRenderer({ ...host, ...config, pace: () => pace() });
  const exposition = createExposition({
    render: async (state) => {
      const rendered = await renderParts(state);
      tellRestorable(rendered.recovery);
      return rendered;
    },
    snapshotMaxAge: config.snapshotMaxAge,
    clock: host.clock,
    onFault: (fault) => log.error("a state could not be rendered; the one before it stays", { fault: String(fault) }),
    processFigures: sampled(host.process, host.clock),
    moreSeries: access.series,
  });
  const store = createStore(freshState(), exposition.update);
  const stop = new AbortController();
  // Who waits for it must find the series, too: not what is known counts but what is shown.
  const isReady = (): boolean => exposition.current !== undefined && hasRunOnce(exposition.current.state);
  let left = "starting";
  const inFlight = createInFlight(config.maxRequests, host.clock);
  const serving = await listen({ config, host, exposition, access, inFlight, isReady, sandbox: () => left });
  dropNetwork();
  // Requests may come, but none is seen before this is done.
  exposition.update(store.state);
  await exposition.shown();
  pace = () => createPace(host.clock, inFlight.isSending);
  await host.clock.sleep(SCRAPES_FIRST);
  await log.open();
  for (const warning of overriddenVariables(host.env)) log.warn(warning);
  left = dropPermissions(access.readsAfterStart);
  logStart({ config, host, log, serving, left });

  tellRestorable = createRestorableLog(log);
  const options = { config, clock: host.clock, log, random: Math.random, store, pace, signal: stop.signal };
  access.watch(stop.signal);
  const loops = startAll(options);
  const version = watchVersion({ ...options, path: config.walgPath, onVersion: store.setWalgVersion });
  signals.onHangup(loops.runNow);
  collectOnceSettled({ ...options, isSettled: isReady, onSettled: host.onSettled });
  const ended = await Promise.race([
    signals.stop.then((signal) => ({ signal })),
    serving.ended.then((fault) => ({ fault })),
    whenExhausted(options).then((fault) => ({ fault })),
  ]);
  stop.abort();
  if ("fault" in ended) {
    log.error("serving ended by itself; start the exporter again", { error: String(ended.fault) });
    return 1;
  }
  log.info("stopping", { signal: ended.signal });
  const farewell = Promise.race([serving.stop(), host.clock.sleep(FAREWELL)]);
  await Promise.race([Promise.all([farewell, loops.ended, version]), host.clock.sleep(LAST_MOMENT)]);
  return 0;
}

interface ListenOptions {
  readonly config: Config;
  readonly host: Host;
  readonly exposition: Exposition;
  readonly access: WebAccess;
  readonly inFlight: InFlight;
  readonly isReady: () => boolean;
  /** What the sandbox leaves, once that is known. */
  readonly sandbox: () => string | undefined;
}

async function listen(
  { config, host, exposition, access, inFlight, isReady, sandbox }: ListenOptions,
): Promise<Serving> {
  const addresses = config.listenAddresses.map(listenAddress);
  const respond = createRespond(access.headers);
  const handler = createHandler({
    telemetryPath: config.telemetryPath,
    exposition,
    isReady,
    pages: sitePages({ config, host, exposition, respond, sandbox }),
    ...(access.authenticator && { authenticator: access.authenticator }),
    inFlight,
    respond,
  });
  try {
    return await serve(addresses, access.tls, handler);
  } catch (error) {
    if (!(error instanceof BindError)) throw error;
    throw new OperatorError(bindFailure(error.cause, config.listenAddresses[error.index] ?? ""));
  }
}

function listenAddress(text: string): ListenAddress {
  try {
    return parseListenAddress(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function logStart(
  { config, host, log, serving, left }: { config: Config; host: Host; log: Log; serving: Serving; left: string },
): void {
  const { version, revision } = host.build;
  const addresses = serving.addresses.map(formatListenAddress).join(" ");
  log.info("serving", { version, revision, addresses, telemetry_path: config.telemetryPath, sandbox: left });
}

/** What runs without a name: the exporter. It is apart from the other commands, which no start of it loads. */
export const SERVE: Command = {
  name: "serve",
  summary: "Serve metrics and the status page (what runs without a command).",
  description: "Runs wal-g at intervals and serves what it said to Prometheus and to people. " +
    "SIGHUP runs every operation now; SIGTERM and SIGINT stop it.",
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
