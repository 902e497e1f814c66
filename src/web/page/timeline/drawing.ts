import { formatCount, formatMinute, formatNumber, formatSecond, formatSecondFrom } from "../../../base/text.ts";
import { isKnown } from "../../../base/time.ts";
import type { BackupRecovery } from "../../../recovery/recovery.ts";
import type { Status } from "../../../status/status.ts";
import { endTime } from "../../../walg/backup_list.ts";
import { html, type Markup } from "../markup.ts";
import {
  type Arc,
  axisAt,
  drawArcs,
  drawAxis,
  drawBand,
  drawEnd,
  drawLanes,
  drawMarks,
  drawWindow,
  heightOf,
  isDense,
  type Mark,
} from "./shapes.ts";
import { createTimeScale, type TimeScale } from "./time_axis.ts";
import { layWal, type WalStrips } from "./wal.ts";

/** The drawing, what it leaves out, and what its signs mean. */
interface TimelineDrawing {
  readonly svg: Markup;
  /** Those that are in it: the class of its key, and what it stands for. */
  readonly legend: readonly (readonly [key: string, meaning: string])[];
  /** Sentences. */
  readonly notes: readonly string[];
}

/** Backups and WAL over time; undefined when no backup has a time. */
export function drawTimeline(status: Status): TimelineDrawing | undefined {
  const { backups, recovery, archive, archivedTime, verifiedTime, time: now } = status;
  if (backups === undefined) return undefined;
  const times = backups.map(({ backup }) => endTime(backup)).filter(isKnown).reverse();
  const [oldest] = times;
  const newest = times.at(-1);
  if (oldest === undefined || newest === undefined) return undefined;
  const isArchive = recovery?.source === "archive";
  const askedTime = isArchive ? archivedTime : verifiedTime;
  const walTimes = recovery === undefined ? [] : [askedTime, recovery.until?.moment, archive?.newestSegmentTime];
  // A backup can be newer than what was listed, or dated so.
  const events = [...times, ...walTimes.filter((time) => time !== undefined && time > oldest)] as number[];
  const scale = createTimeScale(events.sort((a, b) => a - b));
  const wal = recovery && askedTime !== undefined
    ? layWal({ recovery, newestFirst: backups, askedTime, archive: isArchive ? archive : undefined }, scale)
    : undefined;
  const lanes = wal?.lanes ?? [];
  const rows = new Map(lanes.map(({ timeline, row }) => [timeline, row]));
  const marks = markBackups(backups, scale, (branch) => rows.get(branch));
  const range = `${formatCount(backups.length, "backup")} from ${formatMinute(oldest)} to ${formatMinute(newest)}`;
  const axis = axisAt(lanes);
  const isStriped = wal?.reach !== undefined && wal.reach.at - wal.reach.known > LEAST_SEEN;
  const svg = html`<svg class="timeline" width="100%" height="${
    heightOf(axis)
  }" role="img" aria-labelledby="tl-title tl-desc">
<title id="tl-title">Backups and WAL over time</title>
<desc id="tl-desc">${describe(range, status, wal)}</desc>
${recovery && wal && drawWindow(recovery, wal, { scale, axis })}${drawLanes(lanes)}${drawArcs(marks.arcs, axis)}${
    wal && drawBand(wal)
  }${drawAxis(scale, axis)}${drawMarks(marks.marks)}${
    isStriped ? undefined : recovery && wal && drawEnd(recovery, wal, { axis, now })
  }</svg>`;
  return {
    svg,
    legend: legendOf(marks, wal, { isStriped, hasWindow: recovery?.windowStartTime !== undefined }),
    notes: notesOf({
      marks,
      isEstimated: wal !== undefined && recovery?.until?.moment === undefined,
      timeless: backups.length - times.length,
      isBroken: scale.pieces.some(({ broken }) => broken),
      isStriped: recovery?.windowStartTime !== undefined && isStriped,
    }),
  };
}

/** Narrower stripes are hardly seen, in percent. */
const LEAST_SEEN = 0.5;

function describe(range: string, { recovery, time: now }: Status, wal: WalStrips | undefined): string {
  if (recovery === undefined || wal === undefined) return `${range}. What WAL is archived is not known.`;
  const holes = wal.strips.filter(({ kind }) => kind === "hole");
  const { windowStartTime, until, atRiskSegments = 0 } = recovery;
  const window = windowStartTime === undefined || until === undefined
    ? "There is no recovery window."
    : `Recovery window from ${formatSecondFrom(windowStartTime, now)} up to ${
      until.moment === undefined
        ? `WAL segment ${until.segment}${endTimes(wal, now)}`
        : `about ${formatSecond(until.moment)}, WAL segment ${until.segment}`
    }.`;
  const waiting = atRiskSegments > 0 ? ` ${formatCount(atRiskSegments, "segment")} after that.` : "";
  const branches = wal.lanes.map(({ timeline, segments, backups }) =>
    ` Timeline ${timeline} is a branch of ${formatCount(segments, "segment")} and ${formatCount(backups, "backup")}.`
  );
  return `${range}. ${formatCount(holes.length, "gap")} in the WAL. ${window}${waiting}${branches.join("")}`;
}

/** Between which times the farthest reach lies, where that is not known. */
function endTimes({ reach }: WalStrips, now: number): string {
  if (reach === undefined || reach.known >= reach.at) return "";
  const from = Number.isFinite(reach.earliest) ? `between ${formatSecond(reach.earliest)} and` : "before";
  return `, which was written ${from} ${formatSecondFrom(reach.latest, now)}`;
}

function hasFull(backups: readonly BackupRecovery[]): boolean {
  return backups.some(({ backup }) => backup.type === "full");
}

function legendOf(
  { marks, arcs }: BackupMarks,
  wal: WalStrips | undefined,
  { isStriped, hasWindow }: { readonly isStriped: boolean; readonly hasWindow: boolean },
) {
  const backups = marks.flatMap(({ backups }) => backups);
  const counted = !isDense(marks) && marks.some(({ backups }) => backups.length > 1);
  const kinds = new Set(wal?.strips.map(({ kind }) => kind));
  const hasStripes = isStriped || wal?.strips.some(({ known, right }) => right - known > LEAST_SEEN) === true;
  const entries: readonly (readonly [isThere: boolean, key: string, meaning: string])[] = [
    [marks.some(({ backups }) => hasFull(backups)), "full", "full backup"],
    [arcs.length > 0 || !marks.every(({ backups }) => hasFull(backups)), "delta", "delta, with an arc from its parent"],
    [backups.some(({ restorable }) => restorable === false), "bad", "not restorable"],
    [backups.some(({ restorable }) => restorable === undefined), "unsure", "not known"],
    [arcs.some(({ isMixed }) => isMixed), "mixed", "delta on another branch"],
    [counted, "count", "so many backups"],
    [kinds.has("present"), "wal", "WAL archived"],
    [hasStripes, "striped", "archived, time not known"],
    [kinds.has("hole"), "hole", "gap"],
    [kinds.has("unsure"), "unlisted", "WAL not known"],
    [kinds.has("waiting"), "waiting", "not archived yet"],
    [wal !== undefined && wal.lanes.length > 0, "branch", "branch: a timeline that the cluster left"],
    [wal !== undefined && wal.switches.length > 0, "switch", "a timeline begins"],
    [wal?.reach !== undefined && hasWindow, "window", "recovery window"],
    [wal?.reach !== undefined && !isStriped, "reach", "end of what can be recovered"],
  ];
  return entries.flatMap(([isThere, ...entry]) => isThere ? [entry] : []);
}

interface NoteFacts {
  readonly marks: BackupMarks;
  /** How many backups have no time. */
  readonly timeless: number;
  /** Whether no archive tells the times of the WAL, the axis is cut, and the end of recovery is striped. */
  readonly isEstimated: boolean;
  readonly isBroken: boolean;
  readonly isStriped: boolean;
}

function notesOf(facts: NoteFacts): readonly string[] {
  const { marks: { marks, arcsLeftOut }, isEstimated, timeless, isBroken, isStriped } = facts;
  const shared = marks.filter(({ backups }) => backups.length > 1);
  const sharing = shared.reduce((sum, { backups }) => sum + backups.length, 0);
  return [
    isEstimated
      ? "Times are UTC; those of WAL are estimated from the backups around it."
      : "Times are UTC; WAL is drawn where it was archived.",
    isStriped ? "Recovery ends somewhere in the striped part: no backup tells when its WAL was written." : "",
    shared.length > 0
      ? `${formatCount(shared.length, "mark")} of several backups each (${formatNumber(sharing)} in all).`
      : "",
    arcsLeftOut > 0 ? `Chains of the newest deltas only; ${formatCount(arcsLeftOut, "older arc")} left out.` : "",
    timeless > 0 ? `${formatCount(timeless, "backup")} without a time left out.` : "",
    isBroken ? "The axis is cut (//) where nothing happened for long." : "",
  ].filter((note) => note !== "");
}

/** The backups on the drawing. */
interface BackupMarks {
  /** Newest first. */
  readonly marks: readonly Mark[];
  /** Of the newest deltas. */
  readonly arcs: readonly Arc[];
  /** How many arcs between different marks are left out. */
  readonly arcsLeftOut: number;
}

/** How many marks find room side by side. */
const COLUMNS = 96;
const MAX_ARCS = 150;

/** Places the backups, which are given newest first, on the scale; those without any time are left out. */
export function markBackups(
  newestFirst: readonly BackupRecovery[],
  scale: TimeScale,
  rowOf: (branch: number) => number | undefined = () => undefined,
): BackupMarks {
  const columns = new Map<number, Mark & { readonly backups: BackupRecovery[] }>();
  const columnOf = new Map<string, number>();
  for (const entry of newestFirst) {
    const time = endTime(entry.backup);
    if (!isKnown(time)) continue;
    const at = scale.at(time);
    const row = entry.branch === undefined ? -1 : rowOf(entry.branch) ?? -1;
    const column = Math.round(at / 100 * COLUMNS) + (row + 1) * 1000;
    columnOf.set(entry.backup.name, column);
    const there = columns.get(column);
    if (there === undefined) columns.set(column, { at, row, backups: [entry] });
    else there.backups.push(entry);
  }
  const arcs = new Map<number, Arc>();
  for (const { backup: { name, parent }, code } of newestFirst) {
    const [start, end] = [columnOf.get(parent), columnOf.get(name)];
    if (parent === "" || start === undefined || end === undefined || start === end) continue;
    const [from, to] = [columns.get(start), columns.get(end)];
    // Within a branch's row there is no room for them.
    if (from === undefined || to === undefined || (from.row >= 0 && from.row === to.row)) continue;
    const key = start * 10_000 + end;
    if (!arcs.has(key)) arcs.set(key, { from, to, isMixed: code === "mixed" });
  }
  return {
    marks: [...columns.values()],
    arcs: [...arcs.values()].slice(0, MAX_ARCS),
    arcsLeftOut: Math.max(0, arcs.size - MAX_ARCS),
  };
}
