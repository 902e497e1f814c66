import { UsageError } from "../base/flag.ts";
import type { Log } from "../base/log.ts";
import { type Handler, pathOf } from "./handler.ts";

/** A certificate and its key, as PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** The running servers of all addresses. */
export interface Serving {
  /** As bound: a port of 0 is replaced by the one that was found. */
  readonly addresses: readonly ListenAddress[];
  /** Resolves when one of them has ended, with what ended it. */
  readonly ended: Promise<unknown>;
  /** Stops listening, and resolves when the answers under way are sent. */
  stop(): Promise<void>;
}

/** An address could not be bound; the cause is what Deno.serve threw. */
export class BindError extends Error {
  override readonly name = "BindError";

  /** @param index which of the addresses */
  constructor(readonly index: number, options: ErrorOptions) {
    super("cannot listen", options);
  }
}

/** Called with an internal error, and with the request where that is known. */
type OnFault = (error: unknown, request?: Request) => void;

/** Writes one line for each fault. The query is left out, since it may hold secrets. */
export function createFaultLog(log: Pick<Log, "error">): OnFault {
  return (error, request) => {
    const [, at] = error instanceof Error ? /^\s+at (.*)$/m.exec(error.stack ?? "") ?? [] : [];
    log.error("internal error while answering a request; please report it", {
      ...(request && { method: request.method, path: pathOf(request.url) }),
      error: String(error),
      ...(at !== undefined && { at }),
    });
  };
}

export interface ServeOptions {
  readonly addresses: readonly ListenAddress[];
  /** Absent: plain HTTP. */
  readonly tls: Tls | undefined;
  readonly handler: Handler;
  /** Called with what the handler threw; the reader gets 500. */
  readonly onFault: OnFault;
}

/**
 * Listens on all addresses.
 *
 * @throws BindError for the first address that cannot be bound; the others are closed again
 */
export async function serve({ addresses, ...options }: ServeOptions): Promise<Serving> {
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.shutdown()));
  };
  for (const [index, address] of addresses.entries()) {
    try {
      servers.push(bind(address, options));
    } catch (cause) {
      await stop();
      throw new BindError(index, { cause });
    }
  }
  return {
    addresses: servers.map(({ addr }) => ({ hostname: addr.hostname, port: addr.port })),
    ended: Promise.race(servers.map((server) => server.finished.catch((error: unknown) => error))),
    stop,
  };
}

type Server = Deno.HttpServer<Deno.NetAddr>;

function bind(
  { hostname, port, fallback }: ListenAddress,
  { tls, handler, onFault }: Omit<ServeOptions, "addresses">,
): Server {
  const failed = (error: unknown, request?: Request): Response => {
    onFault(error, request);
    return new Response("internal error\n", { status: 500 });
  };
  const options = { port, ...tls, onListen: () => {}, onError: (error: unknown) => failed(error) };
  const answer = (request: Request, info: Deno.ServeHandlerInfo): Response | Promise<Response> => {
    try {
      const response = handler(request, () => info.completed);
      return response instanceof Response ? response : response.catch((error: unknown) => failed(error, request));
    } catch (error) {
      return failed(error, request);
    }
  };
  try {
    return Deno.serve({ ...options, hostname }, answer);
  } catch (error) {
    if (fallback === undefined || !isUnsupported(error)) throw error;
    return Deno.serve({ ...options, hostname: fallback }, answer);
  }
}

/** Whether the kernel has no such family of addresses: a host may have IPv6 switched off. */
function isUnsupported(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAFNOSUPPORT";
}

/** Where to listen. */
export interface ListenAddress {
  /** A host name or an IP address (IPv6 without brackets), as `Deno.serve` takes it. */
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** What to listen on when the machine has no IPv6; only for an address without a host. */
  readonly fallback?: string;
}

/**
 * Decodes one `-web.listen-address` in Go's form, HOST:PORT. Without a host it means all addresses of both families:
 * `::` takes IPv4 too (unless `net.ipv6.bindv6only` is set), and where the kernel has no IPv6, so that binding fails
 * with EAFNOSUPPORT, `0.0.0.0` is left. Throws a UsageError whose message names the flag and the fix.
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain = "", portText] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text) ?? [];
  if (portText === undefined) throw invalid(text, missingPort(text));
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : NaN;
  if (!(port <= 65535)) throw invalid(text, `port '${portText}' is not a number from 0 to 65535`);
  if (bracketed !== undefined) {
    if (!isIpv6(bracketed)) throw invalid(text, `'${bracketed}' is not an IPv6 address; brackets hold nothing else`);
    return { hostname: bracketed, port };
  }
  if (plain === "") return { hostname: "::", port, fallback: "0.0.0.0" };
  if (/^[\d.]+$/.test(plain) ? !isIpv4(plain) : !isHostName(plain)) {
    throw invalid(text, `'${plain}' is neither an IPv4 address nor a host name`);
  }
  return { hostname: plain, port };
}

/** HOST:PORT for logs, with brackets around an IPv6 address. */
export function formatListenAddress({ hostname, port }: { readonly hostname: string; readonly port: number }): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function invalid(text: string, reason: string): UsageError {
  return new UsageError(`Cannot use -web.listen-address '${text}': ${reason}`);
}

function missingPort(text: string): string {
  if (text.includes("//")) return "it is not a URL; write HOST:PORT, such as 'localhost:9351'";
  if (/^\d+$/.test(text)) return `the colon is missing; write ':${text}'`;
  if (isIpv6(text)) return `the port is missing; write '[${text}]:9351'`;
  if (/^\[[^\]]*\]$/.test(text)) return `the port is missing; write '${text}:9351'`;
  const { head, port } = /^(?<head>.*):(?<port>\d+)$/.exec(text)?.groups ?? {};
  if (head !== undefined && isIpv6(head)) return `an IPv6 address needs brackets; write '[${head}]:${port}'`;
  if (isHostName(text) || isIpv4(text)) return `the port is missing; write '${text}:9351'`;
  return "write HOST:PORT, such as ':9351', '127.0.0.1:9351' or '[::1]:9351'";
}

function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text) && !/(?:^|\.)0\d/.test(text);
}

function isIpv6(text: string): boolean {
  return text.includes(":") && URL.canParse(`http://[${text}]/`);
}

function isHostName(text: string): boolean {
  return text.length <= 253 && /^(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?$/.test(text);
}
