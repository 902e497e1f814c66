import { formatCount, formatMinute, formatMinuteFrom, formatNumber } from "../../../base/text.ts";
import { isKnown } from "../../../base/time.ts";
import type { Recovery } from "../../../recovery/recovery.ts";
import type { Status } from "../../../status/status.ts";
import { endTime } from "../../../walg/backup_list.ts";
import { html, type Markup } from "../markup.ts";
import { type BackupMarks, markBackups } from "./backup_marks.ts";
import { drawArcs, drawAxis, drawBand, drawMarks, drawWindow, HEIGHT } from "./shapes.ts";
import { createTimeScale } from "./time_scale.ts";
import { layWal, type WalStrips } from "./wal_strip.ts";

/** The drawing, and what it leaves out. */
export interface TimelineDrawing {
  readonly svg: Markup;
  /** Sentences. */
  readonly notes: readonly string[];
}

/** Backups and WAL over time; undefined when no backup has a time. */
export function drawTimeline({ backups, verifiedTime, recovery, verify }: Status): TimelineDrawing | undefined {
  if (backups === undefined) return undefined;
  const times = backups.map(({ backup }) => endTime(backup)).filter(isKnown).reverse();
  const [oldest] = times;
  const newest = times.at(-1);
  if (oldest === undefined || newest === undefined) return undefined;
  const currentTimeline = verify?.currentTimeline;
  return draw({ backups, recovery, verifiedTime, currentTimeline, oldest, newest, times });
}

interface DrawOptions {
  readonly backups: NonNullable<Status["backups"]>;
  readonly recovery: Recovery | undefined;
  readonly verifiedTime: number | undefined;
  readonly currentTimeline: number | undefined;
  /** When the backups ended, ascending. */
  readonly times: readonly number[];
  readonly oldest: number;
  readonly newest: number;
}

function draw(options: DrawOptions): TimelineDrawing {
  const { backups, recovery, verifiedTime, currentTimeline, oldest, newest, times } = options;
  const end = recovery !== undefined && verifiedTime !== undefined && verifiedTime > oldest ? [verifiedTime] : [];
  // A backup can be newer than the verification, or dated so.
  const scale = createTimeScale([...times, ...end].sort((a, b) => a - b));
  const marks = markBackups(backups, scale);
  const wal = recovery && verifiedTime !== undefined
    ? layWal({ recovery, newestFirst: backups, verifiedTime, currentTimeline }, scale)
    : undefined;
  const range = `${formatCount(backups.length, "backup")} from ${formatMinute(oldest)} to ${formatMinute(newest)}`;
  const svg = html`<svg class="timeline" width="100%" height="${HEIGHT}" role="img" aria-labelledby="tl-title tl-desc">
<title id="tl-title">Backups and WAL over time</title>
<desc id="tl-desc">${describe(range, recovery, wal)}</desc>
${recovery && wal && drawWindow(recovery, wal, scale)}${drawArcs(marks.arcs)}${wal && drawBand(wal)}${drawAxis(scale)}${
    drawMarks(marks.marks)
  }</svg>`;
  const timeless = backups.length - times.length;
  const broken = scale.pieces.some((piece) => piece.broken);
  return {
    svg,
    notes: notesOf({ marks, timeless, broken, striped: recovery?.windowStartTime !== undefined && isStriped(wal) }),
  };
}

function describe(range: string, recovery: Recovery | undefined, wal: WalStrips | undefined): string {
  if (recovery === undefined || wal === undefined) return `${range}. The WAL has not been verified.`;
  const holes = wal.strips.filter(({ kind }) => kind === "hole");
  const { windowStartTime, untilSegment, atRiskSegments = 0 } = recovery;
  const window = windowStartTime === undefined || untilSegment === undefined
    ? "There is no recovery window."
    : `Recovery window from ${formatMinuteFrom(windowStartTime)} up to WAL segment ${untilSegment}${endTimes(wal)}.`;
  const waiting = atRiskSegments > 0 ? ` ${formatCount(atRiskSegments, "segment")} not archived yet.` : "";
  return `${range}. ${formatCount(holes.length, "gap")} in the WAL. ${window}${waiting}`;
}

/** Between which times the farthest reach lies, where that is not known. */
function endTimes({ reach }: WalStrips): string {
  if (reach === undefined || reach.known >= reach.at) return "";
  const from = Number.isFinite(reach.earliest) ? `between ${formatMinute(reach.earliest)} and` : "before";
  return `, which was written ${from} ${formatMinuteFrom(reach.latest)}`;
}

function isStriped(wal: WalStrips | undefined): boolean {
  // Less than that is hardly seen.
  return wal?.reach !== undefined && wal.reach.at - wal.reach.known > 0.5;
}

interface NoteFacts {
  readonly marks: BackupMarks;
  /** How many backups have no time. */
  readonly timeless: number;
  /** Whether the axis is cut, and whether the end of recovery is striped. */
  readonly broken: boolean;
  readonly striped: boolean;
}

function notesOf({ marks: { marks, arcsLeftOut }, timeless, broken, striped }: NoteFacts): readonly string[] {
  const shared = marks.filter(({ backups }) => backups.length > 1);
  const sharing = shared.reduce((sum, { backups }) => sum + backups.length, 0);
  return [
    striped ? "Recovery ends somewhere in the striped part: no backup tells when its WAL was written." : "",
    shared.length > 0
      ? `${formatCount(shared.length, "mark")} of several backups each (${formatNumber(sharing)} in all).`
      : "",
    arcsLeftOut > 0 ? `Chains of the newest deltas only; ${formatCount(arcsLeftOut, "older arc")} left out.` : "",
    timeless > 0 ? `${formatCount(timeless, "backup")} without a time left out.` : "",
    broken ? "The axis is cut (//) where nothing happened for long." : "",
  ].filter((note) => note !== "");
}
