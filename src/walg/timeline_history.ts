import { DecodeError } from "./json.ts";
import type { Lsn } from "./segment.ts";

/** Where a timeline left its parent, as the last line of its `.history` file says. */
export interface HistoryLine {
  readonly timeline: number;
  readonly parent: number;
  readonly switchLsn: Lsn;
}

/** Parent, LSN and reason, as PostgreSQL writes and reads them. */
const LINE = /^\s*(\d{1,10})\s+([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})(?:\s.*)?$/;

/**
 * Reads a `.history` file as `wal-g st cat` prints it.
 *
 * @param timeline whose file it is
 * @returns undefined where it names no parent, as an empty one does
 * @throws DecodeError with the line that is not a history's
 */
export function decodeHistory(timeline: number, text: string): HistoryLine | undefined {
  let last: HistoryLine | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const content = line.replace(/\r$/, "");
    if (/^\s*(#.*)?$/.test(content)) continue;
    const [, parent, high, low] = LINE.exec(content) ?? [];
    const id = Number(parent);
    if (high === undefined || low === undefined || id === 0 || id >= timeline || id <= (last?.parent ?? 0)) {
      const found = JSON.stringify(content.slice(0, 60));
      throw new DecodeError(
        `the history of timeline ${timeline}, line ${index + 1}: expected a parent, found ${found}`,
      );
    }
    last = { timeline, parent: id, switchLsn: (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`) };
  }
  return last;
}
