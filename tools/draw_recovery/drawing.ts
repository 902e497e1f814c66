import type { Backup } from "../../src/walg/backup_list.ts";
import type { BackupRecovery, Recovery } from "../../src/recovery/recovery.ts";
import { formatLsn } from "../../src/walg/segment.ts";
import { parseSegment } from "../../src/walg/segment.ts";
import { columnsOf } from "./columns.ts";
import type { Column } from "./columns.ts";
import { STYLE } from "./style.ts";

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
const HEIGHT = 242;
const WORDS: Readonly<Record<string, string>> = { FOUND: "", MISSING_LOST: "lost", MISSING_UPLOADING: "upl." };

interface Placed {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
}

/** Draws a recovery: its backups above the segments, the window and what is lost or at risk below them. */
export function draw(title: string, recovery: Recovery): string {
  const placed = place(columnsOf(recovery));
  const summary = summaryOf(recovery);
  const body = [
    ...recovery.backups.flatMap((backup) => drawArc(backup, recovery, placed)),
    ...recovery.backups.flatMap((backup) => drawBackup(backup, recovery, placed)),
    ...placed.map(drawCell),
    ...drawTimelines(placed),
    ...(recovery.backups.length > 0 ? [] : [text(MARGIN + 2, ROW.label, "no backups", "quiet")]),
    ...drawBars(recovery, placed),
    text(MARGIN, HEIGHT - 16, summary, "summary"),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">
<title>${title}</title>
<desc>${summary}</desc>
<style>${STYLE}</style>
<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>
${body.join("\n")}
</svg>
`;
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

function drawCell({ column: { kind, status, label, first, last }, x, width }: Placed): string {
  if (kind === "gap") return text(x + width / 2, ROW.cells + 21, label, "middle quiet");
  const count = last - first + 1;
  const word = kind === "outside" ? "" : `${WORDS[status] ?? status}${count > 1 ? ` (${count})` : ""}`;
  const style = kind === "outside" ? "outside" : status.toLowerCase();
  const middle = x + width / 2;
  return [
    `<rect class="cell ${style}" x="${num(x + 1.5)}" y="${ROW.cells}" width="${
      num(width - 3)
    }" height="${ROW.cellHeight}" rx="4"/>`,
    text(middle, ROW.cells + (word === "" ? 21 : 15), label, `middle digits ${style}-text`),
    ...(word === "" ? [] : [text(middle, ROW.cells + 28, word, `middle small ${style}-text`)]),
  ].join("\n");
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

function drawBackup(recovery: BackupRecovery, { segmentSize }: Recovery, placed: readonly Placed[]): string[] {
  const own = ownColumns(recovery, segmentSize, placed);
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined) return [];
  const x = first.x + first.width / 2;
  const { backup, restorable } = recovery;
  const [style, sign] = restorable === undefined ? ["unknown", "?"] : restorable ? ["yes", "✓"] : ["no", "✕"];
  const note = backup.permanent ? "permanent" : storagesNote(backup);
  return [
    `<circle class="verdict ${style}" cx="${num(x)}" cy="${ROW.verdict}" r="10"/>`,
    text(x, ROW.verdict + 4.5, sign, "middle sign"),
    text(x, ROW.label, backup.type, "middle"),
    ...(note === "" ? [] : [text(x, ROW.note, note, "middle small quiet")]),
    `<rect class="ends ${style}" x="${num(first.x + 4)}" y="${ROW.ends - 2}" width="${
      num(last.x + last.width - first.x - 8)
    }" height="3"/>`,
  ];
}

/** Nothing where every backup is in the one storage that all have. */
function storagesNote({ storages: [first = "", ...others] }: Backup): string {
  if (others.length > 0) return "both storages";
  return first === "default" ? "" : `only ${first}`;
}

function drawArc(recovery: BackupRecovery, { backups, segmentSize }: Recovery, placed: readonly Placed[]): string[] {
  if (recovery.backup.type === "full") return [];
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
    reach === until && backup.finishTime === windowStartTime
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

function summaryOf({ untilLsn, windowStartTime, until, backups, lostSegments, atRiskSegments }: Recovery): string {
  const starter = backups.find(({ backup, reach }) => reach === until && backup.finishTime === windowStartTime);
  if (untilLsn === undefined || starter === undefined) return `No window: 0 seconds. Lost: ${lostSegments}.`;
  const { type, walFile } = starter.backup;
  const from = `from the end of the ${type} backup in segment ${walFile.slice(-2)}`;
  return `Recoverable ${from} up to ${formatLsn(untilLsn)}. Lost: ${lostSegments}. At risk: ${atRiskSegments ?? 0}.`;
}

function text(x: number, y: number, content: string, style: string): string {
  return `<text class="${style}" x="${num(x)}" y="${num(y)}">${content}</text>`;
}

function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}
