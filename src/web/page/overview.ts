import {
  formatAgeElsewhere,
  formatCount,
  formatLength,
  formatMinute,
  formatSeconds,
  oneLine,
} from "../../base/text.ts";
import type { Build } from "../../base/host.ts";
import type { Refused } from "../../cluster/sources.ts";
import { type Level, levelCounts, type Status, type Word, WORST_FIRST } from "../../status/status.ts";
import { drillResult } from "../../operations/drill_result.ts";
import { PROBLEM_CODES } from "../../operations/problems.ts";
import { endTime } from "../../walg/backup_list.ts";
import { headOf, pageOf, refreshFooter, section } from "./document.ts";
import { html, type Markup, unbroken } from "./markup.ts";

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
export interface Overview {
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
