import { formatAge, formatBytes, formatCount, formatNumber, formatTime } from "../../base/text.ts";
import { walArchive } from "../../operations/wal_archive.ts";
import { walVerify } from "../../operations/wal_verify.ts";
import { allTimelines } from "../../recovery/timelines.ts";
import type { Status, TimelineStatus } from "../../status/status.ts";
import { formatLsn, timelineHex } from "../../walg/segment.ts";
import type { WalArchive } from "../../walg/wal_archive.ts";
import { FOUND, type SegmentRange } from "../../walg/wal_verify.ts";
import { html, type Markup, unbroken } from "./markup.ts";

/** How many of the newest ranges are shown of all timelines together. */
const SHOWN_RANGES = 30;

/** How many of the newest timelines of the archive are shown. */
const SHOWN_TIMELINES = 20;

/** The WAL by timeline, newest first, with a count of the rest: what the archive holds, and what wal-verify found. */
export function walTables(status: Status): Markup {
  const isOn = (name: string): boolean => status.operations.some(({ operation }) => operation === name);
  const { archive, archivedTime = 0, time } = status;
  const listed = archive !== undefined
    ? archiveTable(archive, formatAge(archivedTime, time))
    : isOn(walArchive.name)
    ? html`<p class="none">Not listed yet.</p>`
    : undefined;
  return html`${listed}${
    status.verify !== undefined || !status.off.some(({ operation }) => operation === walVerify.name)
      ? verified(status)
      : html`<p class="none">wal-verify is switched off: not verified by choice.</p>`
  }`;
}

function archiveTable(archive: WalArchive, age: string): Markup {
  const { source, bytes, objects, unlisted } = archive;
  const numbers = allTimelines(archive).toSorted((a, b) => b - a);
  const rest = numbers.length - SHOWN_TIMELINES;
  const sums = bytes === undefined || objects === undefined
    ? ""
    : `: ${formatCount(objects, "object")}, ${formatBytes(bytes)}`;
  const how = source === "wal-show" ? " by wal-show, which knows no times and sizes" : "";
  return html`<p class="quiet">Archive listed ${age}${how}${unbroken(sums)}.${
    unlisted.length > 0 ? ` Could not be listed: ${unlisted.join(", ")}.` : ""
  }</p>
${
    numbers.length === 0 ? html`<p class="none">The archive is empty.</p>` : html`
      <table class="cards archive" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">Timeline</th>
            <th scope="col" role="columnheader" class="number">Segments</th>
            <th scope="col" role="columnheader" class="number">Size</th>
            <th scope="col" role="columnheader">Newest archived (UTC)</th>
            <th scope="col" role="columnheader">Left its parent</th>
          </tr>
        </thead>
        <tbody role="rowgroup">${numbers.slice(0, SHOWN_TIMELINES).map((number) =>
          archivedRow(number, archive)
        )}</tbody>
      </table>
    `
  }${rest > 0 ? html`<p class="rest">and ${formatCount(rest, "older timeline")}</p>` : undefined}`;
}

function archivedRow(number: number, { timelines, parents, source }: WalArchive): Markup {
  const timeline = timelines.get(number);
  const { segments = 0, bytes = 0, newestTime } = timeline ?? {};
  const parent = parents.get(number);
  const left = parent === undefined
    ? html`–`
    : html`timeline ${parent.timeline} at <code>${formatLsn(parent.switchLsn)}</code>`;
  return html`
    <tr role="row">
      <th scope="row" role="rowheader">${number} <span class="hex">${timelineHex(number)}</span></th>
      <td role="cell" data-label="Segments" class="number">${formatNumber(segments)}</td>
      <td role="cell" data-label="Size" class="number">${source === "listing" ? formatBytes(bytes) : "–"}</td>
      <td role="cell" data-label="Newest archived (UTC)" class="time">${newestTime === undefined
        ? "–"
        : formatTime(newestTime)}</td>
      <td role="cell" data-label="Left its parent">${left}</td>
    </tr>
  `;
}

function verified({ timelines, verify, verifiedTime, time: now }: Status): Markup {
  if (timelines === undefined || verify === undefined || verifiedTime === undefined) {
    return html`<p class="none">Not verified yet.</p>`;
  }
  const { integrity, timeline, currentTimeline, highestStorageTimeline } = verify;
  const { tables, hidden } = tablesOf(timelines);
  return html`
    <p
      class="quiet">wal-verify answered ${formatAge(
        verifiedTime,
        now,
      )}. Integrity: ${integrity}. Timelines: ${timeline}${currentTimeline === undefined
        ? ""
        : `; the cluster is on ${currentTimeline}`}${highestStorageTimeline === undefined
        ? ""
        : `, the highest in the storage is ${highestStorageTimeline}`}.</p>
    ${timelines.length === 0
      ? html`<p class="none">wal-verify scanned no segments.</p>`
      : html`<div class="pair">${tables}</div>`}${hidden > 0
      ? html`<p class="rest">and ${formatCount(hidden, "older timeline")}</p>`
      : undefined}
  `;
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
