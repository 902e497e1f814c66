import { inOneGo } from "../pace.ts";
import type { Backup } from "../walg/backup.ts";
import { formatSegment } from "../walg/segment.ts";
import type { Segment } from "../walg/segment.ts";
import type { WalVerify } from "../walg/verified_wal.ts";
import { chainFaults } from "./ancestry.ts";
import type { ChainFault } from "./ancestry.ts";
import { readHistory, SLICE } from "./history.ts";
import { indexHistory } from "./history_index.ts";
import type { HistoryIndex } from "./history_index.ts";
import { lostFrom, oldestPosition } from "./lost.ts";
import { ownSegments, standing } from "./own_segments.ts";
import { missingReason, uncoveredReason, unreadableReason } from "./reason.ts";
import type { BackupRecovery, Reach, Recovery } from "./recovery.ts";
import { segmentReader } from "./segment_reader.ts";
import { inferSegmentSizeInSlices } from "./segment_size.ts";
import { windowOf } from "./window.ts";

/** Tells what is recoverable from the listed backups and the last good answer of wal-verify, in one go. */
export function recover(backups: readonly Backup[], verify: WalVerify): Recovery {
  return inOneGo(recoverInSlices(backups, verify));
}

/** {@link recover} in slices of a few milliseconds: give the event loop a turn at each `yield`. */
export function* recoverInSlices(backups: readonly Backup[], verify: WalVerify): Generator<void, Recovery> {
  const segmentSize = yield* inferSegmentSizeInSlices(backups);
  yield;
  const history = yield* readHistory(verify.integrity.ranges, segmentSize);
  const index = yield* indexHistory(history);
  yield;
  const grounds = { faultOf: chainFaults(backups), reachFrom: reaches(index, segmentSize), index, segmentSize };
  yield;
  const segmentOf = segmentReader(segmentSize);
  const judged: BackupRecovery[] = [];
  let oldest = Infinity;
  for (const [at, backup] of backups.entries()) {
    if (at % SLICE === SLICE - 1) yield;
    const segment = segmentOf(backup.walFile);
    const recovery = judge(backup, segment, grounds);
    oldest = Math.min(oldest, oldestPosition(segment, recovery.position, history));
    judged.push(recovery);
  }
  yield;
  return { segmentSize, backups: judged, history, ...windowOf(judged, history), lostSegments: lostFrom(oldest, index) };
}

interface Grounds {
  readonly faultOf: ChainFault;
  readonly reachFrom: (span: number) => Reach | undefined;
  readonly index: HistoryIndex;
  readonly segmentSize: number;
}

/** False as soon as something is known to be missing, else unknown as soon as something is not known. */
function judge(backup: Backup, segment: Segment | undefined, grounds: Grounds): BackupRecovery {
  const { faultOf, reachFrom, index, segmentSize } = grounds;
  const { start, missing, uncovered } = segment === undefined
    ? {}
    : standing(ownSegments(backup, segment, segmentSize), index);
  const located = start === undefined ? { backup } : { backup, position: start.position };
  const fault = faultOf(backup);
  if (fault !== "") return { ...located, restorable: false, reason: fault };
  if (segment === undefined) {
    return { ...located, restorable: undefined, reason: unreadableReason(backup.walFile, segmentSize) };
  }
  if (missing !== undefined) {
    const reason = missingReason(missing.segment, missing.span, index, segmentSize);
    return { ...located, restorable: false, reason };
  }
  if (uncovered !== undefined) {
    return { ...located, restorable: undefined, reason: uncoveredReason(uncovered, index, segmentSize) };
  }
  const reach = start === undefined ? undefined : reachFrom(start.span);
  return { ...located, restorable: true, reason: "", ...(reach === undefined ? {} : { reach }) };
}

/** The reach from a usable span, made once for each run: many backups share one. */
function reaches({ history, runEnd }: HistoryIndex, size: number): (span: number) => Reach | undefined {
  const made = new Map<number, Reach>();
  return (span) => {
    const end = runEnd[span];
    const last = end === undefined ? undefined : history.spans[end];
    if (end === undefined || last === undefined) return undefined;
    const reach = made.get(end) ?? {
      lsn: BigInt(last.last + 1) * BigInt(size),
      segment: formatSegment({ timeline: last.timeline, number: last.last }, size),
      position: last.position + last.last - last.first + 1,
    };
    made.set(end, reach);
    return reach;
  };
}
