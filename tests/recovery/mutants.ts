/** Planted errors, one for each rule of recovery: the property tests must find every one. */
export interface Mutant {
  readonly error: string;
  /** A file of src/recovery. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly right: string;
  readonly wrong: string;
  /** The property that must find it: by the archive, or by wal-verify's ranges. */
  readonly by: "archive" | "ranges";
}

const archive = (error: string, file: string, right: string, wrong: string): Mutant => {
  return { error, file, right, wrong, by: "archive" };
};
const ranges = (error: string, file: string, right: string, wrong: string): Mutant => {
  return { error, file, right, wrong, by: "ranges" };
};

export const MUTANTS: readonly Mutant[] = [
  // Histories.
  archive(
    "a backup that ended after the switch lies on the history",
    "history.ts",
    "return endLsn <= leg.endLsn;",
    "return last <= leg.end;",
  ),
  archive("off by one byte at the switch", "history.ts", "return endLsn <= leg.endLsn;", "return endLsn < leg.endLsn;"),
  archive(
    "off by one byte after the switch",
    "history.ts",
    "return endLsn <= leg.endLsn;",
    "return endLsn <= leg.endLsn + 1n;",
  ),
  archive(
    "any timeline's backup lies on the history",
    "history.ts",
    "return isWhole || timeline > root ? false : undefined;",
    "return isWhole || timeline > root ? true : undefined;",
  ),
  archive(
    "a lost history leaves no doubt",
    "history.ts",
    "return isWhole || timeline > root ? false : undefined;",
    "return false;",
  ),
  archive(
    "the parent's segments go on after the switch",
    "archive_history.ts",
    "(next?.begin ?? Infinity) - 1)",
    "(next?.begin ?? Infinity))",
  ),
  archive(
    "the parent's file serves the whole segment of the switch",
    "archive_history.ts",
    "{ ...run, status: PARTLY_FOUND,",
    "{ ...run, status: run.status,",
  ),
  archive(
    "the parent's file does not serve the segment of the switch",
    "archive_history.ts",
    "if (run !== undefined) {",
    "if (run !== undefined && run.first < 0) {",
  ),
  archive(
    "the parent's file serves a backup of the child",
    "judge.ts",
    "const isParents = span.status === PARTLY_FOUND && span.timeline < timeline;",
    "const isParents = span.status === PARTLY_FOUND && span.timeline > timeline;",
  ),
  archive(
    "an older timeline's file is asked for first",
    "archive_history.ts",
    "if (at === 0 || own[0]?.first === leg.begin ||",
    "if (at === 0 ||",
  ),
  archive(
    "the highest timeline is the current one, whatever it comes from",
    "timelines.ts",
    "while (at !== undefined && at > ancestor)",
    "while (at !== undefined && at > ancestor + 99)",
  ),
  archive(
    "the cluster's timeline stays, whatever comes from it",
    "timelines.ts",
    ".reduce((a, b) => Math.max(a, b), cluster)",
    ".reduce((a) => a, cluster)",
  ),
  archive(
    "history files of timelines without segments do not count",
    "timelines.ts",
    "...timelines.keys(), ...histories.keys()",
    "...timelines.keys()",
  ),
  archive(
    "a branch is judged on the current history",
    "judge.ts",
    "isBranch ? ground.branchLine(own.timeline) : ground.line",
    "ground.line",
  ),
  archive(
    "a branch counts for the window",
    "window.ts",
    `return code === "restorable";`,
    `return code === "restorable" || code === "branch";`,
  ),
  // Segments.
  archive(
    "an empty object is there",
    "archive_history.ts",
    "state === EMPTY\n        ? EMPTY_OBJECT",
    "state === EMPTY\n        ? FOUND",
  ),
  archive("a short object without a suffix is there", "archive_history.ts", "bytes >= size && bytes", "bytes"),
  archive(
    "an object without a suffix is never there",
    "archive_history.ts",
    "bytes >= size && bytes",
    "bytes > size && bytes",
  ),
  archive(
    "what is in the way behind the reach is not seen",
    "ground.ts",
    "next !== undefined && isInTheWay(next)",
    "next === undefined && isInTheWay(span)",
  ),
  ranges(
    "off by one: a finish LSN on a segment's first byte needs that segment",
    "history.ts",
    "segmentNumberAt(finishLsn - 1n, size)",
    "segmentNumberAt(finishLsn, size)",
  ),
  archive(
    "only a backup's first segment counts",
    "judge.ts",
    "if (next > last) return { start: at };",
    "if (next > first) return { start: at };",
  ),
  archive(
    "off by one: the last segment is not needed",
    "judge.ts",
    "if (badFirst <= last) return",
    "if (badFirst < last) return",
  ),
  archive(
    "what a storage that could not be listed may hold is missing",
    "archive_history.ts",
    "const isEndKnown = archive.unlisted.length === 0;",
    "const isEndKnown = true;",
  ),
  archive(
    "a hole ends no run",
    "history.ts",
    "runEnd[at] = !usable || next === undefined",
    "runEnd[at] = next === undefined",
  ),
  archive(
    "a run goes on behind the parent's part of a segment",
    "history.ts",
    "return status === FOUND;",
    "return status === FOUND || status === PARTLY_FOUND;",
  ),
  archive(
    "the tail that waits to be archived counts as lost",
    "lost.ts",
    "at < line.newestFound; at++",
    "at < spans.length; at++",
  ),
  archive(
    "what no listed backup needs counts as lost",
    "lost.ts",
    "span.last - Math.max(span.first, from) + 1",
    "span.last - span.first + 1",
  ),
  archive(
    "an empty segment is not lost",
    "lost.ts",
    "!isUsable(span) && span.status !== NOT_KNOWN",
    `!isUsable(span) && span.status !== "EMPTY" && span.status !== NOT_KNOWN`,
  ),
  archive(
    "at risk does not count what the cluster has written since",
    "recover.ts",
    "const to = clusterEnd(verify, course, size);",
    "const to = -1 * clusterEnd(verify, course, size);",
  ),
  archive(
    "where the cluster is on another branch, its position counts",
    "recover.ts",
    "leg === undefined || last.number > leg.end ? -1",
    "leg === undefined ? -1",
  ),
  // Ancestors.
  archive(
    "ancestors need not be listed",
    "ancestry.ts",
    "if (parent === undefined) {\n        const reason",
    "if (parent === -1 as never) {\n        const reason",
  ),
  archive("ancestors may lie on another branch", "ancestry.ts", "if (lies === false)", "if (lies === null as never)"),
  archive(
    "where the history is lost, ancestors lie on it",
    "ancestry.ts",
    "if (lies === undefined) return historyUnknown",
    "if (lies === null as never) return historyUnknown",
  ),
  archive(
    "ancestors are held against the current history",
    "ancestry.ts",
    "const course = courseOf(ours.timeline);",
    "const course = courseOf(Math.max(...own.map((one) => one?.timeline ?? 0)));",
  ),
  archive(
    "only the nearest ancestor counts",
    "ancestry.ts",
    "(!fault.isKnown && here?.isKnown === true)) fault = here;",
    "(!fault.isKnown && here?.isKnown === true) || true) fault = here;",
  ),
  ranges("a loop of ancestors counts as whole", "ancestry.ts", "before === WALKING\n", "before === undefined\n"),
  // Files.
  archive(
    "an incomplete backup is restorable",
    "judge.ts",
    "completeness?.isComplete === false",
    "completeness?.isComplete === null as never",
  ),
  archive(
    "an incomplete backup serves its deltas",
    "ancestry.ts",
    `if (gone !== undefined && gone !== "")`,
    `if (gone === "never")`,
  ),
  archive(
    "a lost pg_control takes the deltas with it",
    "completeness.ts",
    "const allowed = hasControl && hasLabel ? 0 : SMALL_PARTS;",
    "const allowed = 0;",
  ),
  archive(
    "the first storage decides",
    "completeness.ts",
    "judged.find(({ isWhole }) => isWhole) ??",
    "judged[0] ??",
  ),
  archive(
    "bytes do not count",
    "completeness.ts",
    "const isWhole = partBytes >= compressedSize &&",
    "const isWhole = partBytes > 0 &&",
  ),
  // Systems.
  archive(
    "every backup is of one system",
    "timelines.ts",
    "backup.systemIdentifier !== systemIdentifier;",
    "backup.systemIdentifier === 0n;",
  ),
  archive(
    "with two systems every segment counts",
    "recover.ts",
    "const limit = isShared ? Math.max(to, own0) : Infinity;",
    "const limit = isShared ? Infinity : Infinity;",
  ),
  archive(
    "with two systems a branch goes on in the other one's segments",
    "ground.ts",
    "limit: isShared ? last : Infinity",
    "limit: Infinity",
  ),
  // The window.
  archive("the window starts with the newest backup", "window.ts", "finish < earliest", "finish > earliest"),
  archive(
    "the window starts with a backup of another run",
    "window.ts",
    "recovery.reach?.lsn !== until.lsn ||",
    "recovery.reach === undefined ||",
  ),
  archive(
    "the reach is the newest backup's, not the farthest",
    "window.ts",
    "reach.lsn > until.lsn",
    "reach.lsn !== until.lsn",
  ),
  // By wal-verify's ranges.
  ranges(
    "what WAL-G calls uploading counts as usable",
    "history.ts",
    "return status === FOUND;",
    `return status === FOUND || status === "MISSING_UPLOADING";`,
  ),
  ranges(
    "only what WAL-G calls lost is lost",
    "lost.ts",
    "!isUsable(span) && span.status !== NOT_KNOWN",
    `span.status === "MISSING_LOST"`,
  ),
  ranges(
    "a backup that ends in the segment of a switch lies on the history",
    "history.ts",
    "if (last === leg.end) return undefined;",
    "if (last === leg.end) return true;",
  ),
  ranges(
    "numbers that jump do not break a run",
    "verified_history.ts",
    "status: NOT_KNOWN });\n    }\n    add(",
    "status: FOUND });\n    }\n    add(",
  ),
  ranges(
    "what wal-verify does not cover counts as not restorable",
    "judge.ts",
    "return { ...known, restorable: undefined, code: doubt.code,",
    "return { ...known, restorable: false, code: doubt.code,",
  ),
  ranges(
    "where a history is lost, segments are",
    "verified_history.ts",
    "if (!isCutOff) return undefined;",
    "if (isCutOff || !isCutOff) return undefined;",
  ),
  ranges(
    "backups older than the verified range are forgotten when lost segments are counted",
    "recover.ts",
    "standsOn(course, own) || precedes(own, world)",
    "standsOn(course, own)",
  ),
  ranges(
    "every cluster has segments of 16 MiB",
    "timelines.ts",
    "return best.find((size) => size === DEFAULT_SEGMENT_SIZE)",
    "return SEGMENT_SIZES.find((size) => size === DEFAULT_SEGMENT_SIZE)",
  ),
  ranges(
    "no window is known without a restorable backup",
    "window.ts",
    "backup.restorable !== undefined &&",
    "backup.restorable === true &&",
  ),
];
