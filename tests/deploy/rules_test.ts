import assert from "node:assert/strict";
import { ROOT } from "../support/paths.ts";
import { askedMoments, PROMETHEUS_FOLDER, shippedAlerts, shippedRules } from "./rules_file.ts";
import { SERIES, seriesOf } from "./series.ts";
import { toolTest } from "./tools.ts";

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

toolTest("promtool accepts the rules and the example of a site's own", ["promtool"], async () => {
  await promtool("check", "rules", "walg.rules.yml", "walg.site.rules.example.yml");
});

Deno.test("each alert has severity, summary, description and a runbook that exists", async () => {
  const anchors = headings(await Deno.readTextFile(`${ROOT}/docs/alerts.md`));
  for (const [name, { labels = {}, annotations = {} }] of shippedAlerts()) {
    assert.match(labels["severity"] ?? "", /^(critical|warning)$/, name);
    assert.deepEqual(Object.keys(annotations).toSorted(), ["description", "runbook_url", "summary"], name);
    const [, page, anchor] = /^https:\/\/.*\/(docs\/alerts\.md)#(.+)$/.exec(annotations["runbook_url"] ?? "") ?? [];
    assert.equal(page, "docs/alerts.md", name);
    assert.equal(anchor, name.toLowerCase());
    assert.ok(anchors.has(name.toLowerCase()), `docs/alerts.md has no heading for ${name}`);
  }
});

Deno.test("the runbooks name no alert that does not exist", async () => {
  const text = await Deno.readTextFile(`${ROOT}/docs/alerts.md`);
  const alerts = shippedAlerts();
  for (const [name] of text.matchAll(/\bWalg[A-Z]\w+(?!\w*\.\+)/g)) assert.ok(alerts.has(name), name);
});

Deno.test("each alert has a test that sees it fire, and the moment before it does not", () => {
  for (const [name, { for: wait = "0m" }] of shippedAlerts()) {
    const firing = askedMoments(name).filter((moments) => moments.some(({ fires }) => fires));
    assert.ok(firing.length > 0, `no test sees ${name} fire`);
    for (const moments of firing) {
      const first = Math.min(...moments.filter(({ fires }) => fires).map(({ at }) => minutes(at)));
      const before = moments.filter(({ fires, at }) => !fires && minutes(at) < first).map(({ at }) => minutes(at));
      assert.ok(before.length > 0, `no test sees ${name} silent before it fires`);
      // One evaluation of the test file, which is a minute or five.
      assert.ok(first - Math.max(...before) <= 5, `${name} is not asked for just before it fires`);
      assert.ok(first >= minutes(wait), name);
    }
  }
});

Deno.test("no rule names a series that neither the exporter nor another rule makes", () => {
  const rules = shippedRules().groups.flatMap((group) => group.rules);
  const recorded = rules.flatMap(({ record }) => record ?? []);
  const overrides = recorded.filter((name) => name.startsWith("walg:threshold:"))
    .map((name) => name.replace("threshold", "override"));
  const known = new Set([...SERIES, ...recorded, ...overrides, "up", "ALERTS"]);
  const used = new Set<string>();
  for (const { expr, annotations = {} } of rules) {
    const queries = [...(annotations["description"] ?? "").matchAll(/printf "((?:[^"\\]|\\.)*)"/g)];
    for (const text of [expr, ...queries.map(([, query = ""]) => query.replaceAll("%q", '""'))]) {
      for (const name of seriesOf(text)) {
        assert.ok(known.has(name), `${name} in ${expr}`);
        used.add(name);
      }
    }
  }
  for (const name of recorded.filter((name) => name.startsWith("walg:threshold:"))) {
    assert.ok(used.has(name), `nothing asks for ${name}`);
  }
});

Deno.test("nothing recorded for a fleet or a host grows with the number of backups", () => {
  for (const { record, expr } of shippedRules().groups.flatMap((group) => group.rules)) {
    if (record?.startsWith("job:")) assert.match(expr, /^(count|sum|min|max) by \(job\) \(/, record);
    if (record?.startsWith("instance:") && expr.includes("walg_backup_")) {
      assert.match(expr, /without \((backup_name|backup_type|delta_origin)/, record);
    }
  }
});

function minutes(duration: string): number {
  const [, count, unit = ""] = /^(\d+)([mhd])$/.exec(duration) ?? [];
  const perUnit = MINUTES[unit];
  assert.ok(perUnit !== undefined, duration);
  return Number(count) * perUnit;
}

function headings(markdown: string): Set<string> {
  return new Set([...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title.toLowerCase()));
}

async function promtool(...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("promtool", { args, cwd: PROMETHEUS_FOLDER }).output();
  const decoder = new TextDecoder();
  assert.ok(success, `promtool ${args.join(" ")}:\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
}
