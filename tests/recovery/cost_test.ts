import assert from "node:assert/strict";
import { recover, recoverInSlices } from "../../src/recovery/mod.ts";
import { FOUND, MISSING_LOST } from "../../src/walg/wal_verify.ts";
import { aBackup, aVerify, MiB, walName } from "./builders.ts";

const SIZE = 16 * MiB;
const RUNS = 7;

Deno.test("10,000 backups and 100,000 ranges take less than 100 ms in all, and no slice holds the event loop long", () => {
  const verify = aVerify([{ timeline: 0x2A, first: 1000, statuses: alternating(100_000) }], SIZE);
  const backups = Array.from({ length: 10_000 }, (_, at) => {
    const parent = at % 10 === 0 ? undefined : `base_${walName(0x2A, 1000 + (at - 1) * 10, SIZE)}`;
    return aBackup({ timeline: 0x2A, number: 1000 + at * 10, size: SIZE, parent });
  });
  const [totals, slices]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const work = recoverInSlices(backups, verify);
    let [total, longest, done] = [0, 0, false];
    while (!done) {
      const start = performance.now();
      done = work.next().done === true;
      const took = performance.now() - start;
      total += took;
      longest = Math.max(longest, took);
    }
    totals.push(total);
    slices.push(longest);
  }
  // The best of several runs: what the machine does besides must not fail the test.
  assert.ok(Math.min(...totals) < 100, `${Math.min(...totals)} ms in all`);
  assert.ok(Math.min(...slices) < 20, `${Math.min(...slices)} ms in one slice`);
  assert.equal(recover(backups, verify).backups.length, 10_000);
});

/** FOUND and MISSING_LOST by turns, so that every segment is a range of its own. */
function alternating(count: number): string[] {
  return Array.from({ length: count }, (_, at) => at % 2 === 0 ? FOUND : MISSING_LOST);
}
