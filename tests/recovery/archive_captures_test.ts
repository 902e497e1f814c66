import assert from "node:assert/strict";
import { addPosition, type Position } from "../../src/recovery/moments.ts";
import { recover, type RecoveryFacts } from "../../src/recovery/recover.ts";
import { type Recovery } from "../../src/recovery/recovery.ts";
import { formatLsn } from "../../src/walg/segment.ts";
import { ASKED, loadByWalShow, loadCapture, SCENARIOS } from "./load_capture.ts";

/** What fixtures/captures/README.md says was worked out by hand, and seen in real restores. */
interface ByHand {
  readonly reach: string;
  /** The backup that the window starts with. */
  readonly from: string;
  /** The timeline that recovery goes to. */
  readonly timeline: number;
  readonly lost?: number;
  /** The backups that are not simply restorable: 1 or 0 or unknown, and the reason; all others are. */
  readonly others?: Readonly<Record<string, readonly [boolean | undefined, RegExp]>>;
  /** Where it differs without `st`, as WAL-G 1.1 is. */
  readonly byWalShow?: Partial<ByHand>;
}

const FIRST = "base_000000010000000000000002";
const branch = (timeline: number, upTo: string): readonly [true, RegExp] => [
  true,
  new RegExp(`^restorable to timeline ${timeline} only \\(recovery_target_timeline = '${timeline}'\\), up to ${upTo}`),
];
const TAKEN_AFTER_SWITCH = { base_000000010000000000000018: branch(1, "0/1B000000$") };
const LEFT = {
  ...TAKEN_AFTER_SWITCH,
  base_00000002000000000000001C_D_000000020000000000000017: branch(2, "0/20000000$"),
};
const OTHER_SYSTEM = [undefined, /^of another database system/] as const;
const LAST_PART = "base_000000010000000000000013";

const EXPECTED: Readonly<Record<string, ByHand>> = {
  "healthy": { reach: "0/15000000", from: FIRST, timeline: 1 },
  "healthy-postgres-down": { reach: "0/15000000", from: FIRST, timeline: 1 },
  "switched": { reach: "0/1A000000", from: FIRST, timeline: 2, others: TAKEN_AFTER_SWITCH },
  "switched-postgres-down": { reach: "0/1F000000", from: FIRST, timeline: 2, others: TAKEN_AFTER_SWITCH },
  "history-lost-postgres-down": {
    reach: "0/1F000000",
    from: "base_00000003000000000000001C",
    timeline: 3,
    others: {
      ...Object.fromEntries(
        [
          "base_000000010000000000000002",
          "base_000000010000000000000005_D_000000010000000000000002",
          "base_000000010000000000000008_D_000000010000000000000005",
          "base_00000001000000000000000B_D_000000010000000000000008",
          "base_00000001000000000000000E",
          "base_000000010000000000000011_D_00000001000000000000000E",
          "base_000000010000000000000013",
          "base_000000010000000000000018",
        ].map((name) => [name, branch(1, "0/1B000000: .*00000003.history")]),
      ),
      "base_000000020000000000000017": branch(2, "0/20000000: .*00000003.history"),
      "base_00000002000000000000001C_D_000000020000000000000017": branch(2, "0/20000000: .*00000003.history"),
    },
  },
  "part-lost": {
    reach: "0/1F000000",
    from: FIRST,
    timeline: 3,
    others: { ...LEFT, [LAST_PART]: [false, /^incomplete: 802 KiB of 1\d\.\d MiB is gone from the storage$/] },
    byWalShow: { others: LEFT },
  },
  "control-lost": {
    reach: "0/1F000000",
    from: FIRST,
    timeline: 3,
    others: { ...LEFT, [LAST_PART]: [false, /^incomplete: pg_control.tar is missing$/] },
    byWalShow: { others: LEFT },
  },
  "backup-interrupted": { reach: "0/20000000", from: FIRST, timeline: 3, lost: 5, others: LEFT },
  "failover": { reach: "0/20000000", from: FIRST, timeline: 3, lost: 5, others: LEFT },
  "just-promoted": {
    reach: "0/4000090",
    from: FIRST,
    timeline: 2,
    others: { base_000000010000000000000007_D_000000010000000000000002: branch(1, "0/A000000$") },
    // Nothing but the .history file tells where timeline 1 was left.
    byWalShow: {
      from: "",
      reach: "",
      others: {
        base_000000010000000000000002: branch(1, "0/A000000: .*00000002.history"),
        base_000000010000000000000007_D_000000010000000000000002: branch(1, "0/A000000: .*00000002.history"),
      },
    },
  },
  "jam-stuck": { reach: "0/5000000", from: FIRST, timeline: 1 },
  "jam-oldest-through": { reach: "0/8000000", from: FIRST, timeline: 1 },
  "failover-wal": { reach: "0/9000000", from: FIRST, timeline: 1, byWalShow: { reach: "0/6000000", lost: 1 } },
  "s3": { reach: "0/25000000", from: "base_000000030000000000000021", timeline: 3 },
  "segments-64mb-size-unset": { reach: "0/20000000", from: FIRST, timeline: 1 },
  "newest-on-branch": {
    reach: "0/5000000",
    from: FIRST,
    timeline: 2,
    others: { base_000000010000000000000006: branch(1, "0/8000000$") },
  },
  "delta-on-branch": {
    reach: "0/D000000",
    from: FIRST,
    timeline: 2,
    others: {
      base_000000010000000000000006: branch(1, "0/8000000$"),
      base_00000002000000000000000B_D_000000010000000000000006: [
        false,
        /^restores to a mixture of two timelines: taken/,
      ],
    },
  },
  "two-systems": {
    reach: "0/3000000",
    from: FIRST,
    timeline: 1,
    others: {
      base_000000010000000000000006: OTHER_SYSTEM,
      base_00000002000000000000000B_D_000000010000000000000006: OTHER_SYSTEM,
    },
  },
};

Deno.test("every capture of an archive is among those worked out by hand", () => {
  assert.deepEqual([...SCENARIOS], Object.keys(EXPECTED).sort());
});

for (const [scenario, expected] of Object.entries(EXPECTED)) {
  Deno.test(`archive by hand: ${scenario}`, async () => {
    assertIs(recover(await loadCapture(scenario)), expected);
  });
  Deno.test(`archive by hand, with PostgreSQL down: ${scenario}`, async () => {
    const { verify: _verify, verifyTime: _time, ...facts } = await loadCapture(scenario);
    // With several systems it is wal-verify that tells where the cluster is.
    assertIs(recover(facts), expected);
  });
  Deno.test(`archive by hand, by wal-show alone: ${scenario}`, async () => {
    const recovery = recover(await loadByWalShow(scenario));
    assertIs(recovery, { ...expected, ...expected.byWalShow });
    assert.equal(recovery.until?.moment, undefined);
  });
}

function assertIs(recovery: Recovery, { reach, from, timeline, lost = 0, others = {} }: ByHand): void {
  const { until, windowStartTime, lostSegments, currentTimeline, backups } = recovery;
  const starter = backups.find(({ backup }) => backup.name === from);
  assert.deepEqual(
    [until === undefined ? "" : formatLsn(until.lsn), windowStartTime, currentTimeline, lostSegments],
    [reach, starter?.backup.finishTime, timeline, lost],
  );
  for (const { backup, restorable, reason } of backups) {
    const [expected, why] = others[backup.name] ?? [true, /^$/];
    assert.equal(restorable, expected, `${backup.name}: ${reason}`);
    assert.match(reason, why, backup.name);
  }
}

Deno.test("a delta on a branch is mixed, and the newest backup on a branch is named before that happens", async () => {
  const mixed = recover(await loadCapture("delta-on-branch"));
  assert.deepEqual(mixed.backups.map(({ code }) => code), ["restorable", "branch", "mixed"]);
  assert.equal(mixed.newestOnBranch, undefined);
  const before = recover(await loadCapture("newest-on-branch"));
  assert.equal(before.newestOnBranch?.backup.name, "base_000000010000000000000006");
  assert.equal(before.newestOnBranch.branch, 1);
});

Deno.test("two systems: the other one's backups and its identifier are named, to the digit", async () => {
  const { otherSystems, systemIdentifier, timelineMismatch } = recover(await loadCapture("two-systems"));
  assert.equal(systemIdentifier, 7712508356758163383n);
  assert.deepEqual(otherSystems, [{
    systemIdentifier: 7712508292574375200n,
    names: ["base_000000010000000000000006", "base_00000002000000000000000B_D_000000010000000000000006"],
    backups: 2,
  }]);
  assert.deepEqual(timelineMismatch, { current: 1, highest: 2 });
});

Deno.test("a lost history: one file is named, nothing is lost", async () => {
  const { missingHistories, lostSegments } = recover(await loadCapture("history-lost-postgres-down"));
  const cause = { cause: "missing", isOnHistory: true, cutsOff: true };
  assert.deepEqual(missingHistories, [{ timeline: 3, file: "00000003.history", ...cause }]);
  assert.equal(lostSegments, 0);
  // A storage that was begun on timeline 3 has nothing that could be cut off.
  assert.equal(recover(await loadCapture("s3")).missingHistories[0]?.cutsOff, false);
  const unread = await loadCapture("just-promoted");
  const { missingHistories: [unreadable] } = recover({
    ...unread,
    archive: unread.archive && { ...unread.archive, parents: new Map() },
  });
  assert.deepEqual([unreadable?.file, unreadable?.cause], ["00000002.history.lz4", "unreadable"]);
});

Deno.test("a lost history by wal-verify's ranges alone: nothing is lost, and nothing not restorable because of it", () => {
  return loadCapture("history-lost-postgres-down").then(({ backups }) => {
    const range = (start: string, end: string, status: string) => ({ timeline: 3, start, end, segments: 1, status });
    const ranges = [
      range("000000030000000000000002", "000000030000000000000019", "MISSING_LOST"),
      range("00000003000000000000001A", "00000003000000000000001E", "FOUND"),
    ];
    const timeline = { status: "OK", current: 3, highestInStorage: 3 };
    const recovery = recover({ backups, verify: { integrity: { status: "FAILURE", ranges }, timeline } });
    assert.equal(recovery.lostSegments, 0);
    assert.deepEqual(recovery.missingHistories.map(({ file }) => file), ["00000003.history"]);
    assert.deepEqual(recovery.backups.map(({ restorable }) => restorable), [...Array(10).fill(undefined), true]);
  });
});

Deno.test("a promotion that is newer than the listing leaves what was known; one whose history is lost is not known", async () => {
  const facts = await loadCapture("healthy");
  const verify = facts.verify && { ...facts.verify, timeline: { status: "OK", current: 2, highestInStorage: 1 } };
  const newer = recover({ ...facts, verify, verifyTime: ASKED + 1 });
  assert.deepEqual([newer.currentTimeline, newer.until?.segment], [1, "000000010000000000000014"]);
  const lost = recover({ ...facts, verify });
  assert.deepEqual([lost.currentTimeline, lost.until, lost.windowKnown], [2, undefined, false]);
  assert.equal(lost.missingHistories[0]?.file, "00000002.history");
  assert.ok(lost.backups.every(({ restorable, branch }) => restorable === true && branch === 1));
});

Deno.test("a jam: the moment never passes what wal-verify saw while archiving was stuck", async () => {
  const stuckTime = Date.parse("2026-11-26T16:24:44.500Z");
  const laterTime = Date.parse("2026-11-26T19:24:46.500Z");
  const stuck = await loadCapture("jam-stuck", stuckTime);
  let positions: readonly Position[] = addPosition([], verifyOf(stuck), stuckTime);
  const before = recover({ ...stuck, positions });
  assert.ok((before.until?.moment ?? Infinity) <= stuckTime);
  const through = await loadCapture("jam-oldest-through", laterTime);
  const alone = recover(through);
  positions = addPosition(positions, verifyOf(through), laterTime);
  const after = recover({ ...through, positions });
  assert.equal(after.until?.segment, "000000010000000000000007");
  assert.equal(after.until?.moment, stuckTime);
  assert.ok((alone.until?.moment ?? 0) > stuckTime, "without that sighting it would be when the segment came");
  assert.ok((after.until?.certain ?? Infinity) <= stuckTime);
});

function verifyOf({ verify }: RecoveryFacts) {
  assert.ok(verify !== undefined);
  return verify;
}

Deno.test("segments in a storage that could not be listed are not known to be missing", async () => {
  const facts = await loadCapture("backup-interrupted");
  const recovery = recover({ ...facts, archive: facts.archive && { ...facts.archive, unlisted: ["second"] } });
  assert.equal(recovery.lostSegments, 0);
  assert.equal(recovery.beyond?.unknown, 5);
  assert.equal(recovery.until && formatLsn(recovery.until.lsn), "0/20000000");
});

Deno.test("an empty segment is in the way of every backup before it, and one of its own is named", async () => {
  const { emptied } = await withEmpty("healthy", "000000010000000000000011");
  const recovery = recover(emptied);
  assert.equal(recovery.until?.segment, "000000010000000000000014");
  assert.deepEqual(recovery.inTheWay, [{
    segment: "000000010000000000000011",
    object: "000000010000000000000011.lz4",
    isEmpty: true,
    isAtReach: false,
  }]);
  assert.equal(recovery.lostSegments, 1);
  const own = recovery.backups.find(({ code }) => code === "segment_empty");
  assert.equal(own?.backup.name, "base_000000010000000000000011_D_00000001000000000000000E");
  assert.equal(own.reason, "segment 000000010000000000000011 is an empty object");
  assert.equal(recovery.backups[0]?.reach?.inTheWay, "000000010000000000000011");
  const last = await withEmpty("healthy", "000000010000000000000014");
  assert.equal(recover(last.emptied).inTheWay[0]?.isAtReach, true);
});

async function withEmpty(scenario: string, segment: string): Promise<{ readonly emptied: RecoveryFacts }> {
  return {
    emptied: await loadCapture(
      scenario,
      ASKED,
      (object) => object.name.startsWith(`${segment}.lz4`) ? { ...object, size: 0 } : object,
    ),
  };
}
