import assert from "node:assert/strict";
import { atOnce } from "../../src/base/clock.ts";
import { recover } from "../../src/recovery/recover.ts";
import { type Recovery } from "../../src/recovery/recovery.ts";
import { recoveryFamilies } from "../../src/recovery/families.ts";
import { recoveryWindowSeconds } from "../../src/recovery/window.ts";
import { decodeBackupList } from "../../src/walg/backup_list.ts";
import { formatLsn } from "../../src/walg/segment.ts";
import { decodeWalVerify } from "../../src/walg/wal_verify.ts";

const CAPTURES = new URL("../../fixtures/captures/", import.meta.url);
const NOW = Date.parse("2026-11-23T12:00:00Z");

/** What a person reads from a capture. */
interface ByHand {
  readonly reach?: string;
  readonly segment?: string;
  /** The backup that the window starts with. */
  readonly from?: string;
  readonly lost: number;
  readonly atRisk?: number;
  /** The backups that are not restorable, or not known to be, with the reason. */
  readonly others: Readonly<Record<string, readonly [boolean | undefined, string]>>;
}

const DELTA_AT_GAP = "base_00000001000000000000000A_D_000000010000000000000008";
const AFTER_GAP = "base_00000001000000000000000C";
const NEWEST = "base_000000020000000000000013";
const LOST = { [DELTA_AT_GAP]: [false, "segment 00000001000000000000000A lost"] } as const;
const UPLOADING = {
  [DELTA_AT_GAP]: [
    false,
    "segment 00000001000000000000000A missing (MISSING_UPLOADING, but later segments are archived)",
  ],
} as const;

const EXPECTED: Readonly<Record<string, ByHand>> = {
  "wal-g-3.0.9/healthy": {
    reach: "0/11000000",
    segment: "000000010000000000000010",
    from: "base_000000010000000000000004",
    lost: 0,
    atRisk: 0,
    others: {},
  },
  "wal-g-3.0.9/segment-lost": {
    reach: "0/14000000",
    segment: "000000020000000000000013",
    from: AFTER_GAP,
    lost: 1,
    atRisk: 0,
    others: LOST,
  },
  "wal-g-3.0.9/two-timelines": {
    reach: "0/13000000",
    segment: "000000020000000000000012",
    from: AFTER_GAP,
    lost: 1,
    atRisk: 0,
    others: {
      ...UPLOADING,
      [NEWEST]: [undefined, "not covered by wal-verify: segment 000000020000000000000013 was still current"],
    },
  },
  "wal-g-3.0.3/two-timelines": {
    reach: "0/17000000",
    segment: "000000020000000000000016",
    from: AFTER_GAP,
    lost: 1,
    atRisk: 0,
    others: UPLOADING,
  },
  "wal-g-1.1/two-timelines": {
    reach: "0/17000000",
    segment: "000000020000000000000016",
    from: AFTER_GAP,
    lost: 1,
    atRisk: 0,
    others: UPLOADING,
  },
  "wal-g-3.0.9/split-brain": {
    reach: "0/14000000",
    segment: "000000020000000000000013",
    from: AFTER_GAP,
    lost: 1,
    atRisk: 2,
    others: UPLOADING,
  },
  "wal-g-3.0.9/failover-storage": {
    reach: "0/19000000",
    segment: "000000020000000000000018",
    from: AFTER_GAP,
    lost: 1,
    atRisk: 0,
    others: UPLOADING,
  },
  "wal-g-3.0.9/archiving-stuck-long": {
    reach: "0/19000000",
    segment: "000000020000000000000018",
    from: AFTER_GAP,
    lost: 1,
    atRisk: 59,
    others: LOST,
  },
  "wal-g-3.0.9/segments-64mb": {
    reach: "0/34000000",
    segment: "00000001000000000000000C",
    from: "base_000000010000000000000002",
    lost: 0,
    atRisk: 0,
    others: {},
  },
  "reference-sample": {
    reach: "388/CA000000",
    segment: "0000004400000388000000C9",
    from: "base_000000430000035900000062",
    lost: 1,
    atRisk: 0,
    others: {},
  },
  "wal-g-3.0.9/no-backups": { lost: 0, others: {} },
};

for (const [scenario, expected] of Object.entries(EXPECTED)) {
  Deno.test(`recovery by hand: ${scenario}`, async () => {
    const recovery = await recoverCapture(scenario);
    const { untilLsn, untilSegment, windowStartTime, lostSegments, atRiskSegments, windowKnown, backups } = recovery;
    const starter = backups.find(({ backup }) => backup.name === expected.from);
    assert.deepEqual(
      {
        reach: untilLsn === undefined ? undefined : formatLsn(untilLsn),
        segment: untilSegment,
        start: windowStartTime,
        lost: lostSegments,
        atRisk: atRiskSegments,
        windowKnown,
      },
      {
        reach: expected.reach,
        segment: expected.segment,
        start: starter?.backup.finishTime,
        lost: expected.lost,
        atRisk: expected.atRisk,
        windowKnown: true,
      },
    );
    for (const { backup, restorable, reason } of backups) {
      assert.deepEqual([backup.name, restorable, reason], [backup.name, ...expected.others[backup.name] ?? [true, ""]]);
    }
  });
}

Deno.test("every capture with backups and ranges is among those told by hand", async () => {
  const found: string[] = [];
  for (const folder of ["wal-g-1.1/", "wal-g-3.0.3/", "wal-g-3.0.9/", ""]) {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder || ".", CAPTURES))) {
      if (isDirectory && await hasRanges(`${folder}${name}`)) found.push(`${folder}${name}`);
    }
  }
  assert.deepEqual(found.sort(), Object.keys(EXPECTED).sort());
});

Deno.test("no backups: a window of 0 seconds, no start, no reach, nothing at risk or lost", async () => {
  const recovery = await recoverCapture("wal-g-3.0.9/no-backups");
  assert.equal(recoveryWindowSeconds(recovery, NOW), 0);
  const series = recoveryFamilies(recovery).flatMap(({ name, samples }) =>
    [...samples].map(({ value }) => [name, value])
  );
  assert.deepEqual(series, [["walg_wal_lost_segments", 0]]);
});

Deno.test("the window of the healthy cluster begins when its oldest backup ended", async () => {
  const recovery = await recoverCapture("wal-g-3.0.9/healthy");
  const finished = Date.parse("2026-11-23T03:12:03.885Z");
  assert.equal(recovery.windowStartTime, finished);
  assert.equal(recoveryWindowSeconds(recovery, NOW), (NOW - finished) / 1000);
});

async function recoverCapture(scenario: string): Promise<Recovery> {
  const folder = new URL(`${scenario}/`, CAPTURES);
  const backups = await Deno.readFile(new URL("backup-list.stdout", folder)).catch(() => new Uint8Array());
  const verify = await Deno.readFile(new URL("wal-verify.stdout", folder));
  return recover({
    backups: backups.length === 0 ? [] : await decodeBackupList(backups, atOnce),
    verify: await decodeWalVerify(verify, atOnce),
  });
}

async function hasRanges(scenario: string): Promise<boolean> {
  const file = new URL(`${scenario}/wal-verify.stdout`, CAPTURES);
  return (await Deno.readTextFile(file).catch(() => "")).includes("start_segment");
}
