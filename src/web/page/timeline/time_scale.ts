/** A stretch of time and its place on the drawing, in percent of its width. */
export interface Piece {
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  /** True where a long time without any event is drawn short. */
  readonly broken: boolean;
}

/** Where times stand on the drawing. */
export interface TimeScale {
  /** Oldest first, without holes. */
  readonly pieces: readonly Piece[];
  /** The place of a time (Unix milliseconds), in percent; those outside stand at the ends. */
  at(time: number): number;
}

/** Where the first and the last event stand, in percent. */
export const LEFT = 2;
export const RIGHT = 98;
const BREAK_WIDTH = 10;
const MAX_BREAKS = 3;

/**
 * A scale for events (Unix milliseconds, ascending, at least one): linear, but for a few long times without any event
 * that would crowd all others into a corner.
 */
export function createTimeScale(events: readonly number[]): TimeScale {
  const breaks = findBreaks(events);
  const [first = 0] = events;
  const last = events.at(-1) ?? first;
  let linear = last - first;
  for (const at of breaks) linear -= gapBefore(events, at);
  const width = RIGHT - LEFT - breaks.length * BREAK_WIDTH;
  const pieces: Piece[] = [];
  let [from, left] = [first, LEFT];
  const add = (to: number, broken: boolean): void => {
    const right = left + (broken ? BREAK_WIDTH : linear > 0 ? (to - from) / linear * width : width);
    pieces.push({ from, to, left, right, broken });
    [from, left] = [to, right];
  };
  for (const at of breaks) {
    add(events[at - 1] ?? first, false);
    add(events[at] ?? last, true);
  }
  add(last, false);
  return { pieces, at: (time) => place(pieces, time) };
}

function place(pieces: readonly Piece[], time: number): number {
  const piece = pieces.find(({ to }) => time <= to) ?? pieces.at(-1);
  if (piece === undefined) return LEFT;
  const { from, to, left, right } = piece;
  if (to === from) return left;
  return left + Math.min(1, Math.max(0, (time - from) / (to - from))) * (right - left);
}

/** The indices of the events before which the scale is broken, ascending. */
function findBreaks(events: readonly number[]): readonly number[] {
  const breaks: number[] = [];
  let rest = (events.at(-1) ?? 0) - (events[0] ?? 0);
  while (breaks.length < MAX_BREAKS) {
    let longest = 0;
    for (let at = 1; at < events.length; at++) {
      if (gapBefore(events, at) > (longest === 0 ? 0 : gapBefore(events, longest)) && !breaks.includes(at)) {
        longest = at;
      }
    }
    const gaps = events.length - 1 - breaks.length;
    // With few events a long gap is what is to be seen, so only an extreme one is cut.
    const share = gaps <= 3 ? 0.97 : 0.85;
    const gap = gapBefore(events, longest);
    // Something has to be left to be drawn to scale.
    if (longest === 0 || gaps < 2 || gap < share * rest || gap === rest) break;
    breaks.push(longest);
    rest -= gap;
  }
  return breaks.toSorted((a, b) => a - b);
}

function gapBefore(events: readonly number[], at: number): number {
  return (events[at] ?? 0) - (events[at - 1] ?? 0);
}
