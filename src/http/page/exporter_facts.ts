import type { Status } from "../../status/mod.ts";
import { html, type Markup } from "./markup.ts";

/** The exporter's own facts, and where to read on. */
export function exporterFacts({ exporter }: Status): Markup {
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
    `}<div><dt>Read on</dt><dd class="links"><a href="${telemetryPath}">metrics</a> <a href="/api/v1/status">status as JSON</a> <a href="https://github.com/wal-g/wal-g/blob/master/docs/PostgreSQL.md">WAL-G on PostgreSQL</a></dd></div>
    </dl>
  `;
}
