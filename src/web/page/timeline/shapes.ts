import { formatCount, formatTime } from "../../../base/text.ts";
import type { Recovery } from "../../../recovery/recovery.ts";
import { html, type Markup } from "../markup.ts";
import type { Arc, Mark } from "./backup_marks.ts";
import { ticksOf } from "./time_axis.ts";
import type { TimeScale } from "./time_scale.ts";
import type { Strip, WalStrips } from "./wal_strip.ts";

// Across, all places are in percent, so that text keeps its size at every width; down, they are pixels.
/** The drawing's height. */
export const HEIGHT = 196;
const TOP = 6;
const MARKS = 88;
const BAND = 112;
const BAND_HEIGHT = 16;
const AXIS = 150;
/** The narrowest that a gap is drawn, in percent. */
const LEAST = 0.45;

/** The recovery window as a shaded area with an edge, striped where it ends at a time that is not known. */
export function drawWindow({ windowStartTime }: Recovery, { reach }: WalStrips, scale: TimeScale): Markup | undefined {
  if (windowStartTime === undefined || reach === undefined) return undefined;
  const left = scale.at(windowStartTime);
  const known = Math.max(left, reach.known);
  const edge = TOP + 1.5;
  return html`
    <rect class="window" x="${percent(left)}" y="${TOP}" width="${percent(
      Math.max(LEAST, known - left),
    )}" height="${AXIS - TOP}" />
    <rect class="window-edge" x="${percent(left)}" y="${TOP}" width="${percent(
      Math.max(LEAST, known - left),
    )}" height="3" />
    ${stripes("window-stripes", [known, reach.at], { middle: (TOP + AXIS) / 2, height: AXIS - TOP })}${stripes(
      "edge-stripes",
      [known, reach.at],
      { middle: edge, height: 3 },
    )}
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

/** The chains: an arc from each parent to its delta. */
export function drawArcs(arcs: readonly Arc[]): Markup | undefined {
  if (arcs.length === 0) return undefined;
  const paths = arcs.map(({ from, to }) => {
    const [left, right] = [from * 10, to * 10];
    const top = MARKS - 2 * Math.min(64, 16 + Math.abs(right - left) * 0.16);
    return html`
      <path class="arc" d="M${left.toFixed(1)} ${MARKS}Q${((left + right) / 2).toFixed(1)} ${top.toFixed(0)} ${right
        .toFixed(1)} ${MARKS}" />
    `;
  });
  return html`
    <svg width="100%" height="${HEIGHT}" viewBox="0 0 1000 ${HEIGHT}" preserveAspectRatio="none">${paths}</svg>
  `;
}

/** The verified WAL as a band with its gaps, and where timelines begin. */
export function drawBand({ strips, timelines }: WalStrips): Markup {
  // Where there are many gaps, pointers to them would be one more band.
  const pointed = strips.filter(({ kind }) => kind === "hole").length <= 40;
  return html`
    ${strips.map((strip) => drawStrip(strip, pointed))}${timelines.map(({ timeline, at }) =>
      html`
        <g class="switch">
          <title>timeline ${timeline} begins</title>
          <rect x="${percent(at)}" y="${BAND - 5}" width="1.5" height="${BAND_HEIGHT + 10}" />
        </g>
      `
    )}
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
  const what = kind === "hole" ? "missing" : "not archived yet";
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
export function drawAxis(scale: TimeScale): Markup {
  const lines = scale.pieces.map(({ left, right, broken }) =>
    broken
      ? html`
        <g class="cut">
          <line x1="${percent(left)}" x2="${percent(right)}" y1="${AXIS}" y2="${AXIS}" />
          <text x="${percent((left + right) / 2)}" y="${AXIS + 5}">//</text>
        </g>
      `
      : html`
        <line class="axis" x1="${percent(left)}" x2="${percent(right)}" y1="${AXIS}" y2="${AXIS}" />
      `
  );
  const ticks = ticksOf(scale).map(({ at, label, below, anchor, narrow }) =>
    html`
      <g
        class="tick ${anchor}${narrow ? "" : " wide-tick"}"><line x1="${percent(at)}" x2="${percent(
          at,
        )}" y1="${AXIS}" y2="${AXIS + 5}"/><text x="${percent(at)}" y="${AXIS + 20}">${label}</text>${below === ""
          ? undefined
          : html`<text class="below" x="${percent(at)}" y="${AXIS + 36}">${below}</text>`}</g>
    `
  );
  return html`
    ${lines}${ticks}
  `;
}

/** The backups: squares are full ones, circles deltas. */
export function drawMarks(marks: readonly Mark[]): Markup {
  const dense = marks.length > 40 ? " dense" : "";
  return html`
    <g class="marks${dense}">${marks.toReversed().map((mark) => drawMark(mark, dense === ""))}</g>
  `;
}

function drawMark({ at, backups }: Mark, roomy: boolean): Markup {
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
    <svg class="mark ${state}" x="${percent(at)}"
      y="${MARKS}"><title>${titleOf(backups, full, bad)}</title>${shape}${cross}${count}</svg>
  `;
}

function titleOf(backups: Mark["backups"], full: number, bad: number): string {
  const [newest] = backups;
  const oldest = backups.at(-1);
  if (newest === undefined || oldest === undefined) return "";
  const time = (entry: typeof newest): string => `${formatTime(entry.backup.finishTime)} UTC`;
  if (backups.length === 1) {
    const said = newest.restorable === true ? "restorable" : newest.reason;
    return `${newest.backup.name}, ${newest.backup.type}, ${time(newest)}: ${said}`;
  }
  const worse = bad === 0 ? "" : `, ${bad} not restorable`;
  return `${full} full and ${backups.length - full} delta from ${time(oldest)} to ${time(newest)}${worse}`;
}

function percent(place: number): string {
  return `${place.toFixed(2)}%`;
}
