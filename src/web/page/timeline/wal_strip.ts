import { SLICE } from "../../../status/status.ts";
import { formatSegment } from "../../../walg/segment.ts";
import { FOUND } from "../../../walg/wal_verify.ts";
import type { TimeScale } from "./time_scale.ts";
import { createWalScale, type WalPlace, walPoints, type WalPointsOptions } from "./wal_scale.ts";

/** A stretch of WAL on the drawing; places are in percent. */
export interface Strip {
  readonly left: number;
  /** Up to where its times are known; from there to its right end it was written at some time. */
  readonly known: number;
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
  /** Where the farthest reach is; absent where there is none. */
  readonly reach?: WalPlace;
}

/** Holes closer together than this are drawn as one, in percent. */
const RESOLUTION = 0.4;

/** Lays the verified WAL along the time axis, in slices. */
export function* layWal(options: WalPointsOptions, scale: TimeScale): Generator<void, WalStrips> {
  const { recovery: { history: { spans, segments }, segmentSize, until }, verifiedTime } = options;
  const wal = createWalScale(yield* walPoints(options), { position: segments, time: verifiedTime }, scale);
  yield;
  const newestUsable = spans.findLastIndex(({ status }) => status === FOUND);
  const strips: Writable<Strip>[] = [];
  const timelines: { timeline: number; at: number }[] = [];
  let timeline = spans[0]?.timeline;
  for (const [index, span] of spans.entries()) {
    if (index % SLICE === SLICE - 1) yield;
    const length = span.last - span.first + 1;
    const [left, right] = [wal.of(span.position).at, wal.of(span.position + length).at];
    if (span.timeline !== timeline) timelines.push({ timeline: timeline = span.timeline, at: left });
    const kind = span.status === FOUND ? "present" : index < newestUsable ? "hole" : "waiting";
    const joined = joinable(strips, kind, left);
    if (joined !== undefined) {
      joined.right = right;
      joined.segments += kind === "present" ? 0 : length;
    } else {
      const first = formatSegment({ timeline: span.timeline, number: span.first }, segmentSize);
      const count = kind === "present" ? 0 : length;
      strips.push({ left, known: left, right, kind, segments: count, first, status: span.status });
    }
  }
  const reach = until && wal.of(until.position);
  for (const strip of strips) strip.known = knownOf(strip, wal.known, reach);
  return { strips, timelines, ...(reach && { reach }) };
}

/** Up to where it is known that a strip goes: to the end but for the last WAL of all, and the last that is reached. */
function knownOf({ left, right, kind }: Strip, known: number, reach: WalPlace | undefined): number {
  if (kind !== "present") return right;
  const isReached = reach !== undefined && left < reach.at && reach.at <= right;
  return Math.max(left, Math.min(right, known, isReached ? reach.known : right));
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
