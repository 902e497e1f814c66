/** A stretch of time and its place on the drawing, in percent of its width. */
interface Piece {
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

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** About a month; ticks of such steps stand on the first of a month. */
const MONTH = 30.5 * DAY;

const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14].map((count) => count * DAY),
  ...[1, 2, 3, 6, 12, 24, 60, 120].map((count) => count * MONTH),
];

/** The least distance between two labels of a wide drawing, in percent: half as much again as the widest one takes. */
const SPACING = 11.5;
/** The room that a label takes with the space around it in the narrowest drawing, in percent. */
const NARROW_ROOM = 31;

/** On which side of its tick a label begins; near the sides of the drawing it stands on the inner side. */
type Anchor = "start" | "middle" | "end";

/** A mark on the time axis. */
export interface Tick {
  /** In percent. */
  readonly at: number;
  readonly label: string;
  /** What stands below it: the day of a time, the year of a day; only where it changes. */
  readonly below: string;
  readonly anchor: Anchor;
  /** Whether a narrow drawing has room for it too. */
  readonly narrow: boolean;
}

/** The ticks of a scale, left to right, in UTC. */
export function ticksOf(scale: TimeScale): readonly Tick[] {
  const linear = scale.pieces.filter(({ broken }) => !broken);
  const span = linear.reduce((sum, { from, to }) => sum + to - from, 0);
  const width = linear.reduce((sum, { left, right }) => sum + right - left, 0);
  const step = STEPS.find((step) => span === 0 || step / span * width >= SPACING) ?? STEPS.at(-1) ?? MONTH;
  const times = linear.flatMap((piece) => {
    const inside = timesIn(piece, step);
    return inside.length > 0 ? inside : [piece.from];
  });
  const ticks: Omit<Tick, "narrow">[] = [];
  let [last, lastBelow] = [-Infinity, ""];
  for (const time of times) {
    const at = scale.at(time);
    if (at - last < SPACING) continue;
    const { label, below } = labelOf(time, step);
    ticks.push({ at, label, below: below === lastBelow ? "" : below, anchor: anchorAt(at) });
    last = at;
    lastBelow = below;
  }
  const narrow = narrowTicks(ticks);
  return ticks.map((tick) => ({ ...tick, narrow: narrow.has(tick) }));
}

/** The ticks that find room in a narrow drawing: the ends of the axis first, then what fits between. */
function narrowTicks<T extends Pick<Tick, "at" | "anchor">>(ticks: readonly T[]): ReadonlySet<T> {
  const [first, ...others] = ticks;
  if (first === undefined) return new Set();
  const chosen = new Set([first]);
  let from = leftOf(first, NARROW_ROOM) + NARROW_ROOM;
  const last = others.at(-1);
  const lastFits = last !== undefined && leftOf(last, NARROW_ROOM) >= from;
  const to = lastFits ? leftOf(last, NARROW_ROOM) : Infinity;
  if (lastFits) chosen.add(last);
  for (const tick of others) {
    const left = leftOf(tick, NARROW_ROOM);
    if (left < from || left + NARROW_ROOM > to) continue;
    chosen.add(tick);
    from = left + NARROW_ROOM;
  }
  return chosen;
}

function anchorAt(at: number): Anchor {
  return at < 8 ? "start" : at > 92 ? "end" : "middle";
}

/** Where the room of a label begins that takes `width` of it, all in percent. */
function leftOf({ at, anchor }: Pick<Tick, "at" | "anchor">, width: number): number {
  const before: Readonly<Record<Anchor, number>> = { start: 0, middle: width / 2, end: width };
  return at - before[anchor];
}

function timesIn({ from, to }: Piece, step: number): readonly number[] {
  if (step >= MONTH) return monthsIn(from, to, Math.round(step / MONTH));
  // Weeks begin on Monday; the epoch was a Thursday.
  const origin = step % (7 * DAY) === 0 ? 4 * DAY : 0;
  const first = Math.ceil((from - origin) / step) * step + origin;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}

function monthsIn(from: number, to: number, months: number): readonly number[] {
  const times: number[] = [];
  const start = new Date(from);
  let month = Math.floor((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months;
  for (; times.length < 100; month += months) {
    const time = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (time > to) break;
    if (time >= from) times.push(time);
  }
  return times;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function labelOf(time: number, step: number): { label: string; below: string } {
  const date = new Date(time);
  const iso = date.toISOString();
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
  const year = String(date.getUTCFullYear());
  if (step >= 12 * MONTH) return { label: year, below: "" };
  if (step >= MONTH) return { label: MONTHS[date.getUTCMonth()] ?? "", below: year };
  if (step >= DAY) return { label: day, below: year };
  return { label: iso.slice(11, step < MINUTE ? 19 : 16), below: `${day}, ${year}` };
}
