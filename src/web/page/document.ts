import { formatTime } from "../../base/text.ts";
import type { Problem, Status } from "../../status/status.ts";
import { backupsTable } from "./backups_table.ts";
import { factsList } from "./facts.ts";
import { html, jsonOf, Markup, rootOf } from "./markup.ts";
import { operationsTable } from "./operations_table.ts";
import { STYLE } from "./style.ts";
import { drawTimeline } from "./timeline/drawing.ts";
import { walTables } from "./wal_table.ts";

/** The exporter's own facts, and where to read on. */
export function exporterFacts({ cluster, exporter }: Status): Markup {
  const { version, revision, denoVersion, target, walgVersion, walgPath, walgConfigPath, sandbox, telemetryPath } =
    exporter;
  return html`
    <dl class="pairs">
    <div><dt>walg-exporter</dt><dd>${version} <span class="quiet">(${revision}, Deno ${denoVersion}, ${target})</span></dd></div>
    <div><dt>WAL-G</dt><dd>${walgVersion ??
      "version not known"} <span class="quiet">(<code>${walgPath}</code>${walgConfigPath === undefined
      ? undefined
      : html`, <code>--config ${walgConfigPath}</code>`})</span></dd></div>
    ${sandbox === undefined ? undefined : html`
      <div>
        <dt>Sandbox</dt>
        <dd>${sandbox === "off" ? "off: it runs with all permissions" : `on; what is left: ${sandbox}`}</dd>
      </div>
    `}<div><dt>Read on</dt><dd class="links"><a href="${rootOf(cluster)}${telemetryPath}">metrics</a> <a href="${jsonOf(
      cluster,
    )}">status as JSON</a> <a href="https://github.com/wal-g/wal-g/blob/master/docs/PostgreSQL.md">WAL-G on PostgreSQL</a></dd></div>
    </dl>
  `;
}

/** The one sentence with its colour and its word, then what else is wrong, then what is recoverable all the same. */
export function sentenceSection({ summary, problems, recoverable }: Status): Markup {
  const [worst, ...others] = sayOnce(problems);
  return html`
    <section class="verdict ${summary.level}" aria-labelledby="sentence">
      <p class="word">${summary.word}</p>
      <h1 id="sentence">${withSmallNames(worst === undefined ? summary.sentence : headOf(worst))}</h1>
      ${worst && more(worst)}${others.length === 0
        ? undefined
        : html`<ul class="problems">${others.map(item)}</ul>`}${worst === undefined || recoverable === undefined
        ? undefined
        : html`<p class="recoverable">${withSmallNames(recoverable)}</p>`}
    </section>
  `;
}

/** The problems, each piece of advice only where it is needed first. */
function sayOnce(problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem, index) => {
    const { fix, ...rest } = problem;
    return problems.slice(0, index).some((earlier) => earlier.fix === fix) ? rest : problem;
  });
}

function item(problem: Problem): Markup {
  return html`<li><p><span class="tag ${problem.level}">${problem.level}</span> ${withSmallNames(headOf(problem))}</p>${
    more(problem)
  }</li>`;
}

/** What was said, and what to do. */
function more({ cause, fix }: Problem): Markup {
  return html`${cause === undefined ? undefined : html`<p class="cause"><code>${cause}</code></p>`}${
    fix === undefined ? undefined : html`<p class="advice"><strong>What to do:</strong> ${fix}</p>`
  }`;
}

/** The sentence without the cause at its end. */
function headOf({ sentence, cause }: Problem): string {
  return cause !== undefined && sentence.endsWith(`: ${cause}`) ? sentence.slice(0, -cause.length - 2) : sentence;
}

/** A sentence with the names of WAL segments in small print, each with the punctuation after it. */
function withSmallNames(sentence: string): Markup {
  const parts = sentence.split(/(\b[0-9A-F]{24}\b[,;:]?)/);
  return html`${
    parts.map((part, index) => index % 2 === 0 ? html`${part}` : html`<code class="segment">${part}</code>`)
  }`;
}

/** The drawing with its legend and what it leaves out. */
export function timelineSection(status: Status): Markup {
  const drawing = drawTimeline(status);
  if (drawing === undefined) {
    return html`<p class="none">${
      status.backups === undefined ? "Nothing is listed yet." : "There are no backups to draw."
    }</p>`;
  }
  const { svg, legend, notes } = drawing;
  return html`<figure>${svg}
<figcaption><ul class="legend">${
    legend.map(([key, meaning]) => html`<li><i class="key ${key}"></i>${meaning}</li>`)
  }</ul>
<p class="quiet">${notes.join(" ")}</p></figcaption></figure>`;
}

/** Seconds after which the page is loaded anew. */
export const REFRESH = 30;

const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);

/** The status page. `refreshes` is false when the reader has paused it. */
export function renderPage(status: Status, refreshes: boolean): string {
  const { cluster, summary, time } = status;
  const name = cluster === undefined ? "" : `${cluster}: `;
  return pageDocument({
    title: `${name}${summary.word}: ${summary.sentence}`,
    brand: cluster === undefined ? html`walg-exporter` : html`<a href="..">walg-exporter</a> / ${cluster}`,
    nav: html`
      <a href="#timeline">Timeline</a> <a href="#backups">Backups</a> <a href="#wal">WAL</a> <a
        href="#operations">Operations</a> <a href="#exporter">Exporter</a>
    `,
    main: html`${sentenceSection(status)}${factsList(status)}${
      section(
        "timeline",
        "Timeline",
        timelineSection(status),
      )
    }${section("backups", "Backups", backupsTable(status))}${section("wal", "WAL", walTables(status))}${
      section(
        "operations",
        "Operations",
        operationsTable(status),
      )
    }${section("exporter", "Exporter", exporterFacts(status))}`,
    time,
    refreshes,
  });
}

/** What differs between the pages. */
export interface PageContent {
  readonly title: string;
  readonly brand: Markup;
  readonly nav: Markup;
  readonly main: Markup;
  /** Unix milliseconds. */
  readonly time: number;
  readonly refreshes: boolean;
}

/** A whole page. */
export function pageDocument({ title, brand, nav, main, time, refreshes }: PageContent): string {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · walg-exporter</title>
    <link rel="icon" href="data:,">
    ${STYLE_ELEMENT}
      </head>
      <body>
        <header><a class="skip" href="#sentence">Skip to the status</a><p class="brand">${brand}</p>
    <nav aria-label="Sections">${nav}</nav></header>
        <main>
    ${main}</main>
        <footer>
          <p>As of <time datetime="${new Date(time).toISOString()}">${formatTime(time)} UTC</time>. ${refreshes
            ? html`It refreshes itself every ${REFRESH} s. <a href="?refresh=off">Pause</a>`
            : html`It does not refresh itself. <a href="?">Go on</a>`}</p>
        </footer>
      </body>
    </html>
  `.text.trimStart();
}

export function section(id: string, title: string, content: Markup): Markup {
  return html`
    <section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
    ${content}</section>
  `;
}
