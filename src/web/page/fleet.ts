import { type Clock, createPace } from "../../base/clock.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Clusters } from "../../cluster/clusters.ts";
import type { Refused } from "../../cluster/sources.ts";
import { statusJson } from "../../status/json.ts";
import type { Status } from "../../status/status.ts";
import { bodyInPieces } from "../body.ts";
import type { Page, Visit } from "../handler.ts";
import { redirect } from "../response.ts";
import { type OverviewRow, renderOverview, rowOf, worstFirst } from "./overview.ts";
import {
  createPages,
  createStatus,
  createTurns,
  htmlAnswer,
  JSON_TYPE,
  NOBODY,
  queryOf,
  refreshing,
  type SitePath,
  type SiteTerms,
} from "./pages.ts";

/** The pages of several clusters. */
export interface FleetPages {
  readonly overview: Page;
  /** A page of one of them, by its path among those of a cluster without a name. */
  ofCluster(name: string, path: SitePath, request: Request, visit?: Visit): Response | Promise<Response>;
  /** The data of all clusters, or of the one that the query names. */
  data(path: "/api/v1/status" | "/api/v1/plan", request: Request, visit?: Visit): Response | Promise<Response>;
}

/** How long the rows of the overview serve, milliseconds: making those of hundreds of clusters is work. */
const ROWS_TIME_MS = 1000;
/** About how much JSON is sent at a time, characters. */
const PIECE = 32 * 1024;

/** The overview of several clusters, the pages of each, and their data as JSON. */
export function createFleetPages({ clusters, ...terms }: SiteTerms & { readonly clusters: Clusters }): FleetPages {
  const { respond, host: { clock, build, hostname }, telemetryPath, sandbox, onFault } = terms;
  const nextTurn = createTurns(clock);
  const made = new WeakMap<Cluster, OfCluster>();
  const of = (cluster: Cluster): OfCluster => {
    const known = made.get(cluster) ??
      { pages: createPages({ ...terms, cluster }), status: createStatus({ ...terms, cluster }) };
    made.set(cluster, known);
    return known;
  };
  const rowsNow = createRows(clusters, (cluster) => of(cluster).status(false), clock);
  const refuse = (status: number, error: string): Response =>
    respond(`${JSON.stringify({ error })}\n`, JSON_TYPE, { status });

  const ofCluster: FleetPages["ofCluster"] = (name, path, request, visit) => {
    const cluster = clusters.all.get(name);
    if (cluster === undefined) return refuse(404, `there is no cluster '${name}'`);
    const asked = queryOf(request.url).get("cluster");
    if (path.startsWith("/api/") && asked !== null && asked !== name) {
      return refuse(400, `this is the cluster '${name}'; leave cluster=${encodeURIComponent(asked)} out`);
    }
    return of(cluster).pages[path](request, visit);
  };

  return {
    ofCluster,
    async overview(request, { place } = NOBODY) {
      // The way to a cluster's page for who cannot know whether it has a name here: a link of an alert.
      const name = queryOf(request.url).get("cluster");
      if (name !== null && clusters.all.has(name)) return redirect(respond, `clusters/${name}/`);
      const { refreshes, headers } = await refreshing(request);
      const text = renderOverview({
        rows: await rowsNow(),
        refused: clusters.refused,
        exporter: { ...build, telemetryPath, sandbox: sandbox?.() },
        hostname,
        time: clock.now(),
        refreshes,
      });
      return htmlAnswer(text, { headers, respond, request, place });
    },
    data(path, request, visit = NOBODY) {
      const [only, ...others] = clusters.all.keys();
      const asked = queryOf(request.url).get("cluster");
      const name = asked ?? (path === "/api/v1/plan" && others.length === 0 ? only : undefined);
      if (name !== undefined) return ofCluster(name, path, request, visit);
      if (path === "/api/v1/plan") return refuse(400, "which cluster? add cluster=NAME");
      if (request.method === "HEAD") return respond(null, JSON_TYPE);
      const statuses = clusters.all.values().map((cluster) => of(cluster).status(visit.loggedIn));
      const pieces = inPieces(clustersJson(statuses, clusters.refused));
      const body = bodyInPieces(pieces, { nextTurn, place: visit.place, onFault: (error) => onFault(error, request) });
      return respond(body, JSON_TYPE);
    },
  };
}

interface OfCluster {
  readonly pages: Readonly<Record<SitePath, Page>>;
  readonly status: (loggedIn: boolean) => Status;
}

/** Makes the rows of the overview, at pace, once for all readers within a second. */
function createRows(
  clusters: Clusters,
  statusOf: (cluster: Cluster) => Status,
  clock: Clock,
): () => Promise<readonly OverviewRow[]> {
  let last: { readonly since: number; readonly rows: Promise<readonly OverviewRow[]> } | undefined;
  const make = async (): Promise<readonly OverviewRow[]> => {
    const pace = createPace(clock);
    const rows: OverviewRow[] = [];
    for (const [name, cluster] of clusters.all) {
      rows.push(rowOf(name, statusOf(cluster)));
      await pace();
    }
    return rows.toSorted(worstFirst);
  };
  return () => {
    const now = clock.monotonic();
    if (last === undefined || now - last.since >= ROWS_TIME_MS) last = { since: now, rows: make() };
    return last.rows;
  };
}

/** The data of all clusters as JSON, each as it is by itself. */
export function* clustersJson(statuses: Iterable<Status>, refused: readonly Refused[]): Generator<string, void> {
  yield `{"clusters":[`;
  let comma = "";
  for (const status of statuses) {
    yield comma;
    comma = ",";
    for (const piece of statusJson(status)) yield piece.trimEnd();
  }
  const files = refused.map(({ name, file, why }) => ({ cluster: name ?? null, file, error: why }));
  yield `],"refused":${JSON.stringify(files)}}\n`;
}

/** Short pieces joined to such as are worth a turn each. */
function* inPieces(pieces: Iterable<string>): Generator<string, void> {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE) continue;
    yield text;
    text = "";
  }
  yield text;
}
