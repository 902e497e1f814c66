import assert from "node:assert/strict";
import { withAlertsTable } from "../../tools/alerts_table.ts";
import { shippedRules } from "../deploy/rules_file.ts";
import { ROOT } from "../support/paths.ts";
import { blocksOf } from "./pages.ts";

const page = await Deno.readTextFile(`${ROOT}/docs/alerts.md`);
const rules = await Deno.readTextFile(`${ROOT}/deploy/prometheus/walg.rules.yml`);

Deno.test("the table of alerts is what the rules and the runbooks say; tools/alerts_table.ts writes it", () => {
  assert.equal(withAlertsTable(rules, page), page);
  const rows = page.match(/^\| \[Walg\w+\]/gm) ?? [];
  const alerts = new Set(shippedRules().groups.flatMap(({ rules }) => rules).flatMap(({ alert }) => alert ?? []));
  assert.equal(rows.length, alerts.size);
});

Deno.test("every runbook begins with a command that can be pasted as it is", () => {
  const runbooks = page.replace(/^# How the alerts work$[^]*/m, "").split(/^## /m).slice(2);
  assert.ok(runbooks.length > 38);
  for (const runbook of runbooks) {
    const [, block] = /^\w+\n\n(?:(?:Alert `|No alert).*\n\n)?```sh\n([^]*?)```/.exec(runbook) ?? [];
    assert.ok(block !== undefined, runbook);
    // Words in capitals stand for something: only settings in braces are none.
    assert.doesNotMatch(block.replaceAll(/#.*$/gm, "").replaceAll("${PGDATA:?}", ""), /\b[A-Z]{4,}\b/, runbook);
  }
});

Deno.test("no command of a runbook does harm with an empty PGDATA", () => {
  assert.doesNotMatch(page, /\$PGDATA/);
  assert.match(page, /"\$\{PGDATA:\?\}"/);
});

Deno.test("what asks the exporter's port in a runbook works with TLS, too", () => {
  const lines = blocksOf([{ path: "docs/alerts.md", text: page }]).flatMap(({ text }) => text.split("\n"));
  const asking = lines.filter((line) => /\bcurl\b.*9351/.test(line));
  assert.ok(asking.length > 0);
  for (const line of asking) assert.match(line, /https:.*http:/);
});
