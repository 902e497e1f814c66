import fc from "fast-check";
import { type RecoveryFacts } from "../../src/recovery/recover.ts";
import { createBackupFilesBuilder } from "../../src/walg/backup_files.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { createArchiveBuilder } from "../../src/walg/wal_archive.ts";
import { aBackup, MiB, walName } from "./builders.ts";

/** What is under a segment's name in one storage. */
export type Kept = "nothing" | "compressed" | "plain" | "short" | "empty";

/** One timeline of a world: which segments it wrote, and what of them the storages have. */
export interface TimelinePlan {
  /** How far back its parent is: 1 for the one before it. */
  readonly parent: number;
  /** Where it left its parent: whole segments after the parent's first one, and bytes in that segment. */
  readonly left: number;
  readonly offset: number;
  readonly history: "readable" | "unreadable" | "missing";
  /** For each segment what the two storages have. */
  readonly segments: readonly (readonly [Kept, Kept])[];
}

/** One backup of a world. */
export interface BackupPlan {
  readonly timeline: number;
  /** Segments after its timeline's first one. */
  readonly at: number;
  readonly more: number;
  readonly finish: number;
  readonly parent: number | null;
  readonly system: 0 | 1;
  /** In each storage. */
  readonly files: readonly ["whole" | "short" | "no control" | "nothing", "whole" | "short" | "no label" | "nothing"];
}

/** A world, and what the commands would say of it. */
export interface World {
  readonly size: number;
  readonly first: number;
  readonly timelines: readonly TimelinePlan[];
  readonly plans: readonly BackupPlan[];
  readonly isSecondListed: boolean;
  /** The cluster, as wal-verify saw it: its timeline's place, and the last segment after that timeline's first one. */
  readonly cluster: { readonly timeline: number; readonly last: number } | null;
}

const kept: fc.Arbitrary<readonly [Kept, Kept]> = fc.oneof(
  { weight: 14, arbitrary: fc.constant(["compressed", "nothing"] as const) },
  { weight: 2, arbitrary: fc.constant(["nothing", "compressed"] as const) },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constantFrom<Kept>("nothing", "compressed", "plain", "short", "empty"),
      fc.constantFrom<Kept>("nothing", "nothing", "compressed", "empty"),
    ),
  },
);

const timelinePlan: fc.Arbitrary<TimelinePlan> = fc.record({
  parent: fc.integer({ min: 1, max: 2 }),
  left: fc.nat(6),
  offset: fc.constantFrom(0, 0x90, 0x100, 0x200),
  history: fc.oneof(
    { weight: 8, arbitrary: fc.constant("readable" as const) },
    { weight: 1, arbitrary: fc.constantFrom("unreadable" as const, "missing" as const) },
  ),
  segments: fc.oneof(
    { weight: 3, arbitrary: fc.array(kept, { minLength: 0, maxLength: 8 }) },
    // As after a promotion: the parent's file alone has the segment of the switch.
    {
      weight: 1,
      arbitrary: fc.array(kept, { maxLength: 6 }).map((rest) => [["nothing", "nothing"] as const, ...rest]),
    },
  ),
});

const backupPlan: fc.Arbitrary<BackupPlan> = fc.record({
  timeline: fc.nat(3),
  at: fc.nat(7),
  more: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) }),
  finish: fc.constantFrom(0x80, 0x90, 0x100, 0x150, 0x201),
  parent: fc.option(fc.nat(9), { freq: 2 }),
  system: fc.oneof({ weight: 30, arbitrary: fc.constant(0 as const) }, {
    weight: 1,
    arbitrary: fc.constant(1 as const),
  }),
  files: fc.oneof(
    { weight: 6, arbitrary: fc.constant(["whole", "nothing"] as const) },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constantFrom("whole" as const, "short" as const, "no control" as const, "nothing" as const),
        fc.constantFrom("nothing" as const, "whole" as const, "short" as const, "no label" as const),
      ),
    },
  ),
});

export const world: fc.Arbitrary<World> = fc.record({
  size: fc.constantFrom(MiB, 16 * MiB, 64 * MiB),
  first: fc.constantFrom(2, 4095, 255, 62),
  timelines: fc.array(timelinePlan, { minLength: 1, maxLength: 4 }),
  plans: fc.array(backupPlan, { minLength: 1, maxLength: 6 }),
  isSecondListed: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  cluster: fc.option(fc.record({ timeline: fc.nat(3), last: fc.nat(9) }), { freq: 2 }),
});

/** Where a timeline stands in a world. */
export interface Placed {
  readonly timeline: number;
  /** 0 for the first one. */
  readonly parent: number;
  readonly switchLsn: bigint;
  /** The number of its first segment. */
  readonly begin: number;
  readonly plan: TimelinePlan;
}

/** Gives every timeline its parent and the LSN at which it left it. */
export function place({ size, first, timelines }: World): readonly Placed[] {
  const placed: Placed[] = [];
  for (const [at, plan] of timelines.entries()) {
    const parent = placed[Math.max(0, at - plan.parent)];
    if (parent === undefined) {
      placed.push({ timeline: 1, parent: 0, switchLsn: 0n, begin: first, plan });
      continue;
    }
    const lsn = BigInt(parent.begin + plan.left) * BigInt(size) + BigInt(plan.offset);
    const switchLsn = lsn > parent.switchLsn ? lsn : parent.switchLsn + 1n;
    const begin = Number(switchLsn / BigInt(size));
    placed.push({ timeline: at + 1, parent: parent.timeline, switchLsn, begin, plan });
  }
  return placed;
}

const SYSTEMS = [7_711_199_360_131_015_255n, 7_711_199_360_131_015_256n] as const;
const COMPRESSED = 1_000_000;
/** Unix milliseconds. */
const EPOCH = 1_700_000_000_000;
/** After everything. */
const ASKED = EPOCH + 1_000_000_000;

/** The backups as the decoder would list them. */
export function backupsOf(world: World): readonly Backup[] {
  const placed = place(world);
  const { size } = world;
  const starts = world.plans.map((plan) => {
    const timeline = placed[plan.timeline % placed.length];
    return { timeline: timeline?.timeline ?? 1, number: (timeline?.begin ?? 0) + plan.at };
  });
  const backups: Backup[] = [];
  for (const [at, plan] of world.plans.entries()) {
    const { timeline, number } = starts[at] ?? { timeline: 1, number: 1 };
    const last = BigInt(number + plan.more) * BigInt(size);
    // A parent ended before, whatever its timeline; 9 is one that is not listed.
    const before = backups.filter(({ finishLsn }) => finishLsn <= BigInt(number) * BigInt(size) + 0x28n);
    const parent = plan.parent === null || plan.parent === 9 ? undefined : before[plan.parent % before.length];
    const suffix = `_${at.toString(16).toUpperCase().padStart(8, "0")}`;
    const common = {
      timeline,
      number,
      size,
      suffix,
      finishLsn: last + BigInt(plan.finish),
      finishTime: EPOCH + at * 60_000,
      systemIdentifier: SYSTEMS[plan.system],
      compressedSize: COMPRESSED,
    };
    const kind = plan.parent === null || (plan.parent !== 9 && before.length === 0)
      ? {}
      : parent !== undefined
      ? { parent: parent.name }
      : { parent: "", parentWalFile: walName(timeline, 1, size) };
    backups.push(aBackup({ ...common, ...kind }));
  }
  return backups;
}

const TIME = EPOCH;

/** What the commands would say of a world. */
export function factsOf(world: World): RecoveryFacts {
  const { size, isSecondListed } = world;
  const placed = place(world);
  const builder = createArchiveBuilder();
  const storages = isSecondListed ? [0, 1] as const : [0] as const;
  for (const storage of storages) {
    for (const { timeline, begin, plan } of placed) {
      for (const [at, both] of plan.segments.entries()) {
        const name = walName(timeline, begin + at, size);
        const kept = both[storage];
        if (kept === "nothing") continue;
        const bytes = kept === "empty" ? 0 : kept === "plain" ? size : 1000;
        const suffix = kept === "compressed" || kept === "empty" ? ".lz4" : "";
        builder.add({ storage, isFolder: false, size: bytes, time: TIME + at, name: name + suffix });
      }
      if (timeline === 1 || plan.history === "missing" || storage === 1) continue;
      const history = `${walName(timeline, 0, size).slice(0, 8)}.history.lz4`;
      builder.add({ storage, isFolder: false, size: 50, time: TIME, name: history });
    }
  }
  const read = placed.filter(({ parent, plan }) => parent > 0 && plan.history === "readable");
  const archive = builder.build({
    time: ASKED,
    storages: isSecondListed ? ["default", "second"] : ["default"],
    unlisted: isSecondListed ? [] : ["second"],
    shown: [],
    read,
  });
  const backups = backupsOf(world);
  const at = world.cluster === null ? undefined : placed[world.cluster.timeline % placed.length];
  const last = at === undefined || world.cluster === null
    ? ""
    : walName(at.timeline, at.begin + world.cluster.last, size);
  return {
    backups,
    archive,
    files: filesOf(world, backups),
    ...(at !== undefined && {
      verifyTime: ASKED,
      verify: {
        integrity: {
          status: "OK",
          ranges: [{ timeline: at.timeline, start: last, end: last, segments: 1, status: "FOUND" }],
        },
        timeline: { status: "OK", current: at.timeline, highestInStorage: at.timeline },
      },
    }),
  };
}

function filesOf({ plans, isSecondListed }: World, backups: readonly Backup[]) {
  const builder = createBackupFilesBuilder();
  for (const storage of isSecondListed ? [0, 1] as const : [0] as const) {
    for (const [at, { name }] of backups.entries()) {
      const kept = plans[at]?.files[storage] ?? "nothing";
      if (kept === "nothing") continue;
      const add = (path: string, size: number): void =>
        builder.add({ storage, isFolder: false, size, time: EPOCH, name: path });
      add(`${name}_backup_stop_sentinel.json`, 400);
      add(`${name}/tar_partitions/part_001.tar.lz4`, kept === "short" ? COMPRESSED / 2 : COMPRESSED - 500);
      if (kept !== "no control") add(`${name}/tar_partitions/pg_control.tar.lz4`, 400);
      if (kept !== "no label") add(`${name}/tar_partitions/backup_label.tar.lz4`, 400);
      add(`${name}/metadata.json`, 300);
    }
  }
  return builder.build({
    startTime: ASKED,
    endTime: ASKED,
    storages: isSecondListed ? ["default", "second"] : ["default"],
    unlisted: isSecondListed ? [] : ["second"],
  });
}
