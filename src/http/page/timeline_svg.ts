import type { Recovery } from "../../recovery/mod.ts";
import { endTime } from "../../status/backups.ts";
import type { Status } from "../../status/mod.ts";
import { inOneGo } from "../../status/slices.ts";
import { formatCount, formatMinute, formatMinuteFrom, formatNumber } from "../../status/text.ts";
import { isKnown } from "../../walg/time.ts";
import { type BackupMarks, markBackups } from "./backup_marks.ts";
import { html, type Markup } from "./markup.ts";
import { drawArcs, drawAxis, drawBand, drawMarks, drawWindow, HEIGHT } from "./timeline_shapes.ts";
import { createTimeScale } from "./time_scale.ts";
import { layWal, type WalStrips } from "./wal_strip.ts";

/** The drawing, and what it leaves out. */
export interface TimelineDrawing {
  readonly svg: Markup;
  /** Sentences. */
  readonly notes: readonly string[];
}

const drawn = new WeakMap<object, { readonly verifiedTime: number | undefined; readonly drawing: TimelineDrawing }>();

/**
 * Backups and WAL over time; undefined when no backup has a time. Made once for each list and verification, since it
 * looks at every backup and at every range.
 */
export function drawTimeline(status: Status): TimelineDrawing | undefined {
  return inOneGo(drawTimelineInSlices(status));
}

/** {@link drawTimeline} in slices, for the first time that it is asked for. */
export function* drawTimelineInSlices(status: Status): Generator<void, TimelineDrawing | undefined> {
  const { backups, verifiedTime, recovery } = status;
  if (backups === undefined) return undefined;
  const known = drawn.get(backups);
  if (known !== undefined && known.verifiedTime === verifiedTime) return known.drawing;
  const times = backups.map(({ backup }) => endTime(backup)).filter(isKnown).reverse();
  const [oldest] = times;
  const newest = times.at(-1);
  if (oldest === undefined || newest === undefined) return undefined;
  yield;
  const drawing = yield* draw({ backups, recovery, verifiedTime, oldest, newest, times });
  drawn.set(backups, { verifiedTime, drawing });
  return drawing;
}

interface DrawOptions {
  readonly backups: NonNullable<Status["backups"]>;
  readonly recovery: Recovery | undefined;
  readonly verifiedTime: number | undefined;
  /** When the backups ended, ascending. */
  readonly times: readonly number[];
  readonly oldest: number;
  readonly newest: number;
}

function* draw(options: DrawOptions): Generator<void, TimelineDrawing> {
  const { backups, recovery, verifiedTime, oldest, newest, times } = options;
  const end = recovery !== undefined && verifiedTime !== undefined && verifiedTime > newest ? [verifiedTime] : [];
  const scale = createTimeScale([...times, ...end]);
  yield;
  const marks = yield* markBackups(backups, scale);
  yield;
  const wal = recovery && verifiedTime !== undefined
    ? yield* layWal(recovery, backups, verifiedTime, scale)
    : undefined;
  yield;
  const range = `${formatCount(backups.length, "backup")} from ${formatMinute(oldest)} to ${formatMinute(newest)}`;
  const svg = html`<svg class="timeline" width="100%" height="${HEIGHT}" role="img" aria-labelledby="tl-title tl-desc">
<title id="tl-title">Backups and WAL over time</title>
<desc id="tl-desc">${describe(range, recovery, wal)}</desc>
${recovery && wal && drawWindow(recovery, wal, scale)}${drawArcs(marks.arcs)}${wal && drawBand(wal)}${drawAxis(scale)}${
    drawMarks(marks.marks)
  }</svg>`;
  return { svg, notes: notesOf(marks, backups.length - times.length, scale.pieces.some(({ broken }) => broken)) };
}

function describe(range: string, recovery: Recovery | undefined, wal: WalStrips | undefined): string {
  if (recovery === undefined || wal === undefined) return `${range}. The WAL has not been verified.`;
  const holes = wal.strips.filter(({ kind }) => kind === "hole");
  const { windowStartTime, untilSegment, atRiskSegments = 0 } = recovery;
  const window = windowStartTime === undefined || untilSegment === undefined
    ? "There is no recovery window."
    : `Recovery window from ${formatMinuteFrom(windowStartTime)} up to WAL segment ${untilSegment}.`;
  const waiting = atRiskSegments > 0 ? ` ${formatCount(atRiskSegments, "segment")} not archived yet.` : "";
  return `${range}. ${formatCount(holes.length, "gap")} in the WAL. ${window}${waiting}`;
}

function notesOf({ marks, arcsLeftOut }: BackupMarks, timeless: number, broken: boolean): readonly string[] {
  const shared = marks.filter(({ backups }) => backups.length > 1);
  const sharing = shared.reduce((sum, { backups }) => sum + backups.length, 0);
  return [
    shared.length > 0
      ? `${formatCount(shared.length, "mark")} of several backups each (${formatNumber(sharing)} in all).`
      : "",
    arcsLeftOut > 0 ? `Chains of the newest deltas only; ${formatCount(arcsLeftOut, "older arc")} left out.` : "",
    timeless > 0 ? `${formatCount(timeless, "backup")} without a time left out.` : "",
    broken ? "The axis is cut (//) where nothing happened for long." : "",
  ].filter((note) => note !== "");
}
