import { lengthOf } from "../../base/bytes.ts";
import type { Host } from "../../base/host.ts";
import type { Cluster, Shown } from "../../cluster/cluster.ts";
import { type Clock, createYield } from "../../base/clock.ts";
import { statusJson } from "../../status/json.ts";
import type { OperationStatus, Status } from "../../status/status.ts";
import { statusOf, type View, viewOf } from "../../status/view.ts";
import { bodyFor, bodyInPieces } from "../body.ts";
import type { Page, Visit } from "../handler.ts";
import type { Respond } from "../response.ts";
import { REFRESH, renderPage } from "./document.ts";
import { contentPolicy, STYLE } from "./style.ts";

/** What the pages of one cluster are made from. */
export interface SiteOptions extends SiteTerms {
  readonly cluster: Pick<Cluster, "config" | "shown">;
}

/** What all pages are made with. */
export interface SiteTerms {
  readonly host: Pick<Host, "build" | "clock">;
  readonly telemetryPath: string;
  readonly respond: Respond;
  /** What the sandbox leaves, once that is known. */
  readonly sandbox?: () => string | undefined;
  /** Called with what broke off an answer whose beginning was sent already. */
  readonly onFault: (error: unknown, request: Request) => void;
}

export const NOBODY: Visit = { loggedIn: false };

/** The status page and its data as JSON, by path. */
export function createPages(options: SiteOptions): Readonly<Record<"/" | "/api/v1/status", Page>> {
  const { respond, host: { clock }, onFault } = options;
  const policy = contentPolicy(STYLE);
  const statusNow = createStatus(options);
  const nextTurn = createTurns(clock);
  return {
    "/": async (request, { place, loggedIn } = NOBODY) => {
      const refreshes = !/[?&]refresh=off(&|$)/.test(request.url);
      // A header, not a meta element: where the reader pauses it, nothing is left in the page to do it.
      const refresh: Record<string, string> = refreshes ? { refresh: String(REFRESH) } : {};
      const headers = { "content-security-policy": await policy, ...refresh };
      return htmlAnswer(renderPage(statusNow(loggedIn), refreshes), { headers, respond, request, place });
    },
    "/api/v1/status": (request, { place, loggedIn } = NOBODY) => {
      if (request.method === "HEAD") return respond(null, JSON_TYPE);
      const pieces = statusJson(statusNow(loggedIn));
      return respond(
        bodyInPieces(pieces, { nextTurn, place, onFault: (error) => onFault(error, request) }),
        JSON_TYPE,
      );
    },
  };
}

/** Makes what is awaited before each piece: one per turn for all readers together, so that many delay a scrape no more. */
export function createTurns(clock: Clock): () => Promise<void> {
  const yieldToOthers = createYield(clock);
  let turn: Promise<void> = Promise.resolve();
  return () => turn = turn.then(yieldToOthers);
}

/** An answer with a page. */
export function htmlAnswer(
  text: string,
  { headers, respond, request, place }: {
    readonly headers: Readonly<Record<string, string>>;
    readonly respond: Respond;
    readonly request: Request;
    readonly place: Visit["place"];
  },
): Response {
  const pieces = inPieces(text);
  const sized = { headers: { ...headers, "content-length": String(lengthOf(pieces)) } };
  return respond(request.method === "HEAD" ? null : bodyFor(pieces, place), HTML, sized);
}

const HTML = "text/html; charset=utf-8";
export const JSON_TYPE = "application/json";

/** How much of a page is handed over at a time, bytes. */
const PIECE = 64 * 1024;

function inPieces(text: string): readonly Uint8Array<ArrayBuffer>[] {
  const bytes = new TextEncoder().encode(text);
  return Array.from(
    { length: Math.ceil(bytes.length / PIECE) },
    (_, index) => bytes.subarray(index * PIECE, (index + 1) * PIECE),
  );
}

/** Makes the status at a moment; the view of what is shown is made once for all readers. */
export function createStatus(
  { cluster, host: { build, clock }, telemetryPath, sandbox }: SiteOptions,
): (loggedIn: boolean) => Status {
  let last: { readonly shown: Shown; readonly view: View } | undefined;
  return (loggedIn) => {
    const { shown, config } = cluster;
    if (last?.shown !== shown) last = { shown, view: viewOf(shown.state, shown.recovery) };
    const status = statusOf(last.view, { config, build, telemetryPath, sandbox: sandbox?.(), now: clock.now() });
    return loggedIn ? status : { ...status, operations: status.operations.map(withoutStderr) };
  };
}

/** What wal-g wrote to stderr is for who has logged in: the masks may not know every secret. */
function withoutStderr({ lastFailure, ...operation }: OperationStatus): OperationStatus {
  if (lastFailure === undefined) return operation;
  const { stderr: _, ...rest } = lastFailure;
  return { ...operation, lastFailure: rest };
}
