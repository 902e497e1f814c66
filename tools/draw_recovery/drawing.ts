import type { Backup } from "../../src/walg/backup_list.ts";
import type { BackupRecovery, Recovery } from "../../src/recovery/recovery.ts";
import { formatLsn } from "../../src/walg/segment.ts";
import { parseSegment } from "../../src/walg/segment.ts";
import { columnsOf } from "./columns.ts";
import type { Column } from "./columns.ts";
import { STYLE } from "./style.ts";

/** Segments of a timeline beyond the switch at which the cluster left it. */
export interface Branch {
  readonly timeline: number;
  /** The number of the segment in which the cluster left it. */
  readonly first: number;
  readonly statuses: readonly string[];
}

const WIDTH = 680;
const MARGIN = 20;
const ROW = {
  arcs: 34,
  verdict: 62,
  label: 88,
  note: 101,
  ends: 112,
  cells: 118,
  cellHeight: 34,
  timeline: 165,
  bars: 180,
};
const HEIGHT = 258;
/** How much lower everything else is drawn where a branch is drawn above it. */
const BRANCH_HEIGHT = 108;
const BRANCH_ROW = { verdict: 24, label: 50, note: 63, ends: 74, cells: 80, timeline: 127 };
const WORDS: Readonly<Record<string, string>> = {
  FOUND: "",
  MISSING: "lost",
  MISSING_LOST: "lost",
  MISSING_UPLOADING: "upl.",
  PARTLY_FOUND: "part",
};
const NOT_YET = "not yet";

interface Placed {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
}

/** Draws a recovery: its backups above the segments, the window and what is lost or at risk below them. */
export function draw(title: string, recovery: Recovery, branch?: Branch): string {
  const placed = place(columnsOf(recovery));
  const summary = summaryOf(recovery);
  const lower = branch === undefined ? 0 : BRANCH_HEIGHT;
  const height = HEIGHT + lower;
  const onBranch = recovery.backups.filter((backup) => isOnBranch(backup));
  const onHistory = recovery.backups.filter((backup) => !isOnBranch(backup));
  const main = [
    ...onHistory.flatMap((backup) => drawArc(backup, recovery, placed)),
    ...onHistory.flatMap((backup) => drawBackup(backup, recovery, placed, ROW)),
    ...placed.map((cell) => drawCell(cell, recovery)),
    ...drawTimelines(placed),
    ...(recovery.backups.length > 0 ? [] : [text(MARGIN + 2, ROW.label, "no backups", "quiet")]),
    ...drawBars(recovery, placed),
    ...summary.map((line, at) => text(MARGIN, HEIGHT - 34 + 20 * at, line, "summary")),
  ];
  const above = branch === undefined ? [] : [
    ...drawMixedArcs(recovery, placed),
    ...drawBranch(branch, placed),
    ...onBranch.flatMap((backup) => drawBackup(backup, recovery, placed, BRANCH_ROW)),
  ];
  const body = lower === 0 ? main : [...above, `<g transform="translate(0 ${lower})">`, ...main, "</g>"];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${title}</title>
<desc>${summary.join(" ")}</desc>
<style>${STYLE}</style>
<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
${body.join("\n")}
</svg>
`;
}

function isOnBranch({ branch, code }: BackupRecovery): boolean {
  return branch !== undefined && code !== "mixed";
}

/** The segments of the branch, at the places of the same numbers. */
function drawBranch({ timeline, first, statuses }: Branch, placed: readonly Placed[]): string[] {
  const at = (number: number) => placed.find(({ column }) => column.first <= number && number <= column.last);
  const cells = statuses.flatMap((status, nth): string[] => {
    const place = at(first + nth);
    if (place === undefined) return [];
    const { x, width, column: { label } } = place;
    const style = status.toLowerCase();
    return [
      `<rect class="cell ${style}" x="${num(x + 1.5)}" y="${BRANCH_ROW.cells}" width="${
        num(width - 3)
      }" height="${ROW.cellHeight}" rx="4"/>`,
      text(x + width / 2, BRANCH_ROW.cells + 21, label, `middle digits ${style}-text`),
    ];
  });
  const start = at(first)?.x ?? 0;
  const from = BRANCH_HEIGHT + ROW.cells + ROW.cellHeight / 2;
  const to = BRANCH_ROW.cells + ROW.cellHeight / 2;
  return [
    `<path class="arc" d="M${num(start - 1)} ${from} Q${num(start - 26)} ${num((from + to) / 2)} ${
      num(start)
    } ${to}"/>`,
    ...cells,
    text(
      start + 4,
      BRANCH_ROW.timeline,
      `timeline ${timeline}, left in segment ${at(first)?.column.label}`,
      "small quiet",
    ),
  ];
}

/** From a backup of the branch to the delta of another timeline that was taken on it. */
function drawMixedArcs({ backups, segmentSize }: Recovery, placed: readonly Placed[]): string[] {
  return backups.filter(({ code }) => code === "mixed").flatMap((delta): string[] => {
    const parent = backups.find(({ backup }) => backup.name === delta.backup.parent);
    const [from, to] = [parent, delta].map((one) => one && ownColumns(one, segmentSize, placed)[0]);
    if (from === undefined || to === undefined) return [];
    const [x, y] = [from.x + from.width / 2 + 11, BRANCH_ROW.verdict];
    const [endX, endY] = [to.x + to.width / 2, BRANCH_HEIGHT + ROW.verdict - 12];
    const side = Math.max(x, endX) + 64;
    return [
      `<path class="arc missing" d="M${num(x)} ${y} C${num(side)} ${y} ${num(side)} ${endY - 50} ${
        num(endX)
      } ${endY}"/>`,
    ];
  });
}

function place(columns: readonly Column[]): Placed[] {
  const weight = ({ kind, first, last }: Column): number => kind === "gap" ? 0.6 : last > first ? 3 : 1;
  const total = columns.reduce((sum, column) => sum + weight(column), 0);
  const unit = Math.min(52, (WIDTH - 2 * MARGIN) / total);
  let x = MARGIN;
  return columns.map((column) => {
    const width = unit * weight(column);
    x += width;
    return { column, x: x - width, width };
  });
}

function drawCell(
  { column: { kind, status, label, first, last, position }, x, width }: Placed,
  recovery: Recovery,
): string {
  if (kind === "gap") return text(x + width / 2, ROW.cells + 21, label, "middle quiet");
  const count = last - first + 1;
  const isWaiting = status === "MISSING" && isAtEnd(position, recovery);
  const said = isWaiting ? NOT_YET : WORDS[status] ?? status;
  const word = kind === "outside" ? "" : `${said}${count > 1 ? ` (${count})` : ""}`;
  const style = kind === "outside" ? "outside" : isWaiting ? "missing_uploading" : status.toLowerCase();
  const middle = x + width / 2;
  return [
    `<rect class="cell ${style}" x="${num(x + 1.5)}" y="${ROW.cells}" width="${
      num(width - 3)
    }" height="${ROW.cellHeight}" rx="4"/>`,
    text(middle, ROW.cells + (word === "" ? 21 : 15), label, `middle digits ${style}-text`),
    ...(word === "" ? [] : [text(middle, ROW.cells + 28, word, `middle small ${style}-text`)]),
  ].join("\n");
}

/** Whether nothing behind a position was archived. */
function isAtEnd(position: number, { history: { spans } }: Recovery): boolean {
  return !spans.some((span) => span.status === "FOUND" && span.position > position);
}

function drawTimelines(placed: readonly Placed[]): string[] {
  const inHistory = placed.filter(({ column }) => column.kind === "segments");
  return [...Map.groupBy(inHistory, ({ column }) => column.timeline)].map(([timeline, cells]) => {
    const x = cells[0]?.x ?? 0;
    const edge = timeline === inHistory[0]?.column.timeline
      ? ""
      : `<path class="switch" d="M${num(x)} ${ROW.cells - 4} V${ROW.timeline + 3}"/>`;
    return edge + text(x + 4, ROW.timeline, `timeline ${timeline}`, "small quiet");
  });
}

function drawBackup(
  recovery: BackupRecovery,
  { segmentSize }: Recovery,
  placed: readonly Placed[],
  row: Pick<typeof ROW, "verdict" | "label" | "note" | "ends">,
): string[] {
  const own = ownColumns(recovery, segmentSize, placed);
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined) return [];
  const x = first.x + first.width / 2;
  const { backup, restorable } = recovery;
  const [style, sign] = restorable === undefined ? ["unknown", "?"] : restorable ? ["yes", "✓"] : ["no", "✕"];
  const note = noteOf(recovery);
  return [
    `<circle class="verdict ${style}" cx="${num(x)}" cy="${row.verdict}" r="10"/>`,
    text(x, row.verdict + 4.5, sign, "middle sign"),
    text(x, row.label, backup.type, "middle"),
    ...(note === "" ? [] : [text(x, row.note, note, "middle small quiet")]),
    `<rect class="ends ${style}" x="${num(first.x + 4)}" y="${row.ends - 2}" width="${
      num(last.x + last.width - first.x - 8)
    }" height="3"/>`,
  ];
}

function noteOf({ backup, code, branch }: BackupRecovery): string {
  if (code === "other_system") return "old system";
  if (code === "mixed") return "mixture";
  if (branch !== undefined) return `timeline ${branch} only`;
  return backup.permanent ? "permanent" : storagesNote(backup);
}

/** Nothing where every backup is in the one storage that all have. */
function storagesNote({ storages: [first = "", ...others] }: Backup): string {
  if (others.length > 0) return "both storages";
  return first === "default" ? "" : `only ${first}`;
}

function drawArc(recovery: BackupRecovery, { backups, segmentSize }: Recovery, placed: readonly Placed[]): string[] {
  if (recovery.backup.type === "full" || recovery.code === "mixed") return [];
  const parent = backups.find(({ backup }) => backup.name === recovery.backup.parent);
  const center = (of: BackupRecovery | undefined): number | undefined => {
    const cell = of === undefined ? undefined : ownColumns(of, segmentSize, placed)[0];
    return cell === undefined ? undefined : cell.x + cell.width / 2;
  };
  const [to, from] = [center(recovery), center(parent)];
  if (to === undefined) return [];
  const top = ROW.verdict - 12;
  if (from === undefined) {
    return [
      `<path class="arc missing" d="M${num(to - 3)} ${top} Q${num(to - 8)} ${ROW.arcs - 6} ${num(to - 26)} ${
        ROW.arcs - 8
      }"/>`,
      text(MARGIN - 8, 16, "parent not listed", "small no-text"),
    ];
  }
  const middle = (from + to) / 2;
  return [`<path class="arc" d="M${num(from + 4)} ${top} Q${num(middle)} ${ROW.arcs - 16} ${num(to - 4)} ${top}"/>`];
}

function ownColumns({ backup }: BackupRecovery, size: number, placed: readonly Placed[]): Placed[] {
  const start = parseSegment(backup.walFile, size);
  if (start === undefined) return [];
  const end = Number((backup.finishLsn - 1n) / BigInt(size));
  return placed.filter(({ column: { kind, first, last } }) => kind !== "gap" && first <= end && last >= start.number);
}

function drawBars(recovery: Recovery, placed: readonly Placed[]): string[] {
  const { until, windowStartTime, lostSegments, atRiskSegments = 0 } = recovery;
  const cells = placed.filter(({ column }) => column.kind === "segments");
  const starter = recovery.backups.find(({ backup, reach }) =>
    reach?.lsn === until?.lsn && backup.finishTime === windowStartTime
  );
  const end = until?.position ?? -1;
  const bars: string[] = [];
  if (starter?.position !== undefined) {
    const from = starter.position;
    bars.push(
      ...bar(cells.filter(({ column }) => column.position >= from && column.position < end), "recovery window", "yes"),
    );
  }
  if (atRiskSegments > 0) {
    bars.push(...bar(cells.filter(({ column }) => column.position >= end), `${atRiskSegments} at risk`, "risk"));
  }
  const holes = cells.filter(({ column }) => column.status !== "FOUND" && column.position < end);
  bars.push(...bar(holes, lostSegments > 0 ? `${lostSegments} lost` : "a gap", lostSegments > 0 ? "no" : "risk"));
  return bars;
}

function bar(cells: readonly Placed[], label: string, style: string): string[] {
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [from, to] = [first.x + 2, last.x + last.width - 2];
  return [
    `<path class="bar ${style}-line" d="M${num(from)} ${ROW.bars - 4} V${ROW.bars + 4} M${num(from)} ${ROW.bars} H${
      num(to)
    } M${num(to)} ${ROW.bars - 4} V${ROW.bars + 4}"/>`,
    text((from + to) / 2, ROW.bars + 19, label, `middle ${style}-text`),
  ];
}

function summaryOf({ untilLsn, windowStartTime, until, backups, lostSegments, atRiskSegments }: Recovery): string[] {
  const starter = backups.find(({ backup, reach }) =>
    reach?.lsn === until?.lsn && backup.finishTime === windowStartTime
  );
  if (untilLsn === undefined || starter === undefined) return ["No window: 0 seconds.", `Lost: ${lostSegments}.`];
  const { type, walFile } = starter.backup;
  const from = `from the end of the ${type} backup in segment ${walFile.slice(-2)}`;
  const time = until?.moment === undefined ? "" : `, about ${new Date(until.moment).toISOString().slice(11, 19)}`;
  return [
    `Recoverable ${from} up to ${formatLsn(untilLsn)}${time}.`,
    `Lost: ${lostSegments}. At risk: ${atRiskSegments ?? 0}.`,
  ];
}

function text(x: number, y: number, content: string, style: string): string {
  return `<text class="${style}" x="${num(x)}" y="${num(y)}">${content}</text>`;
}

function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}
