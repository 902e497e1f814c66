import type { Pieces } from "../pieces.ts";

/** The smallest and the largest block, bytes: short outputs take little, and long ones at most a block too much. */
const [LEAST, MOST] = [1024, 1024 * 1024];

/** Output that grows: nothing that is in it is ever copied again. */
export interface OutputBlocks {
  /** Copies a chunk. */
  add(chunk: Uint8Array): void;
  /** All that was added. */
  all(): Pieces;
}

/** No output yet. */
export function createOutputBlocks(): OutputBlocks {
  const full: Uint8Array<ArrayBuffer>[] = [];
  let open = new Uint8Array();
  let used = 0;
  let size = 0;
  return {
    add(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (used === open.length) {
          if (used > 0) full.push(open);
          open = new Uint8Array(Math.min(MOST, Math.max(LEAST, size, chunk.length - at)));
          used = 0;
        }
        const part = chunk.subarray(at, at + open.length - used);
        open.set(part, used);
        used += part.length;
        at += part.length;
        size += part.length;
      }
    },
    all: () => used === 0 ? full : [...full, open.subarray(0, used)],
  };
}
