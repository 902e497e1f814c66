import assert from "node:assert/strict";
import { alertOf, PROBLEM_CODES, type ProblemCode } from "../../src/operations/problems.ts";
import type { Level } from "../../src/status/status.ts";
import { ROOT } from "../support/paths.ts";
import { type Verdict, verdictOf } from "./verdicts.ts";
import { verdictCases } from "./verdict_cases.ts";

const DOCS = `${ROOT}/docs/alerts.md`;
const BEGIN = "<!-- verdicts: written by tests/status/verdict_test.ts -->\n";

/** What the gravest alert of a level is. */
const GRAVEST: Readonly<Record<Level, number>> = { ok: 0, warning: 1, critical: 2, unknown: 2 };
const EXIT_STATUS: Readonly<Record<Level, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

Deno.test("page, JSON, check and walg_problem say the same of every capture and of every case made for it", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "walg-verdicts-" });
  const rows: string[] = [];
  try {
    const cases = await verdictCases(folder);
    assert.ok(cases.length > 45);
    for (const one of cases) {
      await t.step(one.name, async () => {
        const verdict = await verdictOf(one);
        const { page, json, exitStatus, word, values, codes } = verdict;
        assert.deepEqual([page, json], [page, page]);
        assert.equal(exitStatus, EXIT_STATUS[page], `check says ${word}, the page ${page}`);
        assert.equal(Math.max(0, ...values.values()), GRAVEST[page], JSON.stringify([...values]));
        assert.equal(codes, PROBLEM_CODES.length);
        rows.push(row(verdict));
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const text = await Deno.readTextFile(DOCS);
  const start = text.indexOf(BEGIN) + BEGIN.length;
  // The table ends with the first blank line.
  const end = text.indexOf("\n\n", start) + 1;
  assert.ok(start >= BEGIN.length && end > start);
  const table =
    `| host | page, JSON | \`check\` | alerts, once their waiting time is over |\n| --- | --- | --- | --- |\n${
      rows.join("")
    }`;
  const expected = `${text.slice(0, start)}${table}${text.slice(end)}`;
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(DOCS, expected);
  assert.ok(
    text === expected || Deno.env.get("UPDATE_GOLDEN") === "1",
    `the table in ${DOCS} differs; UPDATE_GOLDEN=1 writes it`,
  );
});

function row({ name, page, exitStatus, word, values }: Verdict): string {
  const alerts = [...values].map(([code, value]) =>
    `${alertOf(code as ProblemCode)}${value === 2 ? "" : " (warning)"}`
  );
  return `| ${name} | ${page} | ${word}, ${exitStatus} | ${alerts.join(", ") || "none"} |\n`;
}
