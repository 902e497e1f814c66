import assert from "node:assert/strict";
import fc from "fast-check";
import { formatPrecise, parseLsn, parseTarget } from "../../src/recovery/target.ts";

Deno.test("a target is a time with any zone, or latest; without a zone it is UTC", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["2026-11-26T13:55:00Z", "2026-11-26T13:55:00Z", false],
    ["2026-11-26 13:55", "2026-11-26T13:55:00Z", true],
    ["2026-11-26t13:55:00.1234567+01:00", "2026-11-26T12:55:00.123456Z", false],
    ["2026-11-26 13:55:00 UTC", "2026-11-26T13:55:00Z", false],
    ["2026-11-26 00:10:00-0530", "2026-11-26T05:40:00Z", false],
    ["2026-11-26 13:55:00+00", "2026-11-26T13:55:00Z", false],
    ["2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z", false],
  ];
  for (const [text, time, isZoneAssumed] of cases) {
    const parsed = parseTarget(text);
    assert.ok("target" in parsed && parsed.target.kind === "time", text);
    assert.deepEqual([formatPrecise(parsed.target.time), parsed.target.isZoneAssumed], [time, isZoneAssumed], text);
  }
  assert.deepEqual(parseTarget("latest"), { target: { kind: "latest" } });
});

Deno.test("what is no target is named with what is wrong", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["yesterday", /write for example 2026-11-26T13:55:00Z, or latest$/],
    ["", /^'' is not a point in time/],
    ["2026-13-40", /there is no month 13$/],
    ["2026-02-30T00:00:00Z", /2026-02 has no day 30$/],
    ["2025-02-29T00:00:00Z", /2025-02 has no day 29$/],
    ["2026-11-26", /it has no time of day; write for example 2026-11-26T00:00:00Z$/],
    ["2026-11-26T24:00:00Z", /there is no 24:00:00 on a day$/],
    ["2026-11-26T13:55:00+25:00", /there is no zone \+25:00$/],
    ["0026-11-26T13:55:00Z", /the year 0026 is out of range$/],
    ["9999-12-31T23:59:59-15", /the year 9999 is out of range$/],
    ["2026-11-26T13:55:00 CET", /write for example/],
  ];
  for (const [text, message] of cases) {
    const parsed = parseTarget(text);
    assert.match("problem" in parsed ? parsed.problem : "none", message, text);
  }
  assert.match(JSON.stringify(parseLsn("9000148")), /is not an LSN; write for example/);
});

Deno.test("a time is written so that it is read as the same microsecond", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e15 }), (micros) => {
    const parsed = parseTarget(formatPrecise(micros / 1000));
    assert.ok("target" in parsed && parsed.target.kind === "time");
    assert.equal(Math.round(parsed.target.time * 1000), micros);
  }));
});
