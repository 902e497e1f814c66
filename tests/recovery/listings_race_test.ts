import assert from "node:assert/strict";
import fc from "fast-check";
import { recover } from "../../src/recovery/recover.ts";
import { type BackupFiles, createBackupFilesBuilder } from "../../src/walg/backup_files.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { generateScenario } from "../../tools/generate_scenario.ts";
import { printBackupFiles } from "../../tools/scenario/archive.ts";
import { atOnce } from "../../src/base/clock.ts";
import { decodeBackupList } from "../../src/walg/backup_list.ts";
import { createListingParser } from "../../src/walg/storage_listing.ts";
import { aBackup, MiB } from "./builders.ts";

const PARTS = ["part_001.tar.lz4", "part_002.tar.lz4", "pg_control.tar.lz4", "backup_label.tar.lz4"];
const PART_BYTES = 1000;

/** A backup whose files come one by one, its sentinel last, and go one by one, if it is deleted: ticks of a clock. */
interface Life {
  readonly uploadFrom: number;
  readonly uploadTo: number;
  /** Infinity where it stays. */
  readonly deletedFrom: number;
  readonly deletedTo: number;
  /** Whether the sentinel goes first. */
  readonly sentinelFirst: boolean;
}

const life: fc.Arbitrary<Life> = fc.record({
  from: fc.nat(60),
  takes: fc.integer({ min: 1, max: 20 }),
  stays: fc.oneof(fc.constant(Infinity), fc.nat(40)),
  going: fc.nat(20),
  sentinelFirst: fc.boolean(),
}).map(({ from, takes, stays, going, sentinelFirst }) => ({
  uploadFrom: from,
  uploadTo: from + takes,
  deletedFrom: from + takes + stays,
  deletedTo: from + takes + stays + going,
  sentinelFirst,
}));

/** Whether the object at a place, of so many, is there at a moment; the last one is the sentinel. */
function isThere(life: Life, place: number, count: number, now: number): boolean {
  const share = place / (count - 1);
  const comes = life.uploadFrom + share * (life.uploadTo - life.uploadFrom);
  const order = life.sentinelFirst ? 1 - share : share;
  const goes = life.deletedFrom === Infinity
    ? Infinity
    : life.deletedFrom + order * (life.deletedTo - life.deletedFrom);
  return now >= comes && now < goes;
}

function backupOf(life: Life, number: number): Backup {
  return aBackup({
    timeline: 1,
    number: number + 2,
    size: 16 * MiB,
    finishTime: life.uploadTo,
    compressedSize: PARTS.length * PART_BYTES,
  });
}

/** What a listing finds that looks at each object at another moment, from `from` to `to`. */
function filesOf(lives: readonly Life[], from: number, to: number, moments: readonly number[]): BackupFiles {
  const builder = createBackupFilesBuilder();
  let looked = 0;
  lives.forEach((life, number) => {
    const { name } = backupOf(life, number);
    const objects = [...PARTS.map((part) => `${name}/tar_partitions/${part}`), `${name}_backup_stop_sentinel.json`];
    objects.forEach((object, place) => {
      const at = from + (moments[looked++ % moments.length] ?? 0) * (to - from);
      if (!isThere(life, place, objects.length, at)) return;
      builder.add({ storage: 0, isFolder: false, size: PART_BYTES, time: at, name: object });
    });
  });
  return builder.build({ startTime: from, endTime: to, storages: ["default"] });
}

const sentinel = PARTS.length;
const isListed = (life: Life, now: number): boolean => isThere(life, sentinel, sentinel + 1, now);

Deno.test("a backup that appears or is deleted between the two listings, in either order, is never called incomplete", () => {
  let judged = 0;
  fc.assert(
    fc.property(
      fc.array(life, { minLength: 1, maxLength: 6 }),
      fc.nat(100),
      fc.nat(30),
      fc.nat(30),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
      (lives, from, takes, later, moments) => {
        const files = filesOf(lives, from, from + takes, moments);
        // A listing of the files counts once the backups have been listed after it.
        const listedAt = from + takes + later;
        // While it is being deleted, what is left of it is no backup.
        const settled = lives.map((life, number) => ({ life, number })).filter(({ life }) =>
          isListed(life, listedAt) && life.deletedFrom > listedAt
        );
        const backups = settled.map(({ life, number }) => backupOf(life, number));
        for (const { backup, isComplete } of recover({ backups, files }).backups) {
          assert.notEqual(isComplete, false, backup.name);
          if (isComplete) judged++;
        }
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(judged > 500, `${judged} backups were found complete`);
});

Deno.test("10,000 generated backups are all found complete", async () => {
  const { backupList, archive } = generateScenario({ backups: 10_000, seed: 5, backupObjects: 60_000 });
  const builder = createBackupFilesBuilder();
  const parser = createListingParser(builder.add);
  const encoder = new TextEncoder();
  for (const piece of printBackupFiles(archive)) parser.push(encoder.encode(piece));
  parser.end();
  const now = Date.now();
  const files = builder.build({ startTime: now, endTime: now, storages: ["default"] });
  const backups = await decodeBackupList(encoder.encode(backupList), atOnce);
  const counts = Map.groupBy(recover({ backups, files }).backups, ({ isComplete }) => isComplete);
  assert.equal(counts.get(true)?.length, 10_000);
});
