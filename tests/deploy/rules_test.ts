import assert from "node:assert/strict";
import { problemTests, rulesFile } from "../../deploy/prometheus/rules.ts";
import { alertOf, PROBLEM_CODES, type ProblemKind, PROBLEMS } from "../../src/operations/problems.ts";
import { ROOT } from "../support/paths.ts";
import { askedMoments, PROMETHEUS_FOLDER, shippedAlerts, shippedRules } from "./rules_file.ts";
import { FLEET_SERIES, SERIES, seriesOf } from "./series.ts";
import { toolTest } from "./tools.ts";

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

toolTest("promtool accepts the rules and the example of a site's own", ["promtool"], async () => {
  await promtool("check", "rules", "walg.rules.yml", "walg.site.rules.example.yml");
});

Deno.test("the rules and their tests are those that the list of problems gives, and half of what they were", async () => {
  const shipped = await Deno.readTextFile(`${PROMETHEUS_FOLDER}/walg.rules.yml`);
  assert.ok(shipped === rulesFile(), "'deno task rules' writes it anew");
  assert.ok(await Deno.readTextFile(`${PROMETHEUS_FOLDER}/tests/problems.test.yml`) === problemTests());
  assert.ok(shipped.split("\n").length <= 571 / 2);
});

Deno.test("each alert has severity, summary, description and a runbook that exists", async () => {
  const anchors = headings(await Deno.readTextFile(`${ROOT}/docs/alerts.md`));
  for (const { alert, expr, labels = {}, annotations = {} } of shippedRules().groups.flatMap(({ rules }) => rules)) {
    if (alert === undefined) continue;
    assert.match(labels["severity"] ?? "", /^(critical|warning)$/, alert);
    for (const text of ["description", "runbook_url", "summary"]) assert.ok(annotations[text], `${alert}: ${text}`);
    const [, code = ""] = /walg_problem\{code="(\w+)"\}/.exec(expr) ?? [];
    const runbook = annotations["runbook_url"]?.replace("{{ $labels.code }}", code) ?? "";
    const [, page, anchor] = /^https:\/\/.*\/(docs\/alerts\.md)#(.+)$/.exec(runbook) ?? [];
    assert.equal(page, "docs/alerts.md", alert);
    assert.equal(anchor, code === "" ? alert.toLowerCase() : code);
    assert.ok(anchors.has(anchor), `docs/alerts.md has no heading for ${alert}`);
  }
});

Deno.test("each problem has its runbook, with the name, the levels and the waiting time of its alert", async () => {
  const text = await Deno.readTextFile(`${ROOT}/docs/alerts.md`);
  for (const code of PROBLEM_CODES) {
    const kind: ProblemKind = PROBLEMS[code];
    const [, line = ""] = new RegExp(`^## ${code}\\n\\n(.*)$`, "m").exec(text) ?? [];
    const levels = kind.levels.map((level) => level === "unknown" ? "critical" : level).join(" or ");
    const expected = kind.for === undefined ? "No alert." : `Alert \`${alertOf(code)}\`: ${levels}, after ${kind.for}.`;
    assert.equal(line, expected, code);
  }
});

Deno.test("the runbooks name no alert that does not exist, but where they say what became of one", async () => {
  const whole = await Deno.readTextFile(`${ROOT}/docs/alerts.md`);
  const text = whole.replace(/^## If you used the rules before$[^]*?(?=^## )/m, "");
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
  const known = new Set([...SERIES, ...FLEET_SERIES, "up"]);
  for (const { expr } of rules) {
    for (const name of seriesOf(expr)) assert.ok(known.has(name), `${name} in ${expr}`);
  }
});

Deno.test("nothing recorded for a fleet or a host grows with the number of backups", () => {
  for (const { record, expr } of shippedRules().groups.flatMap((group) => group.rules)) {
    if (record !== undefined) assert.match(expr, /^(count|sum|min|max) by \(job(, code)?\) \(/, record);
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
