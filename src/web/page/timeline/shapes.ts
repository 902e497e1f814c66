import { formatCount, formatSecond, formatTime } from "../../../base/text.ts";
import type { BackupRecovery, Recovery } from "../../../recovery/recovery.ts";
import { endTime } from "../../../walg/backup_list.ts";
import { html, type Markup } from "../markup.ts";
import { ticksOf, type TimeScale } from "./time_axis.ts";
import type { Lane, Strip, WalStrips } from "./wal.ts";

// Across, all places are in percent, so that text keeps its size at every width; down, they are pixels.
/** Room for the label of the end. */
const TOP = 20;
const MARKS = 102;
const BAND = 126;
const BAND_HEIGHT = 16;
/** From the main band's bottom to the middle of the first branch, and from one branch to the next. */
const FIRST_LANE = 25;
const LANE = 26;
const LANE_HEIGHT = 6;
/** The narrowest that a gap is drawn, in percent. */
const LEAST = 0.45;

/** Where the axis is drawn, below the branches. */
export function axisAt(lanes: readonly Lane[]): number {
  const rows = lanes.reduce((most, { row }) => Math.max(most, row + 1), 0);
  return BAND + BAND_HEIGHT + 22 + rows * LANE;
}

/** The drawing's height. */
export function heightOf(axis: number): number {
  return axis + 46;
}

/** The middle of a row; of the main band where there is none. */
function rowAt(row: number): number {
  return row < 0 ? BAND + BAND_HEIGHT / 2 : BAND + BAND_HEIGHT + FIRST_LANE + row * LANE;
}

/** The recovery window as a shaded area with an edge, striped where it ends at a time that is not known. */
export function drawWindow(
  { windowStartTime }: Recovery,
  { reach }: WalStrips,
  { scale, axis }: { readonly scale: TimeScale; readonly axis: number },
): Markup | undefined {
  if (windowStartTime === undefined || reach === undefined) return undefined;
  const left = scale.at(windowStartTime);
  const known = Math.max(left, reach.known);
  const place = html`x="${percent(left)}" y="${TOP}" width="${percent(Math.max(LEAST, known - left))}"`;
  const unknown: readonly [number, number] = [known, reach.at];
  return html`
    <rect class="window" ${place} height="${axis - TOP}" /><rect class="window-edge" ${place}
      height="3" />${stripes("window-stripes", unknown, { middle: (TOP + axis) / 2, height: axis - TOP })}${stripes(
        "edge-stripes",
        unknown,
        { middle: TOP + 1.5, height: 3 },
      )}
  `;
}

/** The end of what can be recovered: a line with a flag and its time. */
export function drawEnd(
  { until }: Recovery,
  { reach }: WalStrips,
  { axis, now }: { readonly axis: number; readonly now: number },
): Markup | undefined {
  if (until === undefined || reach === undefined) return undefined;
  const { at } = reach;
  const anchor = at > 64 ? "end" : at < 36 ? "start" : "middle";
  const time = until.moment === undefined ? undefined : formatTime(until.moment);
  const today = formatTime(now).slice(0, 10);
  const label = time === undefined
    ? "recoverable up to here"
    : `recoverable up to ${time.startsWith(today) ? time.slice(11) : time}`;
  const title = `${
    until.moment === undefined ? "" : `about ${formatSecond(until.moment)}, `
  }WAL segment ${until.segment}`;
  return html`
    <g class="reach ${anchor}">
      <title>${title}</title>
      <line x1="${percent(at)}" x2="${percent(at)}" y1="${TOP}" y2="${axis}" />
      <svg x="${percent(at)}" y="${TOP}">
        <path d="M0 0l-6 -5v10z" />
      </svg>
      <text x="${percent(at)}" y="${TOP - 8}">${label}</text>
    </g>
  `;
}

/** Upright stripes from one place to another, for what ends somewhere between them. */
function stripes(
  name: string,
  [from, to]: readonly [number, number],
  { middle, height }: { middle: number; height: number },
): Markup | undefined {
  if (to - from < 0.01) return undefined;
  return html`
    <line class="${name}" x1="${percent(from)}" x2="${percent(to)}" y1="${middle}" y2="${middle}"
      stroke-width="${height}" />
  `;
}

/** From a parent's mark to a delta's. */
export interface Arc {
  readonly from: Pick<Mark, "at" | "row">;
  readonly to: Pick<Mark, "at" | "row">;
  /** Whether the delta is on another branch than its parent: it restores to a mixture. */
  readonly isMixed: boolean;
}

/** The chains: an arc from each parent to its delta. */
export function drawArcs(arcs: readonly Arc[], axis: number): Markup | undefined {
  if (arcs.length === 0) return undefined;
  const paths = arcs.map((arc) =>
    html`
      <path class="arc${arc.isMixed ? " mixed" : ""}" d="${arcPath(arc)}" />
    `
  );
  const height = heightOf(axis);
  return html`
    <svg width="100%" height="${height}" viewBox="0 0 1000 ${height}" preserveAspectRatio="none">${paths}</svg>
  `;
}

function arcPath({ from, to }: Arc): string {
  const [left, right] = [(from.at * 10).toFixed(1), (to.at * 10).toFixed(1)];
  const [start, end] = [from, to].map(({ row }) => row < 0 ? MARKS : rowAt(row));
  if (from.row >= 0 || to.row >= 0) return `M${left} ${start}L${right} ${end}`;
  const middle = ((from.at + to.at) * 5).toFixed(1);
  const top = MARKS - 2 * Math.min(64, 16 + Math.abs(to.at - from.at) * 1.6);
  return `M${left} ${start}Q${middle} ${top.toFixed(0)} ${right} ${end}`;
}

/** The branches: thin bands below the main one, each from where it leaves on. */
export function drawLanes(lanes: readonly Lane[]): Markup {
  return html`${lanes.map(drawLane)}`;
}

function drawLane({ timeline, left, right, row, fromRow, segments, backups, isNamed }: Lane): Markup {
  const middle = rowAt(row);
  const [x, width] = [percent(left), percent(Math.max(LEAST, right - left))];
  const title = `timeline ${timeline}, a branch: ${formatCount(segments, "segment")}, ${
    formatCount(backups, "backup")
  }`;
  const stem = fromRow === undefined || fromRow === row ? undefined : html`
    <line class="stem" x1="${x}" x2="${x}" y1="${rowAt(fromRow)}" y2="${middle}" />
  `;
  const label = isNamed ? laneName(left, Math.max(right, left + LEAST), middle, timeline) : undefined;
  return html`
    <g
      class="lane"><title>${title}</title>${stem}<rect x="${x}" y="${middle -
        LANE_HEIGHT / 2}" width="${width}" height="${LANE_HEIGHT}" />${label}</g>
  `;
}

/** Beside the band, or above its end where there is no room, which a narrow drawing must have, too. */
function laneName(left: number, right: number, middle: number, timeline: number): Markup {
  const [at, x, y, anchor] = right < 72
    ? [right, 9, 4, "start"]
    : left > 28
    ? [left, -9, 4, "end"]
    : [right, 0, -LANE_HEIGHT - 1, "end"];
  return html`
    <svg x="${percent(at)}" y="${middle + y}" class="${anchor}">
      <text x="${x}">timeline ${timeline}</text>
    </svg>
  `;
}

/** The archived WAL as a band with its gaps, and where timelines begin. */
export function drawBand({ strips, switches }: WalStrips): Markup {
  // Where there are many gaps, pointers to them would be one more band.
  const pointed = strips.filter(({ kind }) => kind === "hole").length <= 40;
  const thin = html`y="${BAND + BAND_HEIGHT / 2 - 1}" height="2"`;
  const between = switches.filter(({ left, at }) => at - left > 0.01).map(({ left, at }) =>
    html`
      <rect class="wal" x="${percent(left)}" width="${percent(at - left)}" ${thin} />
    `
  );
  return html`${between}${strips.map((strip) => drawStrip(strip, pointed))}${switches.map(drawSwitch)}`;
}

function drawSwitch(
  { timeline, at }: WalStrips["switches"][number],
  index: number,
  switches: WalStrips["switches"],
): Markup {
  const room = at - (switches[index - 1]?.at ?? -Infinity);
  const narrow = room > 30 && at < 68 ? "" : " wide-tick";
  const label = room > 13 && at < 90 ? html`<text class="start${narrow}" x="5">timeline ${timeline}</text>` : undefined;
  return html`
    <g class="switch">
      <title>timeline ${timeline} begins</title>
      <rect x="${percent(at)}" y="${BAND - 5}" width="1.5" height="${BAND_HEIGHT + 10}" />
      <svg x="${percent(at)}" y="${BAND + BAND_HEIGHT + 13}">${label}</svg>
    </g>
  `;
}

function drawStrip({ left, known, right, kind, segments, first, status }: Strip, pointed: boolean): Markup {
  const width = Math.max(LEAST, (kind === "present" ? known : right) - left);
  const band = html`x="${percent(left)}" y="${BAND}" width="${percent(width)}" height="${BAND_HEIGHT}"`;
  if (kind === "present") {
    const solid = known - left < 0.01 && right > known ? undefined : html`
      <rect class="wal" ${band} />
    `;
    return html`${solid}${
      stripes("wal-stripes", [known, right], { middle: BAND + BAND_HEIGHT / 2, height: BAND_HEIGHT })
    }`;
  }
  const what = kind === "hole" ? "missing" : kind === "unsure" ? "not known" : "not archived yet";
  const title = `${formatCount(segments, "segment")} ${what} from ${first} on (${status})`;
  const pointer = pointed && kind === "hole"
    ? html`
      <svg class="pointer" x="${percent(left + width / 2)}" y="${BAND + BAND_HEIGHT + 3}">
        <path d="M0 0l5 8h-10z" />
      </svg>
    `
    : undefined;
  return html`<g class="${kind}"><title>${title}</title><rect ${band}/>${pointer}</g>`;
}

/** The axis with its ticks, cut where the scale is broken. */
export function drawAxis(scale: TimeScale, axis: number): Markup {
  const lines = scale.pieces.map(({ left, right, broken }) =>
    broken
      ? html`
        <g class="cut">
          <line x1="${percent(left)}" x2="${percent(right)}" y1="${axis}" y2="${axis}" />
          <text x="${percent((left + right) / 2)}" y="${axis + 5}">//</text>
        </g>
      `
      : html`
        <line class="axis" x1="${percent(left)}" x2="${percent(right)}" y1="${axis}" y2="${axis}" />
      `
  );
  const ticks = ticksOf(scale).map(({ at, label, below, anchor, narrow }) =>
    html`
      <g
        class="tick ${anchor}${narrow ? "" : " wide-tick"}"><line x1="${percent(at)}" x2="${percent(
          at,
        )}" y1="${axis}" y2="${axis + 5}"/><text x="${percent(at)}" y="${axis + 20}">${label}</text>${below === ""
          ? undefined
          : html`<text class="below" x="${percent(at)}" y="${axis + 36}">${below}</text>`}</g>
    `
  );
  return html`
    ${lines}${ticks}
  `;
}

/** Whether marks stand so close that they are drawn smaller, without counts. */
export function isDense(marks: readonly Mark[]): boolean {
  return marks.length > 40;
}

/** One mark: a backup, or several that would stand on top of each other. */
export interface Mark {
  /** In percent. */
  readonly at: number;
  /** The branch's row that it stands in; -1 above the main band. */
  readonly row: number;
  /** Newest first. */
  readonly backups: readonly BackupRecovery[];
}

/** The backups: squares are full ones, circles deltas. */
export function drawMarks(marks: readonly Mark[]): Markup {
  const dense = isDense(marks) ? " dense" : "";
  return html`
    <g class="marks${dense}">${marks.toReversed().map((mark) => drawMark(mark, dense === ""))}</g>
  `;
}

function drawMark({ at, row, backups }: Mark, roomy: boolean): Markup {
  const full = backups.filter(({ backup }) => backup.type === "full").length;
  const bad = backups.filter(({ restorable }) => restorable === false).length;
  const unsure = backups.filter(({ restorable }) => restorable === undefined).length;
  const state = bad > 0 ? "bad" : unsure === backups.length ? "unsure" : "good";
  const shape = full > 0
    ? html`
      <rect x="-5.5" y="-5.5" width="11" height="11" rx="1.5" />
    `
    : html`
      <circle r="5.5" />
    `;
  const cross = bad > 0
    ? html`
      <path class="cross" d="M-3 -3L3 3M-3 3L3 -3" />
    `
    : undefined;
  const count = roomy && backups.length > 1 ? html`<text y="-10">${backups.length}</text>` : undefined;
  return html`
    <svg class="mark ${state}${row < 0 ? "" : " small"}" x="${percent(at)}"
      y="${row < 0 ? MARKS : rowAt(row)}"><title>${titleOf(backups, full, bad)}</title>${shape}${cross}${count}</svg>
  `;
}

function titleOf(backups: Mark["backups"], full: number, bad: number): string {
  const [newest] = backups;
  const oldest = backups.at(-1);
  if (newest === undefined || oldest === undefined) return "";
  const time = (entry: typeof newest): string => `${formatTime(endTime(entry.backup))} UTC`;
  if (backups.length === 1) {
    const said = newest.reason === "" ? "restorable" : newest.reason;
    return `${newest.backup.name}, ${newest.backup.type}, ${time(newest)}: ${said}`;
  }
  const worse = bad === 0 ? "" : `, ${bad} not restorable`;
  return `${full} full and ${backups.length - full} delta from ${time(oldest)} to ${time(newest)}${worse}`;
}

function percent(place: number): string {
  return `${place.toFixed(2)}%`;
}
