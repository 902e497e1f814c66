import assert from "node:assert/strict";
import { recoverInSlices } from "../../src/recovery/recover.ts";
import { FOUND, MISSING_LOST } from "../../src/walg/wal_verify.ts";
import { aBackup, aVerify, MiB, walName } from "./builders.ts";

const SIZE = 16 * MiB;
const MOST_RUNS = 40;
/** Milliseconds. */
const BUDGET = { total: 100, slice: 10 };

Deno.test("10,000 backups and 100,000 ranges take less than 100 ms in all, and no step longer than 10 ms", () => {
  const verify = aVerify([{ timeline: 0x2A, first: 1000, statuses: alternating(100_000) }], SIZE);
  const backups = Array.from({ length: 10_000 }, (_, at) => {
    const parent = at % 10 === 0 ? undefined : `base_${walName(0x2A, 1000 + (at - 1) * 10, SIZE)}`;
    return aBackup({ timeline: 0x2A, number: 1000 + at * 10, size: SIZE, parent });
  });
  const best = { total: Infinity, slice: Infinity };
  // The best of several runs: what else the machine does must not fail the test.
  for (let run = 0; run < MOST_RUNS && (best.total >= BUDGET.total || best.slice >= BUDGET.slice); run++) {
    const { total, slice } = time(recoverInSlices(backups, verify));
    best.total = Math.min(best.total, total);
    best.slice = Math.min(best.slice, slice);
  }
  assert.ok(best.total < BUDGET.total, `${best.total} ms in all`);
  assert.ok(best.slice < BUDGET.slice, `${best.slice} ms in one step`);
});

function time(work: Iterator<void, unknown>): { total: number; slice: number } {
  let [total, slice, done] = [0, 0, false];
  while (!done) {
    const start = performance.now();
    done = work.next().done === true;
    const took = performance.now() - start;
    total += took;
    slice = Math.max(slice, took);
  }
  return { total, slice };
}

/** FOUND and MISSING_LOST by turns, so that every segment is a range of its own. */
function alternating(count: number): string[] {
  return Array.from({ length: count }, (_, at) => at % 2 === 0 ? FOUND : MISSING_LOST);
}
