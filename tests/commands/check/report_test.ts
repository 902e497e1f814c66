import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clustersText,
  jsonReport,
  perfdata,
  type Report,
  textReport,
  unknownReport,
} from "../../../src/commands/check/report.ts";

const JUDGEMENT: Report = {
  level: "critical",
  summary: "a | b\nc",
  time: Date.parse("2026-11-23T03:12:45Z"),
  rows: [
    { check: "storage", level: "critical", text: "a | b\nc", fix: "fix it" },
    { check: "WAL archive", level: "skipped", text: "no answer" },
  ],
  figures: [
    { name: "backup_age", value: 7200, unit: "s", floor: false, limit: { warning: 3600, critical: 7000 } },
    { name: "recovery_window", value: undefined, unit: "s", floor: true, limit: { critical: 604_800 } },
    { name: "storage_check_time", value: 0.12345, unit: "s", floor: false, limit: {} },
  ],
};

Deno.test("perfdata: value and unit, thresholds as ranges, U for what is not known", () => {
  assert.equal(
    perfdata(JUDGEMENT.figures),
    "backup_age=7200s;3600;7000;0 recovery_window=U;;604800:;0 storage_check_time=0.123s;;;0",
  );
});

Deno.test("text: one line with one bar before perfdata, then a table without any", () => {
  const lines = textReport(JUDGEMENT).split("\n");
  assert.equal(lines[0], `WALG CRITICAL - a / b c | ${perfdata(JUDGEMENT.figures)}`);
  assert.deepEqual(lines.slice(1), [
    "",
    "storage      CRITICAL  a / b c",
    "                       What to do: fix it",
    "WAL archive  -         no answer",
    "",
  ]);
});

Deno.test("JSON: the same, with null for what is not known", () => {
  const document = JSON.parse(jsonReport(JUDGEMENT));
  assert.equal(document.status, "CRITICAL");
  assert.equal(document.exit_status, 2);
  assert.equal(document.time, "2026-11-23T03:12:45.000Z");
  assert.deepEqual(document.checks[1], { check: "WAL archive", status: "SKIPPED", text: "no answer" });
  assert.deepEqual(document.figures[1], {
    name: "recovery_window",
    value: null,
    unit: "seconds",
    warning: null,
    critical: 604_800,
    threshold_is: "minimum",
  });
});

Deno.test("any text stays on its line and adds no perfdata", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const rows = [{ check: "storage", level: "critical", text } as const];
    const [first = "", ...rest] = textReport({ ...JUDGEMENT, summary: text, rows }).split("\n");
    assert.equal(first.split("|").length, 2);
    assert.equal(rest.length, 3);
    assert.ok(!rest.join("").includes("|"));
  }));
});

Deno.test("text: what would reorder or hide a line is shown", () => {
  const text = "base_\u202e1.\u2068\u2069\u200f\u2028\u001b[31m";
  const report = textReport({
    ...JUDGEMENT,
    summary: text,
    rows: [{ check: "storage", level: "ok", text, fix: text }],
  });
  const shown = "base_\\u202e1.\\u2068\\u2069\\u200f\\u2028 [31m";
  assert.equal(report.split(shown).length, 4, report);
  assert.ok(unknownReport(text).includes(shown));
});

Deno.test("text: names of files reach the output on one line, without a bar, and with what is invisible escaped", () => {
  const why = "is neither YAML nor JSON; correct it";
  const file = "/c/a|b\n\x1b[31m\u202e.yaml";
  const lines = clustersText({ reported: [], refused: [{ name: undefined, file, why }] }).split("\n");
  const shown = "/c/a/b [31m\\u202e.yaml";
  assert.deepEqual(lines.slice(1), ["", `${shown}  UNKNOWN   ${shown} ${why}`, ""]);
  assert.equal(lines[0]?.split("|").length, 2);
});
