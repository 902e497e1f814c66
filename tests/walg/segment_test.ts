import assert from "node:assert/strict";
import fc from "fast-check";
import { formatLsn } from "../../src/walg/segment.ts";
import { formatSegment, parseSegment, segmentNumberAt, segmentReader, timelineHex } from "../../src/walg/segment.ts";

const size = fc.integer({ min: 20, max: 30 }).map((power) => 2 ** power);

Deno.test("an LSN is written as PostgreSQL writes it", () => {
  assert.equal(formatLsn(67108904n), "0/4000028");
  assert.equal(formatLsn(3325915299880n), "306/60000028");
  assert.equal(formatLsn(0n), "0/0");
  assert.equal(formatLsn(0xffff_ffff_ffff_ffffn), "FFFFFFFF/FFFFFFFF");
});

Deno.test("a segment's name is read back, whatever its size", () => {
  fc.assert(fc.property(size, fc.nat(0xffff_ffff), fc.bigInt(0n, 2n ** 64n - 1n), (size, timeline, lsn) => {
    const segment = { timeline, number: segmentNumberAt(lsn, size) };
    const name = formatSegment(segment, size);
    assert.equal(name.length, 24);
    assert.deepEqual(parseSegment(name, size), segment);
    assert.equal(name.slice(8, 16), (lsn >> 32n).toString(16).toUpperCase().padStart(8, "0"));
  }));
});

Deno.test("what is no segment's name is none", () => {
  for (const name of ["", "000000010000000000000004.partial", "00000001000000000000000g", "00000001000000000000000"]) {
    assert.equal(parseSegment(name, 2 ** 24), undefined, name);
  }
  assert.equal(parseSegment("000000010000000000000100", 2 ** 24), undefined, "16 MiB segments end at FF");
  assert.equal(parseSegment("000000010000000000000100", 2 ** 20)?.number, 256);
});

Deno.test("a timeline's hex form is that of file names, in lower case", () => {
  assert.equal(timelineHex(67), "00000043");
  assert.equal(timelineHex(0xabcdef), "00abcdef");
});

Deno.test("the fast reader of WAL file names reads what the plain one reads, whatever came before", () => {
  const name = fc.oneof(
    { weight: 3, arbitrary: fc.stringMatching(/^0000000[0-3]0000000[0-3]0000[0-9A-F]{4}$/) },
    { weight: 1, arbitrary: fc.stringMatching(/^[0-9A-F]{24}$/) },
    { weight: 1, arbitrary: fc.stringMatching(/^0000000[0-3]0000000[0-3][0-9A-Ga-f]{6,9}$/) },
    { weight: 1, arbitrary: fc.string({ maxLength: 26 }) },
  );
  fc.assert(fc.property(size, fc.array(name), (size, names) => {
    const read = segmentReader(size);
    for (const name of names) assert.deepEqual(read(name), parseSegment(name, size));
  }));
});
