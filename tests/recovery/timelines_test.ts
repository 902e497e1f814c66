import assert from "node:assert/strict";
import fc from "fast-check";
import { inferSegmentSize, SEGMENT_SIZES } from "../../src/recovery/timelines.ts";
import { aBackup, MiB, walName } from "./builders.ts";

Deno.test("the sizes are those that initdb takes", () => {
  assert.deepEqual(SEGMENT_SIZES.map((size) => size / MiB), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
});

Deno.test("one backup beyond the first segment of a log tells the segment size", () => {
  fc.assert(fc.property(fc.constantFrom(...SEGMENT_SIZES), fc.integer({ min: 1, max: 100_000 }), (size, number) => {
    fc.pre((number * size) % 2 ** 32 >= size);
    assert.equal(inferSegmentSize([aBackup({ timeline: 1, number, size })]), size);
  }));
});

Deno.test("16 MiB without evidence, and where it fits as well as others", () => {
  const firstOfLog = aBackup({ timeline: 1, number: 256, size: 16 * MiB });
  const unreadable = { ...firstOfLog, walFile: "nonsense" };
  const elsewhere = { ...firstOfLog, startLsn: 0x9_0000_0028n };
  for (const backups of [[], [firstOfLog], [unreadable], [elsewhere]]) {
    assert.equal(inferSegmentSize(backups), 16 * MiB);
  }
});

Deno.test("the smallest size that fits best where 16 MiB does not", () => {
  const firstOfLog = aBackup({ timeline: 1, number: 0, size: 64 * MiB });
  assert.equal(inferSegmentSize([{ ...firstOfLog, startLsn: BigInt(20 * MiB) }]), 32 * MiB);
});

Deno.test("the majority of the backups tells the segment size", () => {
  const [a, b, c] = [3, 4, 5].map((number) => aBackup({ timeline: 1, number, size: 64 * MiB }));
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  assert.equal(inferSegmentSize([a, { ...b, walFile: walName(1, 16, 16 * MiB) }, c]), 64 * MiB);
});
