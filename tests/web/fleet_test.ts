import assert from "node:assert/strict";
import type { Level } from "../../src/status/status.ts";
import { countLevels, type OverviewRow, renderOverview, rowOf, worstFirst } from "../../src/web/page/fleet.ts";
import { BUILD, NOW, runCapture, statusAt } from "../status/scenario.ts";
import { emptyState } from "../support/state.ts";

const WORDS = { ok: "OK", warning: "Warning", critical: "Critical", unknown: "Unknown" } as const;

function row(name: string, level: Level, rank = 0): OverviewRow {
  const cell = { value: "1 d" };
  return {
    name,
    level,
    word: WORDS[level],
    sentence: `what ${name} says`,
    rank,
    window: cell,
    rpo: cell,
    newest: cell,
    drill: cell,
  };
}

function page(rows: readonly OverviewRow[], refused: Parameters<typeof renderOverview>[0]["refused"] = []): string {
  const exporter = { ...BUILD, telemetryPath: "/metrics", sandbox: "run wal-g" };
  return renderOverview({ rows, refused, exporter, hostname: "backup1", time: NOW, refreshes: true });
}

Deno.test("overview: the worst first, of the same level the most urgent, then by name", () => {
  const rows = [
    row("a", "ok"),
    row("b", "warning", 9),
    row("c", "critical"),
    row("d", "unknown"),
    row("e", "warning", 5),
  ];
  assert.deepEqual(rows.toSorted(worstFirst).map(({ name }) => name), ["c", "d", "e", "b", "a"]);
  assert.deepEqual([row("z", "ok"), row("a", "ok")].toSorted(worstFirst).map(({ name }) => name), ["a", "z"]);
});

Deno.test("overview: how many are how, in a few words", () => {
  const rows = [row("a", "critical"), row("b", "critical"), row("c", "warning"), row("d", "ok")];
  assert.equal(countLevels(rows, 0), "2 critical, 1 warning of 4 clusters");
  assert.equal(countLevels([row("a", "ok")], 0), "All is well with 1 cluster");
  assert.equal(countLevels([row("a", "ok")], 2), "All is well with 1 cluster; 2 config files cannot be used");
  assert.equal(countLevels([], 0), "No cluster is watched");
});

Deno.test("overview: a config file that cannot be used is never green", () => {
  const refused = [{ name: "x", file: "/c/x.yaml", why: "cannot be read: <b>" }];
  assert.match(page([row("a", "ok")]), /class="verdict ok"/);
  assert.match(page([row("a", "ok")], refused), /class="verdict unknown"[^]*\/c\/x\.yaml[^]*&lt;b&gt;/);
  assert.match(page([row("a", "critical")], refused), /class="verdict critical"/);
  assert.match(page([]), /class="verdict unknown"/);
});

Deno.test("overview: the row of a cluster says what its page says", async () => {
  const healthy = rowOf("main", statusAt(await runCapture("wal-g-3.0.9/healthy")));
  assert.deepEqual([healthy.level, healthy.newest.value, healthy.newest.more], ["ok", "2 h ago", "full"]);
  assert.match(healthy.sentence, /^Recoverable from /);
  assert.match(healthy.window.more ?? "", /^from 2026-11-23 03:1/);
  const none = rowOf("none", statusAt(await runCapture("wal-g-3.0.9/no-backups")));
  assert.deepEqual([none.level, none.window.value, none.newest.value], ["critical", "none", "none"]);
  const fresh = rowOf("fresh", statusAt(emptyState()));
  assert.deepEqual([fresh.level, fresh.window.value, fresh.rpo.value, fresh.newest.value], [
    "unknown",
    "not known",
    "not known",
    "not known",
  ]);
});

Deno.test("overview: two hundred rows are a page of some hundred kilobytes with a link each", () => {
  const text = page(Array.from({ length: 200 }, (_, n) => row(`cluster-${n}`, n % 7 === 0 ? "warning" : "ok")));
  assert.equal(text.match(/<a href="clusters\/cluster-\d+\/">/g)?.length, 200);
  assert.ok(text.length < 250_000, `${text.length}`);
  assert.doesNotMatch(text, /<script| style=|href="\//);
});
