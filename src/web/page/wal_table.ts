import { formatAge, formatCount, formatNumber } from "../../base/text.ts";
import type { Status, TimelineStatus } from "../../status/status.ts";
import { timelineHex } from "../../walg/segment.ts";
import { FOUND, type SegmentRange } from "../../walg/wal_verify.ts";
import { html, type Markup } from "./markup.ts";

/** How many of the newest ranges are shown of all timelines together. */
export const SHOWN_RANGES = 200;

/** The WAL by timeline, newest first, with a count of the rest. */
export function walTables({ timelines, verify, verifiedTime, time: now }: Status): Markup {
  if (timelines === undefined || verify === undefined || verifiedTime === undefined) {
    return html`<p class="none">Not verified yet.</p>`;
  }
  const { integrity, timeline, currentTimeline, highestStorageTimeline } = verify;
  const { tables, hidden } = tablesOf(timelines);
  return html`<p class="quiet">Verified ${
    formatAge(verifiedTime, now)
  }. Integrity: ${integrity}. Timelines: ${timeline}${
    currentTimeline === undefined ? "" : `; the cluster is on ${currentTimeline}`
  }${highestStorageTimeline === undefined ? "" : `, the highest in the storage is ${highestStorageTimeline}`}.</p>
${
    timelines.length === 0
      ? html`<p class="none">wal-verify scanned no segments.</p>`
      : html`<div class="pair">${tables}</div>`
  }${hidden > 0 ? html`<p class="rest">and ${formatCount(hidden, "older timeline")}</p>` : undefined}`;
}

interface Tables {
  readonly tables: readonly Markup[];
  /** How many timelines found no room. */
  readonly hidden: number;
}

function tablesOf(timelines: readonly TimelineStatus[]): Tables {
  const tables: Markup[] = [];
  let room = SHOWN_RANGES;
  for (const entry of timelines.toReversed()) {
    if (room <= 0) break;
    tables.push(tableOf(entry, room));
    room -= entry.ranges.length;
  }
  return { tables, hidden: timelines.length - tables.length };
}

function tableOf({ timeline, ranges, segments }: TimelineStatus, room: number): Markup {
  const shown = ranges.slice(-room).reverse();
  const rest = ranges.length - shown.length;
  const counts = [...segments].map(([status, count]) => `${formatNumber(count)} ${status}`).join(", ");
  return html`<div><table class="ranges">
<caption>Timeline ${timeline} <span class="quiet">(${timelineHex(timeline)}): ${counts}</span></caption>
<thead><tr><th scope="col">Segments, from and to</th><th scope="col" class="number">Count</th><th scope="col">Status</th></tr></thead>
<tbody>
${shown.map(row)}</tbody>
</table>
${rest > 0 ? html`<p class="rest">and ${formatCount(rest, "older range")}</p>` : undefined}</div>`;
}

function row({ start, end, segments, status }: SegmentRange): Markup {
  const state = status === FOUND ? "good" : status === "MISSING_LOST" ? "bad" : "unsure";
  const to = end === start ? undefined : html`
    <span class="to">to</span> <code>${end}</code>
  `;
  return html`
    <tr>
      <td><code>${start}</code>${to}</td>
      <td class="number">${formatNumber(segments)}</td>
      <td><span class="state ${state}">${breakable(status)}</span></td>
    </tr>
  `;
}

/** A status that breaks, where it must, after its first word. */
function breakable(status: string): Markup {
  return html`${status.split("_").map((part, index) => index === 0 ? html`${part}` : html`_<wbr>${part}`)}`;
}
