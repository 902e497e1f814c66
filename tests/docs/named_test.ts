import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { COMMANDS } from "../../src/cli/commands.ts";
import { PROBLEM_CODES } from "../../src/operations/problems.ts";
import { COMMON_FLAGS } from "../../src/cli/parse.ts";
import manifest from "../../deno.json" with { type: "json" };
import { shippedRules } from "../deploy/rules_file.ts";
import { FLEET_SERIES, SERIES } from "../deploy/series.ts";
import { exists, ROOT } from "../support/paths.ts";
import { allPages } from "./pages.ts";

const pages = allPages();
/** What a changelog names need not be there any more. */
const current = pages.filter(({ path }) => path !== "CHANGELOG.md");

Deno.test("every link leads to a file, and to a heading of it", () => {
  let links = 0;
  for (const { path, text } of pages) {
    for (const [, target = ""] of withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links++;
      const [file = "", anchor] = target.split("#");
      const to = file === "" ? path : join(dirname(path), file);
      assert.ok(exists(`${ROOT}/${to}`), `${path}: ${target}`);
      if (anchor !== undefined) assert.ok(anchorsOf(to).has(anchor), `${path}: no heading for ${target}`);
    }
  }
  assert.ok(links > 100);
});

Deno.test("every flag that is named is one of a command", () => {
  const known = new Set([...COMMANDS.flatMap(({ flags }) => flags), ...COMMON_FLAGS].map(({ name }) => name));
  // docs/web.md says why this one cannot be.
  known.add("web.systemd-socket");
  let named = 0;
  for (const { path, text } of current) {
    for (
      const [, name = ""] of text.matchAll(
        /(?<=[`\s("[])-((?:max|min|warn)-[a-z-]+|[a-z]+[a-z-]*\.[a-z][a-z.-]*[a-z])(?![\w/])/g,
      )
    ) {
      named++;
      assert.ok(known.has(name), `${path}: -${name}`);
    }
  }
  assert.ok(named > 50);
});

Deno.test("every series, problem and alert that is named exists", () => {
  const rules = shippedRules().groups.flatMap(({ rules }) => rules);
  const moreSeries = [
    "walg_exporter_web_config_reload_success",
    "walg_exporter_web_config_last_reload_success_timestamp_seconds",
  ];
  const known = new Set<string>([
    ...SERIES,
    ...FLEET_SERIES,
    ...moreSeries,
    ...rules.flatMap(({ record }) => record ?? []),
    ...PROBLEM_CODES,
  ]);
  const alerts = new Set(rules.flatMap(({ alert }) => alert ?? []));
  // The fields of docs/api.md are checked by a test of their own.
  for (const { path, text } of current.filter(({ path }) => path !== "docs/api.md")) {
    const plain = text
      .replace(/^## If you used the rules before$[^]*?(?=^## )/m, "")
      .replaceAll(/^.*(?:regex:|table inet|\.ts`|alertmanager).*$/gm, "");
    for (
      const [name] of plain.matchAll(
        /(?<![\w:/.{-])(?:job|job_code|instance|instance_type|walg):[\w:]+|(?<![\w/-])walg_[a-z_]+\w/g,
      )
    ) {
      if (/^walg_(settings|exporter_(version|args))$/.test(name)) continue;
      const families = name.endsWith("_") ? [...known].filter((one) => one.startsWith(name)) : [name];
      assert.ok(families.length > 0 && families.every((one) => known.has(one)), `${path}: ${name}`);
    }
    // In the configuration of Alertmanager some are patterns.
    for (const [name] of plain.matchAll(/\bWalg[A-Z]\w+(?![\w.])|\bWalg[A-Z]\w+(?=\.(?![+*]))/g)) {
      assert.ok(alerts.has(name), `${path}: ${name}`);
    }
  }
});

Deno.test("every file of the repository and every task that is named exists", () => {
  let named = 0;
  for (const { path, text } of current) {
    for (
      const [, file = ""] of text.matchAll(
        /`((?:deploy|docs|fixtures|src|tests|tools|bench|\.ci|\.github)\/[\w./@-]*)/g,
      )
    ) {
      if (file.includes("NAME")) continue;
      named++;
      assert.ok(exists(`${ROOT}/${file}`), `${path}: ${file}`);
    }
    for (const [, task = ""] of text.matchAll(/deno(?:@[\d.]+)? task ([a-z][\w:]*)/g)) {
      assert.ok(task in manifest.tasks, `${path}: task ${task}`);
    }
  }
  assert.ok(named > 30);
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path: string): ReadonlySet<string> {
  const headings = [...withoutBlocks(Deno.readTextFileSync(`${ROOT}/${path}`)).matchAll(/^#+ (.*)$/gm)];
  return new Set(
    headings.map(([, title = ""]) =>
      title.toLowerCase().replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim()
        .replaceAll(" ", "-")
    ),
  );
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
}
