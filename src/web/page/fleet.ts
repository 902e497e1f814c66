import { type Clock, createPace } from "../../base/clock.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Clusters } from "../../cluster/clusters.ts";
import type { Refused } from "../../cluster/sources.ts";
import { statusJson } from "../../status/json.ts";
import { bodyInPieces, redirect } from "../response.ts";
import type { Page, Visit } from "../handler.ts";
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
import {
  formatAgeElsewhere,
  formatCount,
  formatLength,
  formatMinute,
  formatSeconds,
  oneLine,
} from "../../base/text.ts";
import type { Build } from "../../base/host.ts";
import { type Level, levelCounts, type Status, type Word, WORST_FIRST } from "../../status/status.ts";
import { drillResult } from "../../operations/drill_result.ts";
import { PROBLEM_CODES } from "../../operations/problems.ts";
import { endTime } from "../../walg/backup_list.ts";
import { headOf, pageOf, refreshFooter, section } from "./document.ts";
import { html, type Markup, unbroken } from "./markup.ts";

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
      const query = queryOf(request.url);
      const name = query.get("cluster");
      query.delete("cluster");
      if (name !== null && clusters.all.has(name)) {
        return redirect(respond, `clusters/${name}/${query.size === 0 ? "" : `?${query}`}`);
      }
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
function* clustersJson(statuses: Iterable<Status>, refused: readonly Refused[]): Generator<string, void> {
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

/** What the overview shows of a cluster. */
export interface OverviewRow {
  readonly name: string;
  readonly level: Level;
  readonly word: Word;
  readonly sentence: string;
  /** Where its first problem stands among all that there are: the gravest of a level come first. */
  readonly rank: number;
  readonly window: Cell;
  readonly rpo: Cell;
  readonly newest: Cell;
  readonly drill: Cell;
}

/** A figure with what it rests on. */
interface Cell {
  readonly value: string;
  readonly more?: string;
  /** Where it is none to rely on. */
  readonly level?: "warning" | "critical";
}

const NOT_KNOWN: Cell = { value: "not known" };

/** The row of a cluster. */
export function rowOf(name: string, status: Status): OverviewRow {
  const { summary, problems: [worst], recovery, backups, time: now } = status;
  const [newest] = backups ?? [];
  return {
    name,
    level: summary.level,
    word: summary.word,
    // What was said is on its page.
    sentence: worst === undefined ? summary.sentence : headOf(worst),
    rank: worst === undefined ? Infinity : PROBLEM_CODES.indexOf(worst.code),
    window: windowCell(recovery),
    rpo: recovery?.until?.moment === undefined ? NOT_KNOWN : { value: formatLength(now - recovery.until.moment) },
    newest: newest === undefined
      ? backups === undefined ? NOT_KNOWN : { value: "none" }
      : { value: formatAgeElsewhere(endTime(newest.backup), now), more: newest.backup.type },
    drill: drillCell(status),
  };
}

function drillCell({ drill, operations, time: now }: Status): Cell {
  if (drill === undefined) {
    return operations.some(({ operation, outcome }) => operation === drillResult.name && outcome === "ok")
      ? { value: "none" }
      : NOT_KNOWN;
  }
  const age = formatAgeElsewhere(drill.end_time, now);
  if (drill.outcome === "failed") return { value: "failed", more: age, level: "critical" };
  if (drill.outcome === "could_not_run") return { value: "not run", more: age, level: "warning" };
  const { last_success: success } = drill;
  return { value: age, ...(success && { more: `took ${formatSeconds(success.recovery_seconds)}` }) };
}

function windowCell(recovery: Status["recovery"]): Cell {
  if (recovery?.windowStartTime === undefined) {
    const isNone = recovery?.windowKnown === true && !recovery.anyUnknown && recovery.until === undefined;
    return isNone ? { value: "none" } : NOT_KNOWN;
  }
  const { windowStartTime, until } = recovery;
  const more = `from ${formatMinute(windowStartTime)}`;
  if (until?.moment === undefined) return { value: "end not known", more };
  return { value: formatSeconds(Math.max(0, until.moment - windowStartTime) / 1000), more };
}

/** Sorts rows: the worst first, those that are alike by name. */
export function worstFirst(a: OverviewRow, b: OverviewRow): number {
  return WORST_FIRST.indexOf(a.level) - WORST_FIRST.indexOf(b.level) || a.rank - b.rank ||
    (a.name < b.name ? -1 : 1);
}

/** What the overview is made from. */
interface Overview {
  /** Worst first. */
  readonly rows: readonly OverviewRow[];
  readonly refused: readonly Refused[];
  readonly exporter: Build & { readonly telemetryPath: string; readonly sandbox: string | undefined };
  /** This machine's name. */
  readonly hostname: string | undefined;
  /** Unix milliseconds. */
  readonly time: number;
  readonly refreshes: boolean;
}

/** The page that shows each cluster in a line. */
export function renderOverview({ rows, refused, exporter, hostname, time, refreshes }: Overview): string {
  const level = refused.length > 0 && rows[0]?.level !== "critical" ? "unknown" : rows[0]?.level ?? "unknown";
  const sentence = countLevels(rows, refused.length);
  return pageOf({
    title: [...hostname === undefined ? [] : [hostname], sentence].join(": "),
    skip: "Skip to the status",
    instance: { name: hostname ?? "All clusters", hostname: "", dataDir: "", systemIdentifier: undefined },
    nav: html`<nav aria-label="Sections"><a href="#clusters">Clusters</a> <a href="#exporter">Exporter</a></nav>`,
    main: html`
      <section class="verdict ${level}" aria-labelledby="sentence">
        <h1 id="sentence">${sentence}</h1>
        ${refusedList(refused)}
      </section>
      ${section("clusters", "Clusters", clustersTable(rows))}${section("exporter", "Exporter", facts(exporter))}
    `,
    footer: refreshFooter(time, { refreshes, allBackups: false }),
  });
}

/** In a few words how many clusters are how: `2 critical, 1 warning of 12 clusters`. */
export function countLevels(rows: readonly Pick<OverviewRow, "level">[], refused: number): string {
  const counts = levelCounts(rows.map(({ level }) => level));
  const files = refused === 0 ? "" : `; ${formatCount(refused, "config file")} cannot be used`;
  const all = formatCount(rows.length, "cluster");
  if (rows.length === 0) return `No cluster is watched${files}`;
  return counts.length === 0 ? `All is well with ${all}${files}` : `${counts.join(", ")} of ${all}${files}`;
}

function refusedList(refused: readonly Refused[]): Markup | undefined {
  if (refused.length === 0) return undefined;
  return html`<ul class="problems">${
    refused.map(({ file, why }) =>
      html`
        <li>
          <p><code>${file}</code></p>
          <p>${oneLine(why)}</p>
        </li>
      `
    )
  }</ul>`;
}

const STATES: Readonly<Record<Level, string>> = { ok: "good", warning: "aside", critical: "bad", unknown: "unsure" };

function clustersTable(rows: readonly OverviewRow[]): Markup {
  if (rows.length === 0) return html`<p class="none">There is none.</p>`;
  return html`
    <table class="cards overview" role="table">
      <caption>${formatCount(rows.length, "cluster")}, the worst first</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">Cluster</th>
          <th scope="col" role="columnheader">State</th>
          <th scope="col" role="columnheader">What is most important</th>
          <th scope="col" role="columnheader">Recovery window</th>
          <th scope="col" role="columnheader">RPO</th>
          <th scope="col" role="columnheader">Newest backup</th>
          <th scope="col" role="columnheader">Last drill</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
    ${rows.map(row)}</tbody>
    </table>
  `;
}

function row({ name, level, word, sentence, window, rpo, newest, drill }: OverviewRow): Markup {
  return html`
    <tr role="row">
      <th scope="row" role="rowheader"><a href="clusters/${name}/">${name}</a></th>
      <td role="cell" class="wide"><span class="state ${STATES[level]}">${word}</span></td>
      <td role="cell" class="reason wide">${sentence}</td>
      <td role="cell" data-label="Recovery window">${cell(window)}</td>
      <td role="cell" data-label="RPO">${cell(rpo)}</td>
      <td role="cell" data-label="Newest backup">${cell(newest)}</td>
      <td role="cell" data-label="Last drill">${cell(drill)}</td>
    </tr>
  `;
}

function cell({ value, more, level }: Cell): Markup {
  const shown = level === undefined ? unbroken(value) : html`<span class="state ${STATES[level]}">${value}</span>`;
  return html`${shown}${more === undefined ? undefined : html`<span class="quiet">${unbroken(more)}</span>`}`;
}

function facts({ version, revision, denoVersion, target, telemetryPath, sandbox }: Overview["exporter"]): Markup {
  return html`
    <dl class="pairs">
    <div><dt>walg-exporter</dt><dd>${version} <span class="quiet">(${revision}, Deno ${denoVersion}, ${target})</span></dd></div>
    ${sandbox === undefined ? undefined : html`
      <div>
        <dt>Sandbox</dt>
        <dd>${sandbox === "off" ? "off: it runs with all permissions" : `on; what is left: ${sandbox}`}</dd>
      </div>
    `}<div><dt>Read on</dt><dd class="links"><a href=".${telemetryPath}">metrics</a> <a href="api/v1/status">status as JSON</a></dd></div>
    </dl>
  `;
}
