import {
  formatAge,
  formatAgeElsewhere,
  formatBytes,
  formatNumber,
  formatRatio,
  formatSecond,
  formatSeconds,
  formatTime,
} from "../../base/text.ts";
import { isKnown } from "../../base/time.ts";
import type { BackupRecovery } from "../../recovery/recovery.ts";
import type { Status } from "../../status/status.ts";
import type { BackupFiles, UnfinishedBackup } from "../../walg/backup_files.ts";
import { html, type Markup, unbroken } from "./markup.ts";

/** How many of the newest backups are shown: about what a reader scrolls through. */
const SHOWN_BACKUPS = 30;
/** How many are shown to who asks for all: more would be megabytes of page. */
const MOST_BACKUPS = 1000;

/** What the reader asked for. */
export interface PageOptions {
  /** False when the reader has paused it. */
  readonly refreshes: boolean;
  /** Whether all backups are shown, not the newest alone. */
  readonly allBackups: boolean;
}

/** The link to the page as the reader wants it. */
export function pageLink({ allBackups, refreshes }: PageOptions): string {
  const query = [...allBackups ? ["backups=all"] : [], ...refreshes ? [] : ["refresh=off"]].join("&");
  return query === "" ? "./" : `./?${query}`;
}

/** The newest backups, newest first, with a count of the rest and the way to it. */
export function backupsTable(
  { backups, listedTime, files, uploading = [], time: now }: Status,
  options: PageOptions,
): Markup {
  if (backups === undefined || listedTime === undefined) return html`<p class="none">Not listed yet.</p>`;
  if (backups.length === 0) return html`<p class="none">There are none; listed ${formatAge(listedTime, now)}.</p>`;
  const { allBackups } = options;
  const shown = backups.slice(0, allBackups ? MOST_BACKUPS : SHOWN_BACKUPS);
  const rest = backups.length - shown.length;
  const hasFaults = shown.some(isShort);
  return html`
    <table class="cards" role="table">
      <caption>${formatNumber(backups.length)} listed ${formatAge(listedTime, now)}, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">Backup</th>
          <th scope="col" role="columnheader">Type</th>
          <th scope="col" role="columnheader">Started (UTC)</th>
          <th scope="col" role="columnheader" class="number">Took</th>
          <th scope="col" role="columnheader" class="number">Size</th>
          <th scope="col" role="columnheader">Storage</th>
          ${hasFaults ? html`<th scope="col" role="columnheader">In storage</th>` : undefined}
          <th scope="col" role="columnheader">Restorable</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
    ${shown.map((entry) => row(entry, hasFaults, now))}</tbody>
    </table>
    ${moreBackups(rest, backups.length, options)}${files && uploading.map((upload) => uploadNote(upload, files, now))}
  `;
}

/** What is left out, and how to see it; how to see less where all are shown. */
function moreBackups(rest: number, all: number, { allBackups, refreshes }: PageOptions): Markup | undefined {
  const json = html`<a href="api/v1/status">the JSON</a>`;
  const link = (text: string): Markup =>
    html`<a href="${pageLink({ allBackups: !allBackups, refreshes })}#backups">${text}</a>`;
  const older = `and ${formatNumber(rest)} older`;
  if (!allBackups) {
    if (rest === 0) return undefined;
    const wanted = all > MOST_BACKUPS ? `the newest ${formatNumber(MOST_BACKUPS)}` : `all ${formatNumber(all)}`;
    return html`<p class="rest">${older}: ${link(`show ${wanted}`)}; all of them are in ${json}</p>`;
  }
  if (all <= SHOWN_BACKUPS) return undefined;
  const fewer = link(`show the newest ${SHOWN_BACKUPS} only`);
  return rest > 0 ? html`<p class="rest">${older}, in ${json}; ${fewer}</p>` : html`<p class="rest">${fewer}</p>`;
}

/** A quiet line for an upload that goes on. */
function uploadNote({ name, firstUploadTime, bytes }: UnfinishedBackup, { endTime }: BackupFiles, now: number): Markup {
  return html`
    <p
      class="rest quiet">A backup is being uploaded since ${unbroken(formatSecond(firstUploadTime))}, ${unbroken(
        formatBytes(bytes),
      )} so far, seen ${formatAge(endTime, now)}: <code>${breakable(name)}</code></p>
  `;
}

/** Whether files of it are gone, from one storage at least. */
function isShort({ isComplete, lackingStorages }: BackupRecovery): boolean {
  return isComplete === false || lackingStorages !== undefined;
}

function row(entry: BackupRecovery, hasFaults: boolean, now: number): Markup {
  const {
    name,
    type,
    parent,
    startTime,
    finishTime,
    compressedSize,
    uncompressedSize,
    permanent,
    storages,
    lacksDetails,
  } = entry.backup;
  const age = isKnown(startTime) ? formatAgeElsewhere(startTime, now) : "";
  const took = isKnown(startTime) && finishTime >= startTime ? formatSeconds((finishTime - startTime) / 1000) : "–";
  const ratio = formatRatio(uncompressedSize, compressedSize);
  return html`
    <tr role="row">
      <th scope="row" role="rowheader"><code>${breakable(name)}</code>${parentOf(type, parent)}</th>
      <td role="cell" data-label="Type">${type}${permanent
        ? html`<span class="quiet">permanent</span>`
        : undefined}</td>
      <td role="cell" data-label="Started (UTC)"
        class="time"><span class="figure">${formatTime(
          startTime,
        )}</span><span class="quiet">${age}</span></td>
      <td role="cell" data-label="Took" class="number">${took}</td>
      <td role="cell" data-label="Size" class="number">${lacksDetails
        ? "–"
        : formatBytes(compressedSize)}${ratio === "–"
        ? undefined
        : html`<span class="quiet">${ratio} smaller</span>`}</td>
      <td role="cell" data-label="Storage" class="storage">${storages.length === 0 ? "–" : storages.join(", ")}</td>
      ${hasFaults ? html`<td role="cell" data-label="In storage">${stored(entry)}</td>` : undefined}
      <td role="cell" data-label="Restorable" class="wide">${restorable(entry)}</td>
    </tr>
  `;
}

function parentOf(type: string, parent: string): Markup | undefined {
  if (type !== "delta") return undefined;
  return html`<span class="quiet parent">${
    parent === "" ? "parent not listed" : html`on <code>${breakable(parent)}</code>`
  }</span>`;
}

/** What the storage holds of it. */
function stored({ backup, isComplete, storedBytes, lackingStorages = [] }: BackupRecovery): Markup {
  if (isComplete === undefined || storedBytes === undefined) return html`<span class="state unsure">not known</span>`;
  if (!isComplete) {
    const of = storedBytes < backup.compressedSize ? ` of ${formatBytes(backup.compressedSize)}` : "";
    return html`<span class="state bad">incomplete</span><span class="quiet">${
      unbroken(`${formatBytes(storedBytes)}${of}`)
    }</span>`;
  }
  if (lackingStorages.length === 0) return html`<span class="state good">complete</span>`;
  return html`<span class="state good">complete</span><span class="quiet reason">but not in ${
    lackingStorages.join(", ")
  }</span>`;
}

function restorable({ restorable, reason, code, branch = 0, reach }: BackupRecovery): Markup {
  if (code === "branch") {
    const upTo = reach?.moment === undefined ? undefined : html`
      <span class="quiet">up to about ${unbroken(formatSecond(reach.moment))}</span>
    `;
    return html`<span class="state aside">to timeline ${branch} only</span>${upTo}<span class="quiet reason">${
      reason.replace(/^restorable to timeline \d+ only \((.*?)\)/, "$1").replace(", up to ", ", LSN ")
    }</span>`;
  }
  if (restorable === true) return html`<span class="state good">yes</span>`;
  const word = restorable === false
    ? html`<span class="state bad">no</span>`
    : html`<span class="state unsure">not known</span>`;
  return html`${word}<span class="quiet reason">${reason}</span>`;
}

/** A name that breaks, where it must, between a delta and what it rests on. */
export function breakable(name: string): Markup {
  const parts = name.split("_D_");
  return html`${parts.map((part, index) => index === 0 ? html`${part}` : html`<wbr>_D_${part}`)}`;
}
