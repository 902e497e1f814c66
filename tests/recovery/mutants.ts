/** Planted errors, one for each rule of recovery: the property test must find every one. */
export interface Mutant {
  readonly error: string;
  /** A file of src/recovery. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly right: string;
  readonly wrong: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    error: "ancestors need not be listed",
    file: "recover.ts",
    right: `if (fault !== "") return`,
    wrong: `if (fault === "never") return`,
  },
  {
    error: "ancestors need WAL of their own",
    file: "recover.ts",
    right: `    const recovery = judge(backup, segment, grounds);`,
    wrong: `    let recovery = judge(backup, segment, grounds);
    const parent = backups.find(({ name }) => backup.type === "delta" && name === backup.parent);
    const above = parent && judge(parent, segmentOf(parent.walFile), grounds);
    if (recovery.restorable && above?.restorable === false) recovery = { ...above, backup };`,
  },
  {
    error: "what WAL-G calls uploading counts as usable",
    file: "history.ts",
    right: `return span.status === FOUND;`,
    wrong: `return span.status === FOUND || span.status === "MISSING_UPLOADING";`,
  },
  {
    error: "the tail that waits to be archived counts as lost",
    file: "lost.ts",
    right: `if (at > newestUsable) break;`,
    wrong: `if (at > newestUsable + history.spans.length) break;`,
  },
  {
    error: "segments of different timelines are compared as numbers: any timeline's will do",
    file: "own_segments.ts",
    right: `const block = index.timelines.get(own.timeline);`,
    wrong: `const block = { from: 0, to: index.history.spans.length };`,
  },
  {
    error: "segments of different timelines are compared as numbers: a left timeline goes on in its child for ever",
    file: "own_segments.ts",
    right: `return left?.first === next ? next + 1 : next;`,
    wrong: `return left?.first === next ? left.last + 1 : next;`,
  },
  {
    error: "off by one: a finish LSN on a segment's first byte needs that segment",
    file: "own_segments.ts",
    right: `segmentNumberAt(backup.finishLsn - 1n, size)`,
    wrong: `segmentNumberAt(backup.finishLsn, size)`,
  },
  {
    error: "off by one: the last segment is not needed",
    file: "own_segments.ts",
    right: `badSpan.first <= own.last`,
    wrong: `badSpan.first < own.last`,
  },
  {
    error: "the segment in which a timeline was left is not served by its child",
    file: "own_segments.ts",
    right: `follows(last, next) ? next : undefined`,
    wrong: `follows(last, next) && false ? next : undefined`,
  },
  {
    error: "only a backup's first segment counts",
    file: "own_segments.ts",
    right: `last: Math.max(start.number, finish)`,
    wrong: `last: Math.min(start.number, finish + start.number)`,
  },
  {
    error: "a reach ends where a timeline was left",
    file: "history_index.ts",
    right: `const runsOn = joined !== undefined &&`,
    wrong: `const runsOn = joined?.timeline === span.timeline &&`,
  },
  {
    error: "numbers that jump do not break a run",
    file: "history.ts",
    right: `return next.first === span.last + 1;`,
    wrong: `return next.first > span.last;`,
  },
  {
    error: "what wal-verify does not cover counts as not restorable",
    file: "recover.ts",
    right: `restorable: undefined, reason: uncoveredReason`,
    wrong: `restorable: false, reason: uncoveredReason`,
  },
  {
    error: "a loop of ancestors counts as whole",
    file: "ancestry.ts",
    right: "fault = before ??",
    wrong: `fault = before === null ? "" : before ??`,
  },
  {
    error: "the window starts with the newest backup",
    file: "window.ts",
    right: `finish < earliest`,
    wrong: `finish > earliest`,
  },
  {
    error: "the window starts with a backup of another run",
    file: "window.ts",
    right: `reach?.position !== until.position || `,
    wrong: `reach === undefined || `,
  },
  {
    error: "the reach is the newest backup's, not the farthest",
    file: "window.ts",
    right: `reach.position > until.position`,
    wrong: `reach.position !== until.position`,
  },
  {
    error: "at risk counts only what is missing after the reach",
    file: "window.ts",
    right: `history.segments - until.position`,
    wrong: `Math.min(1, history.segments - until.position)`,
  },
  {
    error: "lost counts what no listed backup needs",
    file: "lost.ts",
    right: `Math.max(span.position, from)`,
    wrong: `Math.min(span.position, from)`,
  },
  {
    error: "backups older than the verified range are forgotten when lost segments are counted",
    file: "lost.ts",
    right: `startsBefore(segment, oldest) ? 0 : Infinity`,
    wrong: `startsBefore(segment, oldest) ? Infinity : Infinity`,
  },
  {
    error:
      "a backup of the timeline before, in the history's first segment, is forgotten when lost segments are counted",
    file: "lost.ts",
    right: `segment.number === oldest.first`,
    wrong: `segment.number === oldest.first - 1`,
  },
  {
    error: "the history's first segment serves no backup of the timeline before",
    file: "own_segments.ts",
    right: `const isServed = timeline + 1 ===`,
    wrong: `const isServed = timeline + 9999 ===`,
  },
  {
    error: "the history's first segment serves any timeline's backup",
    file: "own_segments.ts",
    right: `const isServed = timeline + 1 === oldest?.timeline &&`,
    wrong: `const isServed = oldest !== undefined &&`,
  },
  {
    error: "the history's first segment serves a backup that goes on after it",
    file: "own_segments.ts",
    right: `first === oldest.first && last === first;`,
    wrong: `first === oldest.first && last >= first;`,
  },
  {
    error: "the history's first segment serves a backup though it is missing",
    file: "own_segments.ts",
    right: `if (usable(oldest)) return { start };`,
    wrong: `if (oldest.status !== "") return { start };`,
  },
  {
    error: "every cluster has segments of 16 MiB",
    file: "segment_size.ts",
    right: `return best.find((size) => size === DEFAULT_SEGMENT_SIZE)`,
    wrong: `return SEGMENT_SIZES.find((size) => size === DEFAULT_SEGMENT_SIZE)`,
  },
  {
    error: "no window is known without a restorable backup",
    file: "window.ts",
    right: `restorable !== undefined)`,
    wrong: `restorable === true)`,
  },
];
