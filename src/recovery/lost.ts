import { isFuture } from "../base/text.ts";
import { isKnown } from "../base/time.ts";
import type { Backup } from "../walg/backup_list.ts";
import { formatSegment } from "../walg/segment.ts";
import type { WalArchive } from "../walg/wal_archive.ts";
import { FOUND } from "../walg/wal_verify.ts";
import { earliestTime, firstName, lastName, objectUnder } from "./archive_history.ts";
import { EMPTY_OBJECT, isInTheWay, isUsable, type Line, NOT_KNOWN, type Own, type Span, spanAt } from "./history.ts";
import type { Ground } from "./ground.ts";
import {
  type BackupRecovery,
  type Hole,
  type InTheWay,
  type LostSegments,
  MOST_HOLES,
  type Reach,
} from "./recovery.ts";

/** A backup whose first segment stands in the current history. */
export interface Standing {
  readonly backup: Backup;
  readonly own: Own;
}

/** What lost segments are looked for in. */
export interface LostFacts {
  readonly line: Line;
  readonly standing: readonly Standing[];
  /** The number of the first segment of the newest restorable backup on the history; -1 without one. */
  readonly newestStart: number;
  /** Absent where times are not known. */
  readonly archive: WalArchive | undefined;
  /** Segment size in bytes. */
  readonly size: number;
}

/** The segments that are not there from the oldest backup on, with a later one there; undefined where there are none. */
export function lostSegments({ line, standing, newestStart, archive, size }: LostFacts): LostSegments | undefined {
  const { spans } = line.history;
  const from = oldestNeeded(standing, line);
  const isLost = (span: Span): boolean => !isUsable(span) && span.status !== NOT_KNOWN && span.last >= from;
  let segments = 0;
  let [oldest, newest] = [-1, -1];
  for (let at = 0; at < line.newestFound; at++) {
    const span = spans[at];
    if (span === undefined || !isLost(span)) continue;
    segments += span.last - Math.max(span.first, from) + 1;
    if (oldest < 0) oldest = at;
    newest = at;
  }
  const [first, last] = [spans[oldest], spans[newest]];
  if (first === undefined || last === undefined) return undefined;
  const startAfter = earliestStartAfter(standing);
  const holes: Hole[] = [];
  let [end, behindHole] = [spans.length, Infinity];
  for (let at = newest; at >= oldest && holes.length < MOST_HOLES; at--) {
    const span = spans[at];
    if (span === undefined || !isLost(span)) continue;
    const time = archive && earliestBehind(spans.slice(at + 1, end), span.last, { archive, size });
    [end, behindHole] = [at, Math.min(behindHole, time ?? Infinity)];
    holes.push(holeOf(cut(span, from), behindHole, { size, newestStart, startAfter }));
  }
  return {
    segments,
    first: firstName(cut(first, from), size),
    last: lastName(last, size),
    holes,
    isBridged: newestStart > last.last,
  };
}

interface HoleFacts {
  /** Segment size in bytes. */
  readonly size: number;
  readonly newestStart: number;
  /** The earliest start of a backup whose segments come after that one: Unix milliseconds; Infinity without one. */
  readonly startAfter: (number: number) => number;
}

function holeOf(span: Span, behindTime: number, { size, newestStart, startAfter }: HoleFacts): Hole {
  const knownTime = behindTime < Infinity ? behindTime : startAfter(span.last);
  return {
    first: firstName(span, size),
    last: lastName(span, size),
    segments: span.last - span.first + 1,
    ...(behindTime < Infinity && { behindTime }),
    ...(knownTime < Infinity && { knownTime }),
    isBridged: newestStart > span.last,
  };
}

function earliestStartAfter(standing: readonly Standing[]): HoleFacts["startAfter"] {
  const sorted = standing.filter(({ backup }) => isKnown(backup.startTime)).sort((a, b) => b.own.first - a.own.first);
  let [at, earliest] = [0, Infinity];
  // Asked for ever older holes.
  return (number) => {
    for (let next = sorted[at]; next !== undefined && next.own.first > number; next = sorted[++at]) {
      earliest = Math.min(earliest, next.backup.startTime);
    }
    return earliest;
  };
}

/** What of a span is not before segment `from`. */
function cut(span: Span, from: number): Span {
  return span.first >= from ? span : { ...span, first: from };
}

/** Looks at each timeline's stretch of the history once. */
function earliestBehind(
  spans: readonly Span[],
  number: number,
  { archive, size }: { readonly archive: WalArchive; readonly size: number },
): number | undefined {
  const stretches = new Map<number, { first: number; last: number }>();
  for (const { timeline, first, last } of spans) {
    if (first <= number) continue;
    const known = stretches.get(timeline);
    if (known === undefined) stretches.set(timeline, { first, last });
    else known.last = last;
  }
  let earliest: number | undefined;
  for (const [timeline, { first, last }] of stretches) {
    const time = earliestTime(archive, { timeline, first, last, size });
    if (time !== undefined && time < (earliest ?? Infinity)) earliest = time;
  }
  return earliest;
}

/**
 * The number of the first segment that a backup may need.
 *
 * `wal-g delete` keeps the own segments of a permanent backup and removes what follows, up to the oldest other backup:
 * where that is what the archive looks like, nothing is lost there.
 */
function oldestNeeded(standing: readonly Standing[], { history: { spans } }: Line): number {
  let [oldest, oldestOther] = [Infinity, Infinity];
  for (const { backup, own } of standing) {
    oldest = Math.min(oldest, own.first);
    if (!backup.permanent) oldestOther = Math.min(oldestOther, own.first);
  }
  if (oldest === oldestOther || oldestOther === Infinity) return oldest;
  const kept = standing.filter(({ backup, own }) => backup.permanent && own.first < oldestOther)
    .map(({ own }) => own).sort((a, b) => a.first - b.first);
  let [nth, reach] = [0, -1];
  for (const span of spans) {
    if (span.first >= oldestOther) break;
    if (!isUsable(span)) continue;
    // The kept segments must cover this span up to the oldest other backup.
    const end = Math.min(span.last, oldestOther - 1);
    for (let at = Math.max(span.first, oldest); at <= end;) {
      while (nth < kept.length && (kept[nth]?.first ?? Infinity) <= at) {
        reach = Math.max(reach, kept[nth]?.last ?? -1);
        nth++;
      }
      if (reach < at) return oldest;
      at = reach + 1;
    }
  }
  return oldestOther;
}

/** How long uploads may overtake each other, milliseconds. */
const OVERTAKING_MS = 120_000;

/**
 * The lost segments that are a problem: without those that are being overtaken, which are those behind which no segment
 * was archived two minutes ago (where times are not known none is), and without those that are accepted.
 *
 * @param now Unix milliseconds
 * @param acceptBefore holes that were there before, and that a later backup has made good, are accepted: Unix milliseconds
 * @returns undefined where there are none
 */
export function lostForGood(
  lost: LostSegments,
  now: number,
  acceptBefore = 0,
): Omit<LostSegments, "holes"> | undefined {
  const isYoung = ({ behindTime }: Hole): boolean =>
    behindTime !== undefined && !isFuture(behindTime, now) && now - behindTime <= OVERTAKING_MS;
  const isAccepted = ({ isBridged, knownTime = Infinity }: Hole): boolean => isBridged && knownTime < acceptBefore;
  const sum = (holes: readonly Hole[]): number => holes.reduce((sum, { segments }) => sum + segments, 0);
  // Newest first: what is behind an older hole was archived no later than what is behind a newer one.
  const young = lost.holes.findIndex((hole) => !isYoung(hole));
  if (young < 0) return undefined;
  const old = lost.holes.slice(young);
  const open = old.filter((hole) => !isAccepted(hole));
  const [newest, oldest] = [open[0], open.at(-1)];
  if (newest === undefined || oldest === undefined) return undefined;
  // Holes that are not listed are older than those that are.
  const isWhole = open.length === old.length;
  return {
    segments: isWhole ? lost.segments - sum(lost.holes.slice(0, young)) : sum(open),
    first: isWhole ? lost.first : oldest.first,
    last: newest.last,
    isBridged: newest.isBridged,
  };
}

/** What objects in the way are looked for in. */
export interface InTheWayFacts {
  readonly judged: readonly BackupRecovery[];
  /** The backups' own segments, in the same order. */
  readonly own: readonly (Own | undefined)[];
  readonly ground: Ground;
  readonly archive: WalArchive | undefined;
  /** The farthest reach. */
  readonly until: Reach | undefined;
}

/** The objects that a recovery from one of the backups comes to, on the current history and on branches. */
export function objectsInTheWay({ judged, own, ground, archive, until }: InTheWayFacts): readonly InTheWay[] {
  if (archive === undefined) return [];
  const found = new Map<string, InTheWay>();
  for (const [at, { branch, code }] of judged.entries()) {
    const segments = own[at];
    const line = branch === undefined ? ground.line : ground.branchLine(branch);
    if (segments === undefined || line === undefined || code === "other_system") continue;
    const span = spanMet(segments, line);
    const met = span === undefined ? undefined : line.history.spans[span];
    if (met === undefined) continue;
    const segment = formatSegment({ timeline: met.timeline, number: met.first }, ground.size);
    if (found.has(segment)) continue;
    found.set(segment, {
      segment,
      ...objectUnder(archive, { timeline: met.timeline, number: met.first, size: ground.size }),
      isEmpty: met.status === EMPTY_OBJECT,
      isAtReach: segment === until?.inTheWay,
    });
    if (found.size >= MOST_HOLES) break;
  }
  return [...found.values()].sort((a, b) => a.segment < b.segment ? -1 : 1);
}

/** The index of the span in the way that ends the run from a backup's first segment; undefined where none does. */
function spanMet({ first }: Own, { history, runEnd }: Line): number | undefined {
  const at = spanAt(history, first);
  const start = at === undefined ? undefined : history.spans[at];
  if (at === undefined || start === undefined) return undefined;
  if (isInTheWay(start)) return at;
  const end = runEnd[at] ?? at;
  const span = history.spans[end + 1];
  // Where only the parent's file is there, recovery ends in it and asks for nothing more.
  const goesOn = history.spans[end]?.status === FOUND && span !== undefined && isInTheWay(span);
  return goesOn ? end + 1 : undefined;
}
