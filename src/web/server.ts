import type { Log } from "../base/log.ts";
import { type Handler, pathOf } from "./handler.ts";
import type { ListenAddress } from "./listen_address.ts";

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
export type OnFault = (error: unknown, request?: Request) => void;

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

/** Options of {@link serve}. */
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
