import type { Invocation } from "../cli/command.ts";
import { UsageError } from "../cli/flag.ts";
import { freshState, hasRunOnce } from "../collectors/fresh_state.ts";
import { createStore } from "../collectors/store.ts";
import { type Config, readConfig } from "../config.ts";
import type { Host } from "../host.ts";
import { createHandler } from "../http/handler.ts";
import { createInFlight, type InFlight } from "../http/in_flight.ts";
import { formatListenAddress, type ListenAddress, parseListenAddress } from "../http/listen_address.ts";
import { createRespond } from "../http/response.ts";
import { BindError, serve, type Serving } from "../http/server.ts";
import { sitePages } from "../http/site.ts";
import { openWebAccess, type WebAccess } from "../http/web_access.ts";
import { createLateLog } from "../late_log.ts";
import type { Log } from "../log.ts";
import { createExposition, type Exposition } from "../metrics/exposition.ts";
import { createPartRenderer } from "../metrics/parts.ts";
import { sampled } from "../metrics/process_figures.ts";
import { OperatorError } from "../operator_error.ts";
import { atOnce, createPace, type Pace } from "../pace.ts";
import type { Recovery } from "../recovery/mod.ts";
import { overriddenVariables } from "../walg/invocation.ts";
import { bindFailure } from "./bind_failure.ts";
import { dropNetwork } from "./network.ts";
import { obeySignals } from "./stop_signals.ts";

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
    const { createLog } = await import("./running.ts");
    return createLog({ level: config.logLevel, format: config.logFormat, write: host.stderr });
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
  const running = await import("./running.ts");
  left = running.dropPermissions(access.readsAfterStart);
  logStart({ config, host, log, serving, left });

  tellRestorable = running.createRestorableLog(log);
  const options = { config, clock: host.clock, log, random: Math.random, store, pace, signal: stop.signal };
  access.watch(stop.signal);
  const loops = running.startAll(options);
  const version = running.watchVersion({ ...options, onVersion: store.setWalgVersion });
  signals.onHangup(loops.runNow);
  running.collectOnceSettled({ ...options, isSettled: isReady, onSettled: host.onSettled });
  const ended = await Promise.race([
    signals.stop.then((signal) => ({ signal })),
    serving.ended.then((fault) => ({ fault })),
    running.whenExhausted(options).then((fault) => ({ fault })),
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
