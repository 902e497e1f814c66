import { lengthOf } from "../../base/bytes.ts";
import type { Shown } from "../../cluster/cluster.ts";
import { statusJson } from "../../status/json.ts";
import type { Status } from "../../status/status.ts";
import { statusOf, type View, viewOf } from "../../status/view.ts";
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
  const statusNow = createStatus(options);
  return {
    "/": async (request, place) => {
      const refreshes = !/[?&]refresh=off(&|$)/.test(request.url);
      // A header, not a meta element: where the reader pauses it, nothing is left in the page to do it.
      const refresh: Record<string, string> = refreshes ? { refresh: String(REFRESH) } : {};
      const headers = { "content-security-policy": await policy, ...refresh };
      const status = statusNow();
      const pieces = inPieces(renderPage(status, refreshes));
      const sized = { headers: { ...headers, "content-length": String(lengthOf(pieces)) } };
      return respond(request.method === "HEAD" ? null : bodyFor(pieces, place).body, HTML, sized);
    },
    "/api/v1/status": (request, place) => {
      if (request.method === "HEAD") return respond(null, JSON_TYPE);
      return respond(bodyInPieces(statusJson(statusNow()), { inTurns, place }), JSON_TYPE);
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

/** Makes the status at a moment; the view of what is shown is made once for all readers. */
function createStatus({ cluster, host: { build, clock }, telemetryPath, sandbox }: SiteOptions): () => Status {
  let last: { readonly shown: Shown; readonly view: View } | undefined;
  return () => {
    const { shown, config } = cluster;
    if (last?.shown !== shown) last = { shown, view: viewOf(shown.state, shown.recovery) };
    return statusOf(last.view, { config, build, telemetryPath, sandbox: sandbox?.(), now: clock.now() });
  };
}
