import type { Status } from "../../status/mod.ts";
import { backupsTable } from "./backups_table.ts";
import { exporterFacts } from "./exporter_facts.ts";
import { factsList } from "./facts.ts";
import { formatTime } from "./figures.ts";
import { html, Markup } from "./markup.ts";
import { operationsTable } from "./operations_table.ts";
import { sentenceSection } from "./sentence.ts";
import { STYLE } from "./style.ts";
import { timelineSection } from "./timeline_section.ts";
import { walTables } from "./wal_table.ts";

/** Seconds after which the page is loaded anew. */
export const REFRESH = 30;

const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);

/** The status page. `refreshes` is false when the reader has paused it. */
export function renderPage(status: Status, refreshes: boolean): string {
  const { summary, time } = status;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${summary.word}: ${summary.sentence} · walg-exporter</title>
    <link rel="icon" href="data:,">
    ${STYLE_ELEMENT}
      </head>
      <body>
        <header><a class="skip" href="#sentence">Skip to the status</a><p class="brand">walg-exporter</p>
    <nav aria-label="Sections"><a href="#time-line">Time line</a> <a href="#backups">Backups</a> <a href="#wal">WAL</a> <a href="#operations">Operations</a> <a href="#exporter">Exporter</a></nav></header>
        <main>
    ${sentenceSection(status)}${factsList(status)}${section(
      "time-line",
      "Time line",
      timelineSection(status),
    )}${section("backups", "Backups", backupsTable(status))}${section("wal", "WAL", walTables(status))}${section(
      "operations",
      "Operations",
      operationsTable(status),
    )}${section("exporter", "Exporter", exporterFacts(status))}</main>
        <footer>
          <p>As of <time datetime="${new Date(time).toISOString()}">${formatTime(time)} UTC</time>. ${refreshes
            ? html`It refreshes itself every ${REFRESH} s. <a href="/?refresh=off">Pause</a>`
            : html`It does not refresh itself. <a href="/">Go on</a>`}</p>
        </footer>
      </body>
    </html>
  `.text.trimStart();
}

function section(id: string, title: string, content: Markup): Markup {
  return html`
    <section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
    ${content}</section>
  `;
}
