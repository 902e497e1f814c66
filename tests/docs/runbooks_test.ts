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
