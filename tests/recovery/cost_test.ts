import assert from "node:assert/strict";
import { recover } from "../../src/recovery/recover.ts";
import { FOUND, MISSING_LOST } from "../../src/walg/wal_verify.ts";
import { aBackup, aVerify, MiB, walName } from "./builders.ts";

const SIZE = 16 * MiB;
const MOST_ROUNDS = 40;

Deno.test("the cost grows with the number of backups and ranges, not with its square", () => {
  const [small, large] = [answers(1000), answers(8000)];
  const best = { small: Infinity, large: Infinity };
  // Eight times as many take 64 times as long where each looks at each. The best of several rounds counts: what else
  // the machine does must not fail the test.
  const ratio = (): number => best.large / best.small;
  for (let round = 0; round < MOST_ROUNDS && (round < 3 || ratio() >= 24); round++) {
    best.small = Math.min(best.small, milliseconds(small));
    best.large = Math.min(best.large, milliseconds(large));
  }
  assert.ok(ratio() < 24, `${best.small} ms, and ${best.large} ms for eight times as many`);
});

/** So many backups, and ten times as many ranges. */
function answers(count: number): Parameters<typeof recover> {
  const verify = aVerify([{ timeline: 0x2A, first: 1000, statuses: alternating(count * 10) }], SIZE);
  const backups = Array.from({ length: count }, (_, at) => {
    const parent = at % 10 === 0 ? undefined : `base_${walName(0x2A, 1000 + (at - 1) * 10, SIZE)}`;
    return aBackup({ timeline: 0x2A, number: 1000 + at * 10, size: SIZE, parent });
  });
  return [backups, verify];
}

function milliseconds(given: Parameters<typeof recover>): number {
  const start = performance.now();
  recover(...given);
  return performance.now() - start;
}

/** FOUND and MISSING_LOST by turns, so that every segment is a range of its own. */
function alternating(count: number): string[] {
  return Array.from({ length: count }, (_, at) => at % 2 === 0 ? FOUND : MISSING_LOST);
}
