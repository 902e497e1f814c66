import type { Status } from "../../status/mod.ts";
import { html, type Markup } from "./markup.ts";
import { drawTimeline } from "./timeline_svg.ts";

/** The drawing with its legend and what it leaves out. */
export function timelineSection(status: Status): Markup {
  const drawing = drawTimeline(status);
  if (drawing === undefined) {
    return html`<p class="none">${
      status.backups === undefined ? "Nothing is listed yet." : "There are no backups to draw."
    }</p>`;
  }
  const { svg, notes } = drawing;
  return html`<figure>${svg}
<figcaption><ul class="legend"><li><i class="key full"></i>full backup</li><li><i class="key delta"></i>delta, with an arc from its parent</li><li><i class="key bad"></i>not restorable</li><li><i class="key unsure"></i>not known</li><li><i class="key wal"></i>WAL archived</li><li><i class="key striped"></i>archived, time not known</li><li><i class="key hole"></i>gap</li><li><i class="key waiting"></i>not archived yet</li><li><i class="key window"></i>recovery window</li></ul>
<p class="quiet">Times are UTC; those of WAL are estimated from the backups around it. ${
    notes.join(" ")
  }</p></figcaption></figure>`;
}
