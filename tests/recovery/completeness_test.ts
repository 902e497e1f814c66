import assert from "node:assert/strict";
import { recover } from "../../src/recovery/recover.ts";
import { type Recovery } from "../../src/recovery/recovery.ts";
import { unfinishedBackups } from "../../src/walg/backup_files.ts";
import type { ListedObject } from "../../src/walg/storage_listing.ts";
import { ASKED, loadCapture } from "./load_capture.ts";

const FULL = "base_000000010000000000000002";
const DELTAS = [
  "base_000000010000000000000005_D_000000010000000000000002",
  "base_000000010000000000000008_D_000000010000000000000005",
  "base_00000001000000000000000B_D_000000010000000000000008",
];
const CHAIN = [FULL, ...DELTAS];

async function after(change: (object: ListedObject) => ListedObject | undefined): Promise<Recovery> {
  return recover(await loadCapture("healthy", ASKED, change));
}

const isIn = (object: ListedObject, file: string): boolean => object.name.startsWith(`${FULL}/tar_partitions/${file}`);

function judged({ backups }: Recovery, names: readonly string[]) {
  return names.map((name) => backups.find(({ backup }) => backup.name === name)?.restorable);
}

Deno.test("a lost part of a full backup takes its three deltas with it, and no other", async () => {
  const recovery = await after((object) => isIn(object, "part_001") ? undefined : object);
  assert.deepEqual(judged(recovery, CHAIN), [false, false, false, false]);
  assert.equal(recovery.backups.filter(({ restorable }) => restorable === true).length, 3);
  assert.match(recovery.backups[0]?.reason ?? "", /^incomplete: 695 KiB of 6\.5\d MiB is gone from the storage$/);
  assert.match(recovery.backups[3]?.reason ?? "", new RegExp(`^ancestor ${FULL} is incomplete: 695 KiB`));
  assert.deepEqual(recovery.backups.map(({ isComplete }) => isComplete), [false, ...Array(6).fill(true)]);
});

Deno.test("a lost pg_control or backup_label of a full backup leaves its deltas as they are", async () => {
  for (const file of ["pg_control.tar", "backup_label.tar"]) {
    const recovery = await after((object) => isIn(object, file) ? undefined : object);
    assert.deepEqual(judged(recovery, CHAIN), [false, true, true, true], file);
    assert.equal(recovery.backups[0]?.reason, `incomplete: ${file} is missing`);
  }
});

Deno.test("a truncated part is seen to the byte, an object of zero bytes is none", async () => {
  const short = await after((object) => isIn(object, "part_001") ? { ...object, size: object.size - 10_000 } : object);
  assert.deepEqual(judged(short, CHAIN), [false, false, false, false]);
  const empty = await after((object) => isIn(object, "pg_control") ? { ...object, size: 0 } : object);
  assert.deepEqual(judged(empty, CHAIN), [false, true, true, true]);
  const gone = await after((object) => object.name.startsWith(`${FULL}/tar_partitions/`) ? undefined : object);
  assert.equal(gone.backups[0]?.reason, "incomplete: its tar_partitions are gone from the storage");
});

Deno.test("complete in any storage is complete; the storage that lacks a part is named", async () => {
  const name = "base_000000020000000000000017";
  const facts = await loadCapture("failover", ASKED, (object) => {
    return object.storage === 0 && object.name.startsWith(`${name}/tar_partitions/part_001`) ? undefined : object;
  });
  const backup = recover(facts).backups.find(({ backup }) => backup.name === name);
  assert.deepEqual([backup?.restorable, backup?.isComplete, backup?.lackingStorages], [true, true, ["default"]]);
  // Where the storage that has it all could not be listed, it is not known.
  const unlisted = await loadCapture("failover", ASKED, (object) => {
    return object.storage === 1 || object.name.startsWith(`${name}/tar_partitions/part_001`) ? undefined : object;
  });
  const files = unlisted.files && { ...unlisted.files, storages: ["default"], unlisted: ["second"] };
  const doubtful = recover({ ...unlisted, files }).backups.find(({ backup }) => backup.name === name);
  assert.deepEqual([doubtful?.restorable, doubtful?.isComplete], [undefined, undefined]);
});

Deno.test("what the listing cannot tell of is not judged: a younger backup and one that is gone", async () => {
  const drop = (object: ListedObject) => isIn(object, "part_001") ? undefined : object;
  const facts = await loadCapture("healthy", ASKED, drop);
  const restorable = (change: object) => recover({ ...facts, ...change }).backups[0]?.restorable;
  assert.equal(restorable({}), false);
  assert.equal(restorable({ files: facts.files && { ...facts.files, startTime: 0 } }), true);
  const deleted = await loadCapture("healthy", ASKED, (object) => object.name.startsWith(FULL) ? undefined : object);
  assert.equal(recover(deleted).backups[0]?.restorable, true);
  assert.equal(recover(deleted).backups[0]?.isComplete, undefined);
});

Deno.test("an upload that died is an unfinished backup, with its bytes and time; one that is listed since is none", async () => {
  const { files, backups } = await loadCapture("backup-interrupted");
  assert.ok(files !== undefined);
  const [unfinished, ...more] = unfinishedBackups(files, backups);
  assert.deepEqual(more, []);
  assert.equal(unfinished?.name, "base_000000030000000000000026");
  assert.equal(unfinished.objects, 8);
  assert.equal(unfinished.bytes, 231063 + 125275 + 257642 + 213553 + 491430 + 99944 + 86332 + 193523);
  assert.equal(unfinished.lastUploadTime, Date.parse("2026-11-26T15:13:16.400Z"));
  const [backup] = backups;
  assert.ok(backup !== undefined);
  assert.deepEqual(unfinishedBackups(files, [{ ...backup, name: "base_000000030000000000000026" }]), []);
});
