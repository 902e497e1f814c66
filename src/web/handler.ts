import { lengthOf } from "../base/bytes.ts";
import type { Exposition } from "../metrics/exposition.ts";
import type { Format } from "../metrics/fragment.ts";
import type { Authenticator } from "./auth.ts";
import { bodyFor } from "./body.ts";
import type { InFlight, Place } from "./in_flight.ts";
import { acceptsGzip, CONTENT_TYPES, negotiateFormat } from "./negotiate.ts";
import { PLAIN_TEXT, type Respond } from "./response.ts";

/** Resolves when an answer has been sent, or rejects when its reader is gone. */
export type Sent = () => Promise<unknown>;

/** Answers a request. */
export type Handler = (request: Request, sent: Sent) => Response | Promise<Response>;

/** A page: what is answered under one path. */
export type Page = (request: Request, place?: Place) => Response | Promise<Response>;

/** Options of {@link createHandler}. */
export interface HandlerOptions {
  readonly telemetryPath: string;
  readonly exposition: Exposition;
  /** Whether each command has run once. */
  readonly isReady: () => boolean;
  /** Pages by their path, beside the metrics and the probes. */
  readonly pages: Readonly<Record<string, Page>>;
  /** Absent when no passwords are set. */
  readonly authenticator?: Authenticator;
  readonly inFlight: InFlight;
  readonly respond: Respond;
}

const HEALTHY = "/-/healthy";

/** The WWW-Authenticate header of a 401. */
const BASIC_CHALLENGE = 'Basic realm="walg-exporter", charset="UTF-8"';

/** A pure function from requests to answers: nothing is run or read, and nothing waited for but a password check and a place. */
export function createHandler(options: HandlerOptions): Handler {
  const { telemetryPath, authenticator, inFlight, respond } = options;
  const pages = new Map<string, Page>([
    ...Object.entries(options.pages),
    [HEALTHY, () => respond("healthy\n", PLAIN_TEXT)],
    ["/-/ready", () => ready(options)],
    [telemetryPath, createMetrics(options)],
  ]);
  const refuse = (status: number, text: string, headers: Record<string, string> = {}): Response =>
    respond(`${text}\n`, PLAIN_TEXT, { status, headers });

  const answer = (request: Request, path: string, place?: Place): Response | Promise<Response> => {
    const page = pages.get(path);
    if (page === undefined) return refuse(404, `nothing here; the metrics are at ${telemetryPath}`);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(405, "only GET and HEAD", { allow: "GET, HEAD" });
    }
    // Scrapes hold their place themselves, if they need it.
    if (path !== telemetryPath) place?.hold();
    return page(request, place);
  };

  const answerSoon = async (request: Request, path: string, sent: Sent): Promise<Response> => {
    const place = await inFlight.enterSoon(sent);
    return place ? await answer(request, path, place) : refuse(503, "too many requests at once");
  };

  return (request, sent) => {
    const path = pathOf(request.url);
    if (authenticator === undefined || path === HEALTHY) {
      const place = inFlight.enter(sent);
      return place || path === HEALTHY ? answer(request, path, place) : answerSoon(request, path, sent);
    }
    const credentials = request.headers.get("authorization");
    const decide = (verdict: "ok" | "denied" | "busy"): Response | Promise<Response> => {
      if (verdict === "busy") return refuse(503, "too many logins at once");
      if (verdict === "denied") {
        return refuse(401, "Unauthorized", { "www-authenticate": BASIC_CHALLENGE });
      }
      const place = inFlight.enter(sent);
      return place ? answer(request, path, place) : answerSoon(request, path, sent);
    };
    const known = authenticator.checkCached(credentials);
    return known === undefined ? authenticator.check(credentials).then(decide) : decide(known);
  };
}

/** The path of an absolute URL, as it was sent: nothing is normalised, so `..` is just another path. */
function pathOf(url: string): string {
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
  return (request, place) => {
    const { headers } = request;
    const format = negotiateFormat(headers.get("accept"));
    const gzip = acceptsGzip(headers.get("accept-encoding"));
    const answer = prepared[format][gzip ? 1 : 0];
    const pieces = exposition.pieces(format, gzip);
    if (request.method === "HEAD") return answer(null, lengthOf(pieces));
    const { body, length } = bodyFor(pieces, place);
    return answer(body, length);
  };
}

type Answer = ReturnType<Respond["prepare"]>;

function ready({ isReady, respond }: HandlerOptions): Response {
  if (isReady()) return respond("ready\n", PLAIN_TEXT);
  return respond("not ready: not every command has run once\n", PLAIN_TEXT, { status: 503 });
}
