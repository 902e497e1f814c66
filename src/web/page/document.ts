import { formatSecond } from "../../base/text.ts";
import type { InstanceStatus, Problem, Status } from "../../status/status.ts";
import { backupsTable, breakable, pageLink, type PageOptions } from "./backups_table.ts";
import { factsList } from "./facts.ts";
import { html, Markup, withCommands } from "./markup.ts";
import { operationsTable } from "./operations_table.ts";
import { STYLE } from "./style.ts";
import { drawTimeline } from "./timeline/drawing.ts";
import { walTables } from "./wal_table.ts";

/** The exporter's own facts, and where to read on. */
function exporterFacts({ cluster, exporter }: Status): Markup {
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
    `}<div><dt>Read on</dt><dd class="links"><a href="${rootOf(
      cluster,
    )}${telemetryPath}">metrics</a> <a href="api/v1/status">status as JSON</a> <a href="https://github.com/wal-g/wal-g/blob/master/docs/PostgreSQL.md">WAL-G on PostgreSQL</a></dd></div>
    </dl>
  `;
}

/** The one sentence with its colour and its word, then what else is wrong, then what is recoverable all the same. */
function sentenceSection({ summary, problems, recoverable }: Status): Markup {
  const [worst, ...others] = sayOnce(problems);
  const sentence = withSmallNames(worst === undefined ? summary.sentence : headOf(worst));
  return verdictSection(
    summary,
    sentence,
    html`${worst && more(worst)}${
      others.length === 0 ? undefined : html`<ul class="problems">${others.map(item)}</ul>`
    }${
      worst === undefined || recoverable === undefined
        ? undefined
        : html`<p class="recoverable">${withSmallNames(recoverable)}</p>`
    }`,
  );
}

/** A page's sentence with its colour, its word and what follows from it. */
export function verdictSection(
  { level, word }: { readonly level: string; readonly word: string },
  sentence: Markup,
  more: Markup,
): Markup {
  return html`
    <section class="verdict ${level}" aria-labelledby="sentence">
      <p class="word">${word}</p>
      <h1 id="sentence">${sentence}</h1>
      ${more}
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

/** What to do, what else it breaks, and what was said. */
function more({ cause, effects = [], fix }: Problem): Markup {
  return html`${
    fix === undefined ? undefined : html`<p class="advice"><strong>What to do:</strong> ${withCommands(fix)}</p>`
  }${effects.map((effect) => html`<p class="effect">${effect}, for the same reason.</p>`)}${
    cause === undefined ? undefined : html`<p class="cause"><code>${withoutIds(cause)}</code></p>`
  }`;
}

/** What a storage said without the ids of its requests, which the table of operations has. */
function withoutIds(cause: string): string {
  return cause.replace(/[,;]? *(?:request|host) ?id: *[^\s,;]*/gi, "");
}

/** The sentence without the cause at its end. */
export function headOf({ sentence, cause }: Problem): string {
  return cause !== undefined && sentence.endsWith(`: ${cause}`) ? sentence.slice(0, -cause.length - 2) : sentence;
}

const NAME = /(\bbase_[0-9A-F]{24}\w*[,;:]?|\b[0-9A-F]{24}\b[,;:]?)/;

/** A sentence with the names of WAL segments and backups in small print, each with the punctuation after it. */
function withSmallNames(sentence: string): Markup {
  const parts = sentence.split(NAME);
  return html`${
    parts.map((part, index) =>
      index % 2 === 0
        ? html`${part}`
        : part.startsWith("base_")
        ? html`<code class="name">${breakable(part)}</code>`
        : html`<code class="segment">${part}</code>`
    )
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

/** What a page consists of. */
interface PageParts {
  readonly title: string;
  /** What its first link skips to the verdict. */
  readonly skip: string;
  readonly instance: InstanceStatus;
  readonly nav: Markup;
  readonly main: Markup;
  readonly footer: Markup;
}

/** A whole page, with the style of every page. */
export function pageOf({ title, skip, instance, nav, main, footer }: PageParts): string {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    ${STYLE_ELEMENT}
      </head>
      <body>
        <header><a class="skip" href="#sentence">${skip}</a>${brand(instance)}
    ${nav}</header>
        <main>
    ${main}</main>
        <footer>
          <p>${footer}</p>
        </footer>
      </body>
    </html>
  `.text.trimStart();
}

/** From a page to where the exporter's own are: those of a cluster with a name are in a folder of their own. */
function rootOf(cluster: string | undefined): string {
  return cluster === undefined ? "." : "../..";
}

/** From a page of a cluster with a name to that of all. */
export function toOverview(cluster: string | undefined): Markup | undefined {
  return cluster === undefined ? undefined : html`
    <a href="${rootOf(cluster)}/">All clusters</a>
  `;
}

/** The status page. Its links are relative, so that it works below any path of a proxy. */
export function renderPage(status: Status, options: PageOptions): string {
  const { cluster, time, instance } = status;
  return pageOf({
    title: titleOf(status),
    skip: "Skip to the status",
    instance,
    nav: html`
      <nav
        aria-label="Sections">${toOverview(
          cluster,
        )}<a href="#timeline">Timeline</a> <a href="#backups">Backups</a> <a href="#wal">WAL</a> <a href="#operations">Operations</a> <a href="#exporter">Exporter</a> <a href="restore">Restore</a></nav>
    `,
    main: html`${sentenceSection(status)}${factsList(status)}${
      section("timeline", "Timeline", timelineSection(status))
    }${section("backups", "Backups", backupsTable(status, options))}${section("wal", "WAL", walTables(status))}${
      section("operations", "Operations", operationsTable(status))
    }${section("exporter", "Exporter", exporterFacts(status))}`,
    footer: refreshFooter(time, options),
  });
}

/** Of when the page is, and how to have it refresh itself, or not. */
export function refreshFooter(time: number, { refreshes, allBackups }: PageOptions): Markup {
  const other = pageLink({ allBackups, refreshes: !refreshes });
  return html`As of <time datetime="${new Date(time).toISOString()}">${formatSecond(time)}</time>. ${
    refreshes
      ? html`It refreshes itself every ${`${REFRESH} s`}. <a href="${other}">Pause</a>`
      : html`It does not refresh itself. <a href="${other}">Go on</a>`
  }`;
}

/** The word, the host and what is wrong, short enough for a tab. */
function titleOf({ summary, instance: { name }, problems: [worst] }: Status): string {
  const [what = ""] = worst === undefined ? [] : headOf(worst).split(/[:;] |, which/);
  const short = what.length > 64 ? `${what.slice(0, 63)}…` : what;
  return [summary.word, name ?? "", short].filter((part) => part !== "").join(": ");
}

/** Which database a page is about. */
function brand({ name, hostname, dataDir, systemIdentifier }: InstanceStatus): Markup {
  const place = hostname === "" || hostname === name ? dataDir : `${hostname}:${dataDir}`;
  const facts = [
    ...place === "" ? [] : [html`<span>${place}</span>`],
    ...systemIdentifier === undefined ? [] : [html`<span>system ${String(systemIdentifier)}</span>`],
  ];
  return html`<div class="brand"><p><strong>${
    name ?? "host not known"
  }</strong> <span class="quiet">walg-exporter</span></p>${
    facts.length === 0 ? undefined : html`<p class="quiet place">${facts}</p>`
  }</div>`;
}

/** A section with its heading. */
export function section(id: string, title: string, content: Markup): Markup {
  return html`
    <section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
    ${content}</section>
  `;
}
