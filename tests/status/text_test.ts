import assert from "node:assert/strict";
import fc from "fast-check";
import { formatBytes, formatRatio, formatSeconds, formatTime } from "../../src/base/text.ts";
import { formatAge, formatCount, formatLength, formatMinute, formatSecondFrom } from "../../src/base/text.ts";
import { ZERO_TIME } from "../../src/base/time.ts";

Deno.test("text: lengths and ages, rounded down", () => {
  const lengths: readonly (readonly [number, string])[] = [
    [-5, "0 s"],
    [0, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_599_999, "59 min"],
    [3_600_000, "1 h"],
    [47 * 3_600_000, "47 h"],
    [48 * 3_600_000, "2 d"],
    [400 * 86_400_000, "400 d"],
  ];
  for (const [length, text] of lengths) assert.equal(formatLength(length), text);
  assert.equal(formatAge(1000, 181_000), "3 min ago");
  assert.equal(formatAge(181_000, 1000), "0 s ago");
});

Deno.test("text: moments and counts", () => {
  assert.equal(formatMinute(Date.parse("2026-11-20T03:12:59.999Z")), "2026-11-20 03:12 UTC");
  const from = (time: string, now: string): string => formatSecondFrom(Date.parse(time), Date.parse(now));
  assert.equal(from("2026-11-20T03:12:00.000Z", "2026-11-20T03:12:00.000Z"), "2026-11-20 03:12:00 UTC");
  assert.equal(from("2026-11-20T23:59:59.001Z", "2026-11-22T00:00:00.000Z"), "2026-11-21 00:00:00 UTC");
  assert.equal(from("2026-11-20T23:59:59.001Z", "2026-11-20T23:59:59.999Z"), "2026-11-20 23:59:59 UTC");
  assert.equal(from("2026-11-20T23:59:59.001Z", "2026-11-19T00:00:00.000Z"), "2026-11-20 23:59:59 UTC");
  assert.deepEqual([0, 1, 2, 12_345].map((count) => formatCount(count, "segment")), [
    "0 segments",
    "1 segment",
    "2 segments",
    "12,345 segments",
  ]);
  assert.equal(formatTime(ZERO_TIME), "–");
  assert.equal(formatTime(Date.parse("2026-11-20T03:12:59.999Z")), "2026-11-20 03:12:59");
});

Deno.test("text: bytes, ratios and durations", () => {
  assert.deepEqual([0, 512, 1023, 1024, 10_127_772, 107_374_182, 1_099_511_627_775].map(formatBytes), [
    "0 B",
    "512 B",
    "1023 B",
    "1.00 KiB",
    "9.66 MiB",
    "102 MiB",
    "1.00 TiB",
  ]);
  assert.deepEqual([formatRatio(640, 100), formatRatio(0, 5), formatRatio(5, 0)], ["6.4×", "–", "–"]);
  assert.deepEqual([0.0244, 0.5, 9.99, 12.7, 200, 7500, 93_600, 95_400, 273_600].map(formatSeconds), [
    "0.024 s",
    "0.50 s",
    "9.99 s",
    "12 s",
    "3 min 20 s",
    "2 h 5 min",
    "26 h",
    "26 h 30 min",
    "3 d 4 h",
  ]);
});

Deno.test("text: bytes never have more than four digits before the unit", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => {
    assert.match(formatBytes(bytes), /^(\d{1,4}|\d{1,2}\.\d|\d\.\d\d) ([KMGTPE]i)?B$/);
  }));
});
