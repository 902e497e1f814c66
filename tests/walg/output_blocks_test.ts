import assert from "node:assert/strict";
import fc from "fast-check";
import { joined, lengthOf } from "../../src/base/bytes.ts";
import { createOutputBlocks } from "../../src/walg/command.ts";

const MiB = 1024 * 1024;

Deno.test("what was added is there, in order, although each chunk is overwritten by the next", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 60 }), (chunks) => {
    const blocks = createOutputBlocks();
    const scratch = new Uint8Array(3000);
    for (const chunk of chunks) {
      scratch.set(chunk);
      blocks.add(scratch.subarray(0, chunk.length));
    }
    const pieces = blocks.all();
    assert.deepEqual([...joined(pieces)], chunks.flatMap((chunk) => [...chunk]));
    assert.ok(pieces.every(({ length }) => length > 0));
  }));
});

Deno.test("an output takes at most a block more than it is long, however it was written", () => {
  for (const [size, chunk] of [[100, 100], [700, 7], [5000, 4096], [6 * MiB + 3, 100], [6 * MiB, 64 * 1024]] as const) {
    const blocks = createOutputBlocks();
    for (let left = size; left > 0; left -= chunk) blocks.add(new Uint8Array(Math.min(chunk, left)));
    const pieces = blocks.all();
    assert.equal(lengthOf(pieces), size);
    const taken = pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    assert.ok(taken <= 2 * size + 1024 && taken <= size + MiB, `${taken} bytes for ${size}`);
    assert.ok(pieces.length < 24, `${pieces.length} blocks`);
  }
});
