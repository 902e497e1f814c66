import { lengthOf } from "../base/bytes.ts";
import type { Exposition } from "../metrics/exposition.ts";
import type { Format } from "../metrics/fragment.ts";
import type { Authenticator, AuthResult } from "./auth.ts";
import { bodyFor, PLAIN_TEXT, type Respond } from "./response.ts";
import type { InFlight, Place } from "./in_flight.ts";
import { acceptsGzip, CONTENT_TYPES, negotiateFormat } from "./negotiate.ts";

/** Resolves when an answer has been sent, or rejects when its reader is gone. */
type Sent = () => Promise<unknown>;

/** Answers a request. */
export type Handler = (request: Request, sent: Sent) => Response | Promise<Response>;

/** What a page may know of a request beside the request itself. */
export interface Visit {
  /** Absent when answers are not counted. */
  readonly place?: Place | undefined;
  /** Whether passwords are set, and the reader has given one. */
  readonly loggedIn: boolean;
}

/** A page: what is answered under one path. */
export type Page = (request: Request, visit?: Visit) => Response | Promise<Response>;

export interface HandlerOptions {
  readonly telemetryPath: string;
  /** What every path may begin with besides: "" or such as `/walg`, for a proxy that passes the whole path on. */
  readonly routePrefix?: string;
  readonly exposition: Exposition;
  /** Whether each command has run once. */
  readonly isReady: () => boolean;
  /** Pages by their path, beside the metrics and the probes. */
  readonly pages: Readonly<Record<string, Page>>;
  /** Finds the page of a path that is not in a list, such as that of a cluster which came later. */
  readonly findPage?: (path: string) => Page | undefined;
  /** Absent when no passwords are set. */
  readonly authenticator?: Authenticator;
  readonly inFlight: InFlight;
  readonly respond: Respond;
}

const HEALTHY = "/-/healthy";

/** The WWW-Authenticate header of a 401. */
const BASIC_CHALLENGE = 'Basic realm="walg-exporter", charset="UTF-8"';

/** Answers requests from what is known: it runs no command, reads no file, and waits for nothing but a password check and a place. */
export function createHandler(options: HandlerOptions): Handler {
  const { telemetryPath, routePrefix = "", isReady, authenticator, inFlight, respond } = options;
  const refuse = (status: number, text: string, headers: Record<string, string> = {}): Response =>
    respond(`${text}\n`, PLAIN_TEXT, { status, headers });
  const pages = new Map<string, Page>([
    ...Object.entries(options.pages),
    [HEALTHY, () => respond("healthy\n", PLAIN_TEXT)],
    [
      "/-/ready",
      () => isReady() ? respond("ready\n", PLAIN_TEXT) : refuse(503, "not ready: not every command has run once"),
    ],
    [telemetryPath, createMetrics(options)],
  ]);

  const answer = (request: Request, path: string, visit: Visit): Response | Promise<Response> => {
    const page = pages.get(path) ?? options.findPage?.(path);
    // Links on the page are relative: they need the slash.
    if (path === routePrefix) {
      return refuse(308, `see ${routePrefix}/`, { location: `${routePrefix}/${new URL(request.url).search}` });
    }
    if (page === undefined) return refuse(404, `nothing here; the metrics are at ${routePrefix}${telemetryPath}`);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(405, "only GET and HEAD", { allow: "GET, HEAD" });
    }
    // Scrapes hold their place themselves, if they need it.
    if (path !== telemetryPath) visit.place?.hold();
    return page(request, visit);
  };

  const enter = (
    request: Request,
    { path, sent, loggedIn }: { path: string; sent: Sent; loggedIn: boolean },
  ): Response | Promise<Response> => {
    const place = inFlight.enter(sent);
    if (place !== undefined || path === HEALTHY) return answer(request, path, { place, loggedIn });
    return inFlight.enterSoon(sent).then((free) =>
      free ? answer(request, path, { place: free, loggedIn }) : refuse(503, "too many requests at once")
    );
  };

  return (request, sent) => {
    const asked = pathOf(request.url);
    const path = asked.startsWith(`${routePrefix}/`) ? asked.slice(routePrefix.length) : asked;
    if (authenticator === undefined || path === HEALTHY) return enter(request, { path, sent, loggedIn: false });
    const decide = (verdict: AuthResult): Response | Promise<Response> => {
      if (verdict === "busy") return refuse(503, "too many logins at once");
      if (verdict === "unavailable") return refuse(503, "passwords cannot be checked at the moment");
      if (verdict === "denied") return refuse(401, "Unauthorized", { "www-authenticate": BASIC_CHALLENGE });
      return enter(request, { path, sent, loggedIn: verdict === "ok" });
    };
    const credentials = request.headers.get("authorization");
    const known = authenticator.checkCached(credentials);
    return known === undefined ? authenticator.check(credentials).then(decide) : decide(known);
  };
}

/** The path of an absolute URL, as it was sent: nothing is normalised, so `..` is just another path. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "/";
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

/** Answers a scrape; what depends on format and encoding alone is made once. */
function createMetrics({ exposition, respond }: HandlerOptions): Page {
  const answers = (format: Format): readonly [plain: Answer, gzip: Answer] => [
    respond.prepare(CONTENT_TYPES[format]),
    respond.prepare(CONTENT_TYPES[format], { headers: { "content-encoding": "gzip" } }),
  ];
  const prepared = { text: answers("text"), openmetrics: answers("openmetrics") };
  return (request, visit) => {
    const { headers } = request;
    const format = negotiateFormat(headers.get("accept"));
    const gzip = acceptsGzip(headers.get("accept-encoding"));
    const answer = prepared[format][gzip ? 1 : 0];
    const pieces = exposition.pieces(format, gzip);
    const body = request.method === "HEAD" ? null : bodyFor(pieces, visit?.place);
    // The server itself says how long a whole body is.
    return answer(body, body instanceof Uint8Array ? undefined : lengthOf(pieces));
  };
}

type Answer = ReturnType<Respond["prepare"]>;
