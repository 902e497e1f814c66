import { lengthOf } from "../../base/bytes.ts";
import { freshState } from "../../operations/state.ts";
import { statusJson } from "../../status/json.ts";
import { prepareStatus, statusOf, type StatusOptions } from "../../status/status.ts";
import { bodyFor, bodyInPieces, createInTurns } from "../body.ts";
import type { Page } from "../handler.ts";
import type { SiteOptions } from "../site.ts";
import { REFRESH, renderPage } from "./document.ts";
import { contentPolicy, STYLE } from "./style.ts";

/** The pages for people, and their data, by path. */
export function peoplePages(options: SiteOptions): Readonly<Record<string, Page>> {
  const { respond, host: { clock } } = options;
  const policy = contentPolicy(STYLE);
  const inTurns = createInTurns(clock);
  return {
    "/": async (request, place) => {
      const refreshes = !/[?&]refresh=off(&|$)/.test(request.url);
      // A header, not a meta element: where the reader pauses it, nothing is left in the page to do it.
      const refresh: Record<string, string> = refreshes ? { refresh: String(REFRESH) } : {};
      const headers = { "content-security-policy": await policy, ...refresh };
      const made = statusOptions(options);
      await inTurns.run(prepareStatus(made));
      const pieces = inPieces(renderPage(statusOf(made), refreshes));
      const sized = { headers: { ...headers, "content-length": String(lengthOf(pieces)) } };
      return respond(request.method === "HEAD" ? null : bodyFor(pieces, place).body, HTML, sized);
    },
    "/api/v1/status": async (request, place) => {
      if (request.method === "HEAD") return respond(null, JSON_TYPE);
      const made = statusOptions(options);
      await inTurns.run(prepareStatus(made));
      return respond(bodyInPieces(statusJson(statusOf(made)), { inTurns, place }), JSON_TYPE);
    },
  };
}

const HTML = "text/html; charset=utf-8";
const JSON_TYPE = "application/json";

/** How much of a page is handed over at a time, bytes. */
const PIECE = 64 * 1024;

function inPieces(text: string): readonly Uint8Array<ArrayBuffer>[] {
  const bytes = new TextEncoder().encode(text);
  return Array.from(
    { length: Math.ceil(bytes.length / PIECE) },
    (_, index) => bytes.subarray(index * PIECE, (index + 1) * PIECE),
  );
}

function statusOptions(
  { config, host: { build, clock }, exposition: { current }, sandbox }: SiteOptions,
): StatusOptions {
  const { state, recovery } = current ?? { state: freshState(), recovery: undefined };
  return { state, recovery, config, build, sandbox: sandbox?.(), now: clock.now() };
}
