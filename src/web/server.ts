import type { Handler } from "./handler.ts";
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

/**
 * Listens on all addresses.
 *
 * @throws BindError for the first address that cannot be bound; the others are closed again
 */
export async function serve(
  addresses: readonly ListenAddress[],
  tls: Tls | undefined,
  handler: Handler,
): Promise<Serving> {
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.shutdown()));
  };
  for (const [index, address] of addresses.entries()) {
    try {
      servers.push(bind(address, tls, handler));
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

function bind({ hostname, port, fallback }: ListenAddress, tls: Tls | undefined, handler: Handler): Server {
  const options = {
    port,
    ...tls,
    onListen: () => {},
    onError: () => new Response("internal error\n", { status: 500 }),
  };
  const answer = (request: Request, info: Deno.ServeHandlerInfo): Response | Promise<Response> =>
    handler(request, () => info.completed);
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
