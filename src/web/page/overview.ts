import { formatAge, formatCount, formatLength, formatMinuteFrom, formatSeconds, oneLine } from "../../base/text.ts";
import type { Build } from "../../base/manifest.ts";
import type { Refused } from "../../cluster/sources.ts";
import type { Level, Status, Word } from "../../status/status.ts";
import { endTime } from "../../walg/backup_list.ts";
import { pageDocument, section } from "./document.ts";
import { html, type Markup, unbroken } from "./markup.ts";

/** What the overview shows of a cluster. */
export interface OverviewRow {
  readonly name: string;
  readonly level: Level;
  readonly word: Word;
  readonly sentence: string;
  /** Sorts rows of the same level: the highest comes first. */
  readonly urgency: number;
  readonly window: Cell;
  readonly rpo: Cell;
  readonly newest: Cell;
}

/** A figure with what it rests on. */
interface Cell {
  readonly value: string;
  readonly more?: string;
}

const NOT_KNOWN: Cell = { value: "not known" };

/** The row of a cluster. */
export function rowOf(name: string, { summary, problems, recovery, backups, time: now }: Status): OverviewRow {
  const [newest] = backups ?? [];
  return {
    name,
    ...summary,
    urgency: problems[0]?.urgency ?? 0,
    window: windowCell(recovery),
    rpo: recovery?.until?.moment === undefined ? NOT_KNOWN : { value: formatLength(now - recovery.until.moment) },
    newest: newest === undefined
      ? backups === undefined ? NOT_KNOWN : { value: "none" }
      : { value: formatAge(endTime(newest.backup), now), more: newest.backup.type },
  };
}

function windowCell(recovery: Status["recovery"]): Cell {
  if (recovery?.windowStartTime === undefined) {
    const isNone = recovery?.windowKnown === true && !recovery.anyUnknown && recovery.until === undefined;
    return isNone ? { value: "none" } : NOT_KNOWN;
  }
  const { windowStartTime, until } = recovery;
  const more = `from ${formatMinuteFrom(windowStartTime)}`;
  if (until?.moment === undefined) return { value: "end not known", more };
  return { value: formatSeconds(Math.max(0, until.moment - windowStartTime) / 1000), more };
}

/** From the worst to the mildest. */
const WORST_FIRST: readonly Level[] = ["critical", "unknown", "warning", "ok"];

/** Sorts rows: the worst first, those that are alike by name. */
export function worstFirst(a: OverviewRow, b: OverviewRow): number {
  return WORST_FIRST.indexOf(a.level) - WORST_FIRST.indexOf(b.level) || b.urgency - a.urgency ||
    (a.name < b.name ? -1 : 1);
}

/** What the overview is made from. */
export interface Overview {
  /** Worst first. */
  readonly rows: readonly OverviewRow[];
  readonly refused: readonly Refused[];
  readonly exporter: Build & { readonly telemetryPath: string; readonly sandbox: string | undefined };
  /** Unix milliseconds. */
  readonly time: number;
  readonly refreshes: boolean;
}

/** The page that shows each cluster in a line. */
export function renderOverview({ rows, refused, exporter, time, refreshes }: Overview): string {
  const level = refused.length > 0 && rows[0]?.level !== "critical" ? "unknown" : rows[0]?.level ?? "unknown";
  const sentence = countLevels(rows, refused.length);
  return pageDocument({
    title: sentence,
    brand: html`walg-exporter`,
    nav: html`<a href="#clusters">Clusters</a> <a href="#exporter">Exporter</a>`,
    main: html`
      <section class="verdict ${level}" aria-labelledby="sentence">
        <h1 id="sentence">${sentence}</h1>
        ${refusedList(refused)}
      </section>
      ${section("clusters", "Clusters", clustersTable(rows))}${section("exporter", "Exporter", facts(exporter))}
    `,
    time,
    refreshes,
  });
}

/** In a few words how many clusters are how: `2 critical, 1 warning of 12 clusters`. */
export function countLevels(rows: readonly Pick<OverviewRow, "level">[], refused: number): string {
  const counts = WORST_FIRST.filter((level) => level !== "ok").flatMap((level) => {
    const count = rows.filter((row) => row.level === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
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
    <table class="cards" role="table">
      <caption>${formatCount(rows.length, "cluster")}, the worst first</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">Cluster</th>
          <th scope="col" role="columnheader">State</th>
          <th scope="col" role="columnheader">What is most important</th>
          <th scope="col" role="columnheader">Recovery window</th>
          <th scope="col" role="columnheader">RPO</th>
          <th scope="col" role="columnheader">Newest backup</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
    ${rows.map(row)}</tbody>
    </table>
  `;
}

function row({ name, level, word, sentence, window, rpo, newest }: OverviewRow): Markup {
  return html`
    <tr role="row">
      <th scope="row" role="rowheader"><a href="clusters/${name}">${name}</a></th>
      <td role="cell" data-label="State"><span class="state ${STATES[level]}">${word}</span></td>
      <td role="cell" data-label="What is most important" class="reason wide">${sentence}</td>
      <td role="cell" data-label="Recovery window">${cell(window)}</td>
      <td role="cell" data-label="RPO">${cell(rpo)}</td>
      <td role="cell" data-label="Newest backup">${cell(newest)}</td>
    </tr>
  `;
}

function cell({ value, more }: Cell): Markup {
  return html`${unbroken(value)}${more === undefined ? undefined : html`<span class="quiet">${unbroken(more)}</span>`}`;
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
    `}<div><dt>Read on</dt><dd class="links"><a href=".${telemetryPath}">metrics</a> <a href="./api/v1/status">status as JSON</a></dd></div>
    </dl>
  `;
}
