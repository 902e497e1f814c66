import type { RecoveryFacts } from "../../src/recovery/recover.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { createArchiveBuilder, type WalArchive } from "../../src/walg/wal_archive.ts";
import { aBackup, aVerify, type BackupSpec, MiB, type Stretch, walName } from "./builders.ts";

/** The examples of docs/recovery.md: tools/draw_recovery.ts draws them, examples_test.ts says what they must show. */

/** One drawn example. */
export interface Example {
  readonly file: string;
  readonly title: string;
  readonly facts: RecoveryFacts;
  /** What the archive holds of a timeline beyond the switch at which the cluster left it; drawn above the rest. */
  readonly branch?: Stretch;
}

const SIZE = 16 * MiB;
/** Backups end a minute apart for each segment, and a segment is archived 67 seconds after it began. */
const START_TIME = Date.parse("2026-11-26T10:00:00Z");
const MINUTE_MS = 60_000;
const OTHER_SYSTEM = 7_605_114_208_113_921_003n;

type Plan = Omit<BackupSpec, "size" | "parent" | "timeline" | "finishTime"> & {
  readonly timeline?: number;
  readonly of?: number | "gone";
};

/** What an example is made from. */
interface World {
  readonly backups: readonly Plan[];
  /** What wal-verify says; none where PostgreSQL is down. */
  readonly verified?: readonly Stretch[];
  /** What the archive holds; absent where it was not listed. */
  readonly archived?: readonly Stretch[];
  /** Where timeline 2 left timeline 1. */
  readonly switchLsn?: bigint;
  readonly branch?: Stretch;
}

const BRANCH: Stretch = { timeline: 1, first: 8, statuses: found(5) };
const SWITCHED: readonly Stretch[] = [
  { timeline: 1, first: 4, statuses: found(9) },
  { timeline: 2, first: 8, statuses: found(6) },
];
const SWITCH_LSN = BigInt(8 * SIZE + 0x90);
const SWITCHED_VERIFIED: readonly Stretch[] = [
  { timeline: 1, first: 4, statuses: found(4) },
  { timeline: 2, first: 8, statuses: found(6) },
];

export const EXAMPLES: readonly Example[] = [
  example("healthy", "A healthy archive", {
    backups: [{ number: 4 }, { number: 7, of: 0 }, { number: 10 }, { number: 12, of: 2 }],
    ...both([{ timeline: 1, first: 4, statuses: found(10) }]),
  }),
  example("postgres-down", "PostgreSQL down: the archive alone", {
    backups: [{ number: 4 }, { number: 6, of: 0 }, { number: 11, timeline: 2 }],
    archived: [{ timeline: 1, first: 4, statuses: found(4) }, { timeline: 2, first: 8, statuses: found(6) }],
    switchLsn: SWITCH_LSN,
  }),
  example("segment-lost", "A lost segment in the middle", {
    backups: [{ number: 4 }, { number: 7, of: 0 }, { number: 9, of: 1 }, { number: 11, of: 2 }],
    ...both([{ timeline: 1, first: 4, statuses: [...found(5), "MISSING_LOST", ...found(5)] }]),
  }),
  example("uploading", "A gap that WAL-G only calls uploading", {
    backups: [{ number: 4 }, { number: 7 }, { number: 11 }],
    ...both([{ timeline: 1, first: 4, statuses: [...found(5), "MISSING_UPLOADING", ...found(4)] }]),
  }),
  example("delta-without-parent", "A delta without its parent", {
    backups: [{ number: 5, of: "gone" }, { number: 7, of: 0 }, { number: 9 }, { number: 11, of: 2 }],
    ...both([{ timeline: 1, first: 5, statuses: found(9) }]),
  }),
  example("promotion", "A promotion", {
    backups: [
      { number: 4 },
      { number: 7, finishLsn: BigInt(8 * SIZE + 0x70), of: 0 },
      { number: 10, timeline: 2 },
    ],
    archived: SWITCHED_VERIFIED,
    verified: SWITCHED_VERIFIED,
    switchLsn: SWITCH_LSN,
  }),
  example("branch", "A branch that the cluster left", {
    backups: [{ number: 4 }, { number: 10 }, { number: 12, timeline: 2 }],
    archived: SWITCHED,
    verified: SWITCHED_VERIFIED,
    switchLsn: SWITCH_LSN,
    branch: BRANCH,
  }),
  example("mixed-delta", "A delta on a backup of a branch", {
    backups: [{ number: 4 }, { number: 10 }, { number: 12, timeline: 2, of: 1 }],
    archived: SWITCHED,
    verified: SWITCHED_VERIFIED,
    switchLsn: SWITCH_LSN,
    branch: BRANCH,
  }),
  example("two-systems", "Two database systems in one prefix", {
    backups: [
      { number: 4, systemIdentifier: OTHER_SYSTEM },
      { number: 6, of: 0, systemIdentifier: OTHER_SYSTEM },
      { number: 10 },
      { number: 12, of: 2 },
    ],
    archived: [{ timeline: 1, first: 4, statuses: found(10) }],
    verified: [{ timeline: 1, first: 10, statuses: found(4) }],
  }),
  example("archiving-stuck", "Archiving stuck for 60 segments", {
    backups: [{ number: 4 }, { number: 7, of: 0 }],
    ...both([{
      timeline: 1,
      first: 4,
      statuses: [
        ...found(6),
        ...Array<string>(44).fill("MISSING_LOST"),
        ...Array<string>(16).fill("MISSING_UPLOADING"),
      ],
    }]),
  }),
  storages(example("failover-storages", "Failover storages", {
    backups: [{ number: 4 }, { number: 7, of: 0 }, { number: 10 }],
    ...both([{ timeline: 1, first: 4, statuses: found(8) }]),
  })),
  example("permanent-older", "A permanent backup, by wal-verify alone", {
    backups: [{ number: 4, permanent: true }, { number: 32 }, { number: 35, of: 1 }, { number: 37, of: 2 }],
    verified: [{ timeline: 1, first: 32, statuses: found(8) }],
  }),
  example("empty-storage", "An empty storage, by wal-verify alone", {
    backups: [],
    verified: [{
      timeline: 1,
      first: 1,
      statuses: [...Array<string>(6).fill("MISSING_LOST"), ...Array<string>(16).fill("MISSING_UPLOADING")],
    }],
  }),
];

function found(count: number): string[] {
  return Array<string>(count).fill("FOUND");
}

/** The archive holds just what wal-verify found. */
function both(stretches: readonly Stretch[]): Pick<World, "archived" | "verified"> {
  return { archived: stretches, verified: stretches };
}

function example(file: string, title: string, world: World): Example {
  const backups: Backup[] = [];
  for (const { of, timeline = 1, ...plan } of world.backups) {
    const spec = { ...plan, timeline, size: SIZE, finishTime: START_TIME + plan.number * MINUTE_MS };
    if (of === undefined) backups.push(aBackup(spec));
    else if (of === "gone") backups.push(aBackup({ ...spec, parent: "", parentWalFile: "000000010000000000000003" }));
    else backups.push(aBackup({ ...spec, parent: backups[of]?.name ?? "" }));
  }
  const { archived, verified, switchLsn, branch } = world;
  return {
    file,
    title,
    facts: {
      backups,
      archive: archived && archiveOf(archived, switchLsn),
      verify: verified && aVerify(verified, SIZE),
      verifyTime: verified && START_TIME + 100 * MINUTE_MS,
    },
    ...(branch !== undefined && { branch }),
  };
}

function archiveOf(stretches: readonly Stretch[], switchLsn: bigint | undefined): WalArchive {
  const builder = createArchiveBuilder();
  for (const { timeline, first, statuses } of stretches) {
    for (const [at, status] of statuses.entries()) {
      if (status !== "FOUND") continue;
      const number = first + at;
      const name = `${walName(timeline, number, SIZE)}.lz4`;
      const time = START_TIME + number * MINUTE_MS + 67_000;
      builder.add({ storage: 0, isFolder: false, size: 4 * MiB, time, name });
    }
  }
  if (switchLsn !== undefined) {
    const time = START_TIME + 8 * MINUTE_MS;
    builder.add({ storage: 0, isFolder: false, size: 50, time, name: "00000002.history.lz4" });
  }
  const read = switchLsn === undefined ? [] : [{ timeline: 2, parent: 1, switchLsn }];
  return builder.build({ time: START_TIME + 100 * MINUTE_MS, storages: ["default"], shown: [], read });
}

/** As if the first storage had been away while the second backup ran. */
function storages({ facts, ...rest }: Example): Example {
  const held = [["default", "spare"], ["spare"], ["default"]];
  const backups = facts.backups.map((backup, at) => ({ ...backup, storages: held[at] ?? [] }));
  return { ...rest, facts: { ...facts, backups } };
}
