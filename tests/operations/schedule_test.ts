import assert from "node:assert/strict";
import fc from "fast-check";
import { nextDue, stretchAfter } from "../../src/operations/scheduler.ts";

Deno.test("runs stand on a grid, and a late run leaves points out instead of bunching up", () => {
  const cadence = { origin: 1000, interval: 100, phase: 7 };
  assert.equal(nextDue(cadence, 1001, 1), 1107, "the first run is at the origin, the next shifted by the phase");
  assert.equal(nextDue(cadence, 1107, 1), 1207);
  assert.equal(nextDue(cadence, 1110, 1), 1207);
  assert.equal(nextDue(cadence, 1444, 1), 1507, "three points were missed");
});

Deno.test("the next run is always after now, within the stretched interval, and on the grid", () => {
  const positive = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(
      positive,
      positive,
      fc.nat(1_000_000),
      fc.nat(10_000_000),
      fc.constantFrom(1, 2, 4),
      (origin, interval, shift, late, stretch) => {
        const phase = shift % interval;
        const now = origin + late;
        const due = nextDue({ origin, interval, phase }, now, stretch);
        assert.ok(due > now);
        assert.ok(due <= now + stretch * interval + phase);
        assert.equal((due - origin - phase) % interval, 0);
      },
    ),
  );
});

Deno.test("failures in a row stretch the interval up to four times", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 100].map(stretchAfter), [1, 1, 2, 4, 4, 4]);
});
