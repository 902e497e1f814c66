import assert from "node:assert/strict";
import { recover } from "../../src/recovery/mod.ts";
import { FOUND, MISSING_LOST } from "../../src/walg/wal_verify.ts";
import { aBackup, aVerify, MiB, walName } from "./builders.ts";

const SIZE = 16 * MiB;
const MOST_RUNS = 40;
/** Milliseconds. */
const BUDGET = 100;

Deno.test("10,000 backups and 100,000 ranges take less than 100 ms", () => {
  const verify = aVerify([{ timeline: 0x2A, first: 1000, statuses: alternating(100_000) }], SIZE);
  const backups = Array.from({ length: 10_000 }, (_, at) => {
    const parent = at % 10 === 0 ? undefined : `base_${walName(0x2A, 1000 + (at - 1) * 10, SIZE)}`;
    return aBackup({ timeline: 0x2A, number: 1000 + at * 10, size: SIZE, parent });
  });
  let best = Infinity;
  // The best of several runs: what else the machine does must not fail the test.
  for (let run = 0; run < MOST_RUNS && best >= BUDGET; run++) {
    const start = performance.now();
    recover({ backups, verify });
    best = Math.min(best, performance.now() - start);
  }
  assert.ok(best < BUDGET, `${best} ms`);
});

/** FOUND and MISSING_LOST by turns, so that every segment is a range of its own. */
function alternating(count: number): string[] {
  return Array.from({ length: count }, (_, at) => at % 2 === 0 ? FOUND : MISSING_LOST);
}
