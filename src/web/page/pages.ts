import { lengthOf } from "../../base/bytes.ts";
import type { Host } from "../../base/host.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { type Clock, createPace, createYield } from "../../base/clock.ts";
import { createPlanner, type Planner } from "../../cluster/planner.ts";
import { type PlanTexts, readPlanRequest, type ReadRequest } from "../../recovery/target.ts";
import { statusJson } from "../../status/json.ts";
import { planJson } from "../../status/plan.ts";
import type { OperationStatus, Status } from "../../status/status.ts";
import { statusOf, type View } from "../../status/view.ts";
import { bodyFor, bodyInPieces, type Respond } from "../response.ts";
import type { Page, Visit } from "../handler.ts";
import { REFRESH, renderPage } from "./document.ts";
import { renderRestorePage } from "./restore.ts";
import { contentPolicy, STYLE } from "./style.ts";

/** What the pages of one cluster are made from. */
export interface SiteOptions extends SiteTerms {
  readonly cluster: Pick<Cluster, "config" | "shown">;
}

/** What all pages are made with. */
export interface SiteTerms {
  readonly host: Pick<Host, "build" | "clock" | "hostname">;
  readonly telemetryPath: string;
  readonly respond: Respond;
  /** What the sandbox leaves, once that is known. */
  readonly sandbox?: () => string | undefined;
  /** Called with what broke off an answer whose beginning was sent already. */
  readonly onFault: (error: unknown, request: Request) => void;
}

export const NOBODY: Visit = { loggedIn: false };

/** The paths of the pages for people, and of their data. */
export type SitePath = "/" | "/restore" | "/api/v1/status" | "/api/v1/plan";

/** The status page, the page of restores, and their data as JSON, by path. */
export function createPages(options: SiteOptions): Readonly<Record<SitePath, Page>> {
  const { respond, host: { clock, hostname }, onFault } = options;
  const plannerNow = createPlanners(options);
  const statusNow = createStatus(options);
  const nextTurn = createTurns(clock);
  const parameters = [...PARAMETERS, ...options.cluster.config.name === undefined ? [] : ["cluster"]];
  return {
    "/": async (request, { place, loggedIn } = NOBODY) => {
      const allBackups = /[?&]backups=all(&|$)/.test(request.url);
      const { refreshes, headers } = await refreshing(request);
      const text = renderPage(statusNow(loggedIn), { refreshes, allBackups });
      return htmlAnswer(text, { headers, respond, request, place });
    },
    "/restore": async (request) => {
      const texts = planTexts(request.url);
      const read = readPlanRequest({ ...texts, to: inUtc(texts.to) });
      const made = "problem" in read ? read : await plannerNow()(read.request, createPace(clock));
      const { shown, config } = options.cluster;
      const page = renderRestorePage(made, { texts, shown, config, hostname, now: clock.now() });
      // The form asks this server, and no other.
      const headers = { "content-security-policy": await contentPolicy(STYLE, "'self'") };
      return respond(request.method === "HEAD" ? null : page, HTML, { headers, status: "problem" in read ? 400 : 200 });
    },
    "/api/v1/plan": async (request) => {
      const unknown = [...queryOf(request.url).keys()].find((name) => !parameters.includes(name));
      const read: ReadRequest | string = unknown === undefined
        ? readPlanRequest(planTexts(request.url))
        : `there is no parameter '${unknown}'; there are ${parameters.join(", ")}`;
      if (typeof read === "string" || "problem" in read) {
        const error = typeof read === "string" ? read : `${read.parameter}: ${read.problem}`;
        return respond(`${JSON.stringify({ error })}\n`, JSON_TYPE, { status: 400 });
      }
      const made = await plannerNow()(read.request, createPace(clock));
      return respond(request.method === "HEAD" ? null : planJson(made), JSON_TYPE);
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

/** Whether a page is to refresh itself, and its headers. */
export async function refreshing(
  { url }: Request,
): Promise<{ readonly refreshes: boolean; readonly headers: Readonly<Record<string, string>> }> {
  const refreshes = !/[?&]refresh=off(&|$)/.test(url);
  // A header, not a meta element: where the reader pauses it, nothing is left in the page to do it.
  const refresh: Record<string, string> = refreshes ? { refresh: String(REFRESH) } : {};
  return { refreshes, headers: { "content-security-policy": await contentPolicy(STYLE, "'none'"), ...refresh } };
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

/** What a plan is asked for. */
const PARAMETERS: readonly string[] = ["to", "to_lsn", "backup", "timeline"];

/** The parameters of a request, as they were sent. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start < 0 ? "" : url.slice(start));
}

function planTexts(url: string): PlanTexts {
  const query = queryOf(url);
  // A + that was not encoded has become a blank.
  const to = query.get("to")?.replace(/(\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:?\d\d)$/, "$1+$2");
  return {
    to,
    toLsn: query.get("to_lsn") ?? undefined,
    backup: query.get("backup") ?? undefined,
    timeline: query.get("timeline") ?? undefined,
  };
}

/** The form asks for UTC, and browsers add no zone. */
function inUtc(to: string | undefined): string | undefined {
  return to?.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/, "$&Z");
}

/** Makes the planner of what is shown, once for all readers. */
function createPlanners({ cluster, host: { clock } }: SiteOptions): () => Planner {
  let last: { readonly shown: View; readonly planner: Planner } | undefined;
  return () => {
    const { shown, config } = cluster;
    if (last?.shown !== shown) {
      last = { shown, planner: createPlanner({ state: shown.state, config, now: () => clock.now() }) };
    }
    return last.planner;
  };
}

/** How much of a page is handed over at a time, bytes. */
const PIECE = 64 * 1024;

function inPieces(text: string): readonly Uint8Array<ArrayBuffer>[] {
  const bytes = new TextEncoder().encode(text);
  return Array.from(
    { length: Math.ceil(bytes.length / PIECE) },
    (_, index) => bytes.subarray(index * PIECE, (index + 1) * PIECE),
  );
}

/** Makes the status at a moment. */
export function createStatus(
  { cluster, host: { build, clock, hostname }, telemetryPath, sandbox }: SiteOptions,
): (loggedIn: boolean) => Status {
  return (loggedIn) => {
    const { shown, config } = cluster;
    const facts = { config, build, hostname, telemetryPath, sandbox: sandbox?.(), now: clock.now() };
    const status = statusOf(shown, facts);
    if (loggedIn) return status;
    const { drill } = status;
    return {
      ...status,
      operations: status.operations.map(withoutStderr),
      ...(drill && { drill: { ...drill, last_words: "" } }),
    };
  };
}

/** What wal-g wrote to stderr is for who has logged in: the masks may not know every secret. */
function withoutStderr({ lastFailure, ...operation }: OperationStatus): OperationStatus {
  if (lastFailure === undefined) return operation;
  const { stderr: _, ...rest } = lastFailure;
  return { ...operation, lastFailure: rest };
}
