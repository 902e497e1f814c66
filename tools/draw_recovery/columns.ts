import type { Recovery } from "../../src/recovery/recovery.ts";
import { formatSegment, parseSegment } from "../../src/walg/segment.ts";

/** One column of the drawing: a segment, or many of one status, or what lies between. */
export interface Column {
  readonly kind: "segments" | "outside" | "gap";
  readonly timeline: number;
  readonly first: number;
  readonly last: number;
  /** "" outside the history. */
  readonly status: string;
  /** The position of its first segment; -1 outside the history. */
  readonly position: number;
  /** What is written in it. */
  readonly label: string;
}

/** Runs of the same status that are longer share one column. */
const LONGEST_RUN = 8;
const UNFOUND_RUN = 3;

/** The columns from left to right: backups older than the history, the history, backups newer than it. */
export function columnsOf(recovery: Recovery): Column[] {
  const history = recovery.history.spans.flatMap(({ timeline, first, last, status, position }): Column[] => {
    const count = last - first + 1;
    if (count > (status === "FOUND" ? 2 * LONGEST_RUN : UNFOUND_RUN)) {
      const label = `${shortName(first)} to ${shortName(last)}`;
      return [{ kind: "segments", timeline, first, last, status, position, label }];
    }
    return Array.from({ length: count }, (_, at) => {
      const number = first + at;
      return {
        kind: "segments",
        timeline,
        first: number,
        last: number,
        status,
        position: position + at,
        label: shortName(number),
      };
    });
  });
  const outside = recovery.backups.flatMap(({ backup, position }): Column[] => {
    const segment = position === undefined ? parseSegment(backup.walFile, recovery.segmentSize) : undefined;
    if (segment === undefined) return [];
    const { timeline, number } = segment;
    return [{
      kind: "outside",
      timeline,
      first: number,
      last: number,
      status: "",
      position: -1,
      label: shortName(number),
    }];
  });
  const oldest = history[0]?.first ?? 0;
  const newest = history.at(-1)?.last ?? 0;
  const all = [
    ...outside.filter(({ first }) => first < oldest),
    ...history,
    ...outside.filter(({ first }) => first > newest),
  ];
  return all.flatMap((column, at) => {
    const before = all[at - 1];
    if (before === undefined || before.last + 1 >= column.first) return [column];
    return [
      { ...column, kind: "gap", first: before.last + 1, last: column.first - 1, position: -1, label: "…" },
      column,
    ];
  });

  /** The last two digits of a WAL file name. */
  function shortName(number: number): string {
    return formatSegment({ timeline: 0, number }, recovery.segmentSize).slice(-2);
  }
}
