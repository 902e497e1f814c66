import assert from "node:assert/strict";
import fc from "fast-check";
import { parseDuration } from "../../src/base/time.ts";

Deno.test("reads what Go's time.ParseDuration reads", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["0", 0],
    ["1m30s", 90_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["2.s", 2000],
    ["+3s", 3000],
    ["-2m", -120_000],
    ["1h0m0s", 3_600_000],
    ["100us", 0.1],
    ["100µs", 0.1],
    ["1000000ns", 1],
  ];
  for (const [text, milliseconds] of cases) assert.deepEqual(parseDuration(text), { milliseconds }, text);
});

Deno.test("says what is wrong with the others", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", "Cannot parse duration '': it is empty; write for example 30s or 1m30s"],
    ["1x", "Cannot parse duration '1x': unknown unit 'x'; use ms, s, m, h or d"],
    ["10", "Cannot parse duration '10': missing unit; use ms, s, m, h or d"],
    ["1w", "Cannot parse duration '1w': unknown unit 'w'; use ms, s, m, h or d"],
    ["s", "Cannot parse duration 's': write for example 30s or 1m30s"],
    ["1 s", "Cannot parse duration '1 s': unknown unit ' s'; use ms, s, m, h or d"],
    ["--1s", "Cannot parse duration '--1s': write for example 30s or 1m30s"],
    ["-", "Cannot parse duration '-': write for example 30s or 1m30s"],
  ];
  for (const [text, problem] of cases) assert.deepEqual(parseDuration(text), { problem }, text);
});

Deno.test("any sum of hours, minutes, seconds and milliseconds is read back", () => {
  const part = fc.nat(999);
  fc.assert(fc.property(part, part, part, part, (h, m, s, ms) => {
    const parsed = parseDuration(`${h}h${m}m${s}s${ms}ms`);
    assert.deepEqual(parsed, { milliseconds: h * 3_600_000 + m * 60_000 + s * 1000 + ms });
  }));
});
