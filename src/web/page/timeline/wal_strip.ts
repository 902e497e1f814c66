import type { Span } from "../../../recovery/history.ts";
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

/** Lays the verified WAL along the time axis. */
export function layWal(options: WalPointsOptions, scale: TimeScale): WalStrips {
  const { recovery: { history: { spans, segments }, segmentSize, until }, verifiedTime } = options;
  const wal = createWalScale(walPoints(options), { position: segments, time: verifiedTime }, scale);
  const newestUsable = spans.findLastIndex(({ status }) => status === FOUND);
  const laid: Laid[] = [];
  const timelines: { timeline: number; at: number }[] = [];
  let timeline = spans[0]?.timeline;
  let left = wal.of(0).at;
  for (const [index, span] of spans.entries()) {
    const length = span.last - span.first + 1;
    const right = wal.of(span.position + length).at;
    if (span.timeline !== timeline) timelines.push({ timeline: timeline = span.timeline, at: left });
    const kind = span.status === FOUND ? "present" : index < newestUsable ? "hole" : "waiting";
    const count = kind === "present" ? 0 : length;
    const joined = joinable(laid, kind, left);
    if (joined === undefined) {
      laid.push({ left, right, kind, segments: count, span });
    } else {
      joined.right = right;
      joined.segments += count;
    }
    left = right;
  }
  const reach = until && wal.of(until.position);
  const strips = laid.map(({ span, ...strip }): Strip => ({
    ...strip,
    known: knownOf(strip, wal.known, reach),
    first: formatSegment({ timeline: span.timeline, number: span.first }, segmentSize),
    status: span.status,
  }));
  return { strips, timelines, ...(reach && { reach }) };
}

/** A strip that still grows; `span` is the first one in it. */
interface Laid {
  readonly left: number;
  right: number;
  readonly kind: Strip["kind"];
  segments: number;
  readonly span: Span;
}

/** Up to where it is known that a strip goes: to the end but for the last WAL of all, and the last that is reached. */
function knownOf({ left, right, kind }: Omit<Laid, "span">, known: number, reach: WalPlace | undefined): number {
  if (kind !== "present") return right;
  const isReached = reach !== undefined && left < reach.at && reach.at <= right;
  return Math.max(left, Math.min(right, known, isReached ? reach.known : right));
}

/** The strip that goes on: one of the same kind, or a gap that the next one is too close to. */
function joinable(laid: Laid[], kind: Strip["kind"], left: number): Laid | undefined {
  const last = laid[laid.length - 1];
  if (last?.kind === kind) return last;
  const before = laid[laid.length - 2];
  if (kind !== "hole" || before?.kind !== "hole" || left - before.left >= RESOLUTION) return undefined;
  laid.pop();
  return before;
}
