import type { BackupRecovery, Recovery } from "../../recovery/mod.ts";
import { SLICE } from "../../status/slices.ts";
import { formatSegment } from "../../walg/segment.ts";
import { FOUND } from "../../walg/verified_wal.ts";
import { isKnown } from "../../walg/time.ts";
import type { TimeScale } from "./time_scale.ts";

/** A stretch of WAL on the drawing; places are in percent. */
export interface Strip {
  readonly left: number;
  readonly right: number;
  /** `present`, `hole` (missing, with WAL after it) or `waiting` (not archived yet). */
  readonly kind: "present" | "hole" | "waiting";
  /** Segments of the holes that it holds; 0 when present. */
  readonly segments: number;
  /** The WAL file name of its first segment, and its status. */
  readonly first: string;
  readonly status: string;
}

/** The WAL on the drawing. */
export interface WalStrips {
  readonly strips: readonly Strip[];
  /** Where timelines other than the first begin. */
  readonly timelines: readonly { readonly timeline: number; readonly at: number }[];
  /** The place of a position in the history. */
  at(position: number): number;
}

/** Holes closer together than this are drawn as one, in percent. */
const RESOLUTION = 0.4;

/**
 * Lays the verified WAL along the time axis, in slices.
 *
 * WAL positions have no times of their own: only of a backup's start and finish both LSN and time are known. Between two
 * such pairs the WAL is taken to have been written evenly; after the last one, evenly until it was verified.
 */
export function* layWal(
  recovery: Recovery,
  newestFirst: readonly BackupRecovery[],
  verifiedTime: number,
  scale: TimeScale,
): Generator<void, WalStrips> {
  const { history: { spans }, segmentSize } = recovery;
  const at = interpolator(yield* anchorsOf(recovery, newestFirst, verifiedTime, scale));
  yield;
  const newestUsable = spans.findLastIndex(({ status }) => status === FOUND);
  const strips: Writable<Strip>[] = [];
  const timelines: { timeline: number; at: number }[] = [];
  let timeline = spans[0]?.timeline;
  for (const [index, span] of spans.entries()) {
    if (index % SLICE === SLICE - 1) yield;
    const length = span.last - span.first + 1;
    const [left, right] = [at(span.position), at(span.position + length)];
    if (span.timeline !== timeline) timelines.push({ timeline: timeline = span.timeline, at: left });
    const kind = span.status === FOUND ? "present" : index < newestUsable ? "hole" : "waiting";
    const joined = joinable(strips, kind, left);
    if (joined !== undefined) {
      joined.right = right;
      joined.segments += kind === "present" ? 0 : length;
    } else {
      const first = formatSegment({ timeline: span.timeline, number: span.first }, segmentSize);
      strips.push({ left, right, kind, segments: kind === "present" ? 0 : length, first, status: span.status });
    }
  }
  return { strips, timelines, at };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The strip that goes on: one of the same kind, or a gap that the next one is too close to. */
function joinable(strips: Writable<Strip>[], kind: Strip["kind"], left: number): Writable<Strip> | undefined {
  const last = strips[strips.length - 1];
  if (last?.kind === kind) return last;
  const before = strips[strips.length - 2];
  if (kind !== "hole" || before?.kind !== "hole" || left - before.left >= RESOLUTION) return undefined;
  strips.pop();
  return before;
}

interface Anchors {
  readonly positions: readonly number[];
  readonly places: readonly number[];
}

function* anchorsOf(
  { history: { segments }, segmentSize }: Recovery,
  newestFirst: readonly BackupRecovery[],
  verifiedTime: number,
  scale: TimeScale,
): Generator<void, Anchors> {
  const [positions, places]: [number[], number[]] = [[], []];
  const add = (position: number, place: number): void => {
    // A backup that contradicts those before it, such as one of another server, is no anchor.
    if (position <= (positions.at(-1) ?? -1) || place < (places.at(-1) ?? 0)) return;
    positions.push(position);
    places.push(place);
  };
  for (let index = newestFirst.length - 1; index >= 0; index--) {
    if (index % SLICE === 0) yield;
    const { backup, position } = newestFirst[index] ?? {};
    if (backup === undefined || position === undefined || !isKnown(backup.startTime)) continue;
    // WAL from before the oldest backup has no time at all: it gets the margin.
    if (positions.length === 0 && position > 0) add(0, 0);
    const { startLsn, startTime, finishLsn, finishTime } = backup;
    const offset = Number(startLsn % BigInt(segmentSize));
    add(position + offset / segmentSize, scale.at(startTime));
    if (finishLsn <= startLsn || finishTime < startTime) continue;
    add(position + (offset + Number(finishLsn - startLsn)) / segmentSize, scale.at(finishTime));
  }
  add(segments, Math.max(scale.at(verifiedTime), places.at(-1) ?? 0));
  return { positions, places };
}

function interpolator({ positions, places }: Anchors): (position: number) => number {
  return (position) => {
    let [low, high] = [0, positions.length - 1];
    while (low < high) {
      const middle = low + high >> 1;
      if ((positions[middle] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    const [to, right] = [positions[low] ?? 0, places[low] ?? 0];
    const [from, left] = [positions[low - 1], places[low - 1]];
    if (from === undefined || left === undefined || to === from) return right;
    return left + Math.min(1, (position - from) / (to - from)) * (right - left);
  };
}
