import assert from "node:assert/strict";
import process from "node:process";
import { recover, type RecoveryFacts } from "../../src/recovery/recover.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { createArchiveBuilder } from "../../src/walg/wal_archive.ts";
import { FOUND, MISSING_LOST } from "../../src/walg/wal_verify.ts";
import { aBackup, aVerify, MiB, walName } from "./builders.ts";

const SIZE = 16 * MiB;
const TIMELINE = 0x2A;
const MOST_RUNS = 40;

/** A full backup and nine deltas by turns, one every `step` segments. */
function backupsEvery(step: number): Backup[] {
  return Array.from({ length: 10_000 }, (_, at) => {
    const parent = at % 10 === 0 ? undefined : `base_${walName(TIMELINE, 1000 + (at - 1) * step, SIZE)}`;
    return aBackup({ timeline: TIMELINE, number: 1000 + at * step, size: SIZE, parent });
  });
}

/** The best of several runs, in CPU time: what else the machine does must not fail the test. */
function assertCosts(facts: RecoveryFacts, budget: number): void {
  let best = Infinity;
  for (let run = 0; run < MOST_RUNS && best >= budget; run++) {
    const start = process.cpuUsage();
    recover(facts);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  assert.ok(best < budget, `${best} ms`);
}

Deno.test("10,000 backups and 500,000 segments take less than 150 ms", () => {
  const builder = createArchiveBuilder();
  for (let at = 0; at < 500_000; at++) {
    const name = `${walName(TIMELINE, 1000 + at, SIZE)}.lz4`;
    builder.add({ storage: 0, isFolder: false, size: 1000, time: at, name });
  }
  const archive = builder.build({ time: 0, storages: ["default"], shown: [] });
  assertCosts({ backups: backupsEvery(50), archive }, 150);
});

Deno.test("10,000 backups and 100,000 ranges of wal-verify take less than 150 ms", () => {
  const statuses = Array.from({ length: 100_000 }, (_, at) => at % 2 === 0 ? FOUND : MISSING_LOST);
  const verify = aVerify([{ timeline: TIMELINE, first: 1000, statuses }], SIZE);
  assertCosts({ backups: backupsEvery(10), verify }, 150);
});
