import assert from "node:assert/strict";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { answerOf, type State } from "../../src/operations/state.ts";
import { walArchive } from "../../src/operations/wal_archive.ts";
import { branchesOf } from "../../src/recovery/branches.ts";
import { archivedTime } from "../../src/recovery/archive_history.ts";
import { recover } from "../../src/recovery/recover.ts";
import type { Status } from "../../src/status/status.ts";
import { createArchiveBuilder } from "../../src/walg/wal_archive.ts";
import { renderPage } from "../../src/web/page/document.ts";
import { drawTimeline, markBackups } from "../../src/web/page/timeline/drawing.ts";
import { createTimeScale } from "../../src/web/page/timeline/time_axis.ts";
import { layWal, type WalFacts, walPoints, type WalStrips } from "../../src/web/page/timeline/wal.ts";
import { PAGE_SCENARIOS } from "../e2e/page_scenarios.ts";
import { aBackup, MiB, walName } from "../recovery/builders.ts";
import { NOW, runCapture, statusAt } from "../status/scenario.ts";
import { emptyState } from "../support/state.ts";

const SIZE = 16 * MiB;
const HOUR = 3_600_000;
const START = Date.parse("2026-11-20T00:00:00Z");
const SEEN = Date.parse("2026-11-26T16:30:00Z");

async function captured(name: string): Promise<Status> {
  return statusAt(await runCapture(`archive-wal-g-3.0.9/${name}`, emptyState(OPERATIONS), SEEN), SEEN);
}

async function generated(name: string): Promise<Status> {
  return statusAt(await PAGE_SCENARIOS[name]?.state() ?? assert.fail(name), NOW);
}

function textOf(status: Status): string {
  const [, body = ""] = renderPage(status, { refreshes: true, allBackups: false }).replaceAll("\u00a0", " ").split(
    "</style>",
  );
  return body.replaceAll("\u00a0", " ").replace(/<(?:wbr|\/?span[^>]*)>/g, "").replace(/\s+/g, " ");
}

/** Segments of timeline 1 that were archived so many hours after the start, and a backup in the first of them. */
function laid(hours: Readonly<Record<number, number>>, askedHours: number): WalStrips & { readonly facts: WalFacts } {
  const builder = createArchiveBuilder();
  for (const [number, hour] of Object.entries(hours)) {
    const name = `${walName(1, Number(number), SIZE)}.lz4`;
    builder.add({ storage: 0, isFolder: false, size: 1, name, time: START + hour * HOUR });
  }
  const archive = builder.build({ time: START + askedHours * HOUR, storages: ["default"], shown: [] });
  const first = Number(Object.keys(hours)[0]);
  const recovery = recover({
    backups: [aBackup({ timeline: 1, number: first, size: SIZE, finishTime: START })],
    archive,
  });
  const facts = { recovery, newestFirst: recovery.backups, askedTime: START + askedHours * HOUR, archive };
  return { ...layWal(facts, createTimeScale([START, START + 100 * HOUR])), facts };
}

/** Where a time is on that drawing: from 2 to 98 percent in 100 hours. */
const at = (hour: number): number => 2 + 0.96 * hour;
const near = (place: number | undefined, expected: number): void =>
  assert.ok(Math.abs((place ?? NaN) - expected) < 1e-9, `${place} is not ${expected}`);

Deno.test("timeline: WAL stands where it was archived, without stripes", () => {
  const { strips, reach } = laid({ 1: 1, 2: 10, 3: 20, 7: 60, 8: 80 }, 100);
  assert.deepEqual(strips.map(({ kind, segments }) => [kind, segments]), [["present", 0], ["hole", 3], ["present", 0]]);
  for (const { known, right } of strips) assert.equal(known, right);
  near(reach?.at, at(20));
  near(strips.at(-1)?.right, at(80));
  // Three of the four segments that were written from then to when the last of them was archived.
  near(strips[1]?.right, at(50));
});

Deno.test("timeline: a segment that was archived late moves neither the end of recovery nor what comes after", () => {
  const { facts, reach, strips } = laid({ 1: 1, 2: 2, 3: 90, 5: 40, 6: 50 }, 100);
  near(reach?.at, at(90));
  const moment = START + 30 * HOUR;
  const { recovery } = facts;
  const pinned = { ...facts, recovery: { ...recovery, ...recovery.until && { until: { ...recovery.until, moment } } } };
  const again = layWal(pinned, createTimeScale([START, START + 100 * HOUR]));
  near(again.reach?.at, at(30));
  near(again.strips.at(-1)?.right, at(50));
  assert.equal(strips.length, again.strips.length);
  walPoints(pinned).slice(1).forEach(({ time, position }, index, rest) => {
    const before = rest[index - 1];
    assert.ok(before === undefined || (time >= before.time && position > before.position));
  });
});

Deno.test("timeline: a branch leaves the history where the cluster left it, with its backups", async () => {
  const status = await captured("switched");
  const { recovery, archive, backups = [], archivedTime: askedTime = 0 } = status;
  assert.ok(recovery && archive);
  const [branch, ...others] = branchesOf(recovery, archive);
  assert.deepEqual(others, []);
  assert.equal(branch?.timeline, 1);
  assert.equal(branch.segments, 5);
  // Timeline 2 left it at 0/15000108; the history begins with segment 1.
  assert.equal(Math.floor(branch.fork ?? 0), 0x15 - (recovery.history.spans[0]?.first ?? 0));
  assert.equal(branch.lastTime, archivedTime(archive, { timeline: 1, number: 0x1A, size: SIZE }));
  const scale = createTimeScale([Date.parse("2026-11-26T15:11:16Z"), Date.parse("2026-11-26T15:11:40Z")]);
  const { lanes, switches } = layWal({ recovery, newestFirst: backups, askedTime, archive }, scale);
  const [lane] = lanes;
  assert.deepEqual([lane?.row, lane?.fromRow, lane?.backups, lane?.left], [0, -1, 1, switches[0]?.left]);
  const { marks } = markBackups(backups, scale, () => 0);
  assert.deepEqual(marks.filter(({ row }) => row === 0).map(({ backups: [entry] }) => entry?.backup.name), [
    "base_000000010000000000000018",
  ]);
  const { svg: { text }, legend } = drawTimeline(status) ?? assert.fail();
  assert.match(text, /Timeline 1 is a branch of 5 segments and 1 backup\./);
  assert.match(text, /up to about 2026-11-26 \d\d:\d\d:\d\d\u00a0UTC, WAL segment 000000020000000000000019\./);
  assert.match(text, />recoverable up to \d\d:\d\d:\d\d</);
  assert.ok(["branch", "reach"].every((key) => legend.some(([known]) => known === key)));
  assert.ok(!legend.some(([key]) => key === "striped"));
});

Deno.test("timeline: without times, or with the archive switched off, there is no branch, and stripes as before", async () => {
  const { svg: { text }, legend } = drawTimeline(
    statusAt(await runCapture("archive-wal-g-3.0.9/switched", emptyState(), SEEN), SEEN),
  ) ?? assert.fail();
  assert.doesNotMatch(text, /class="lane"|class="reach/);
  assert.ok(legend.some(([key]) => key === "striped"));
});

Deno.test("page: a backup of a branch, one that lacks files, an upload", async () => {
  const branch = textOf(await captured("delta-on-branch"));
  assert.match(
    branch,
    /to timeline 1 only\s*up to about 2026-11-26 15:51:14 UTC\s*recovery_target_timeline = &#39;1&#39;, LSN 0\/8000000/,
  );
  assert.doesNotMatch(branch, />In storage</);
  const part = textOf(await captured("part-lost"));
  assert.match(part, /data-label="In storage">incomplete16\.5 MiB of 17\.3 MiB</);
  assert.equal(part.match(/data-label="In storage">complete</g)?.length, 10);
  const stuck = textOf(await generated("listed-30-stuck"));
  assert.match(
    stuck,
    /A backup is being uploaded since 2026-11-23 04:42:00 UTC, 3\.30 GiB so far, seen 1 min ago: <code>/,
  );
});

Deno.test("page: what the archive has of each timeline, and no word of what is switched off but that it is", async () => {
  const text = textOf(await captured("switched"));
  assert.match(text, /Archive listed 1 min ago: 41 objects, /);
  assert.match(text, /timeline 1 at <code>0\/15000108<\/code>/);
  const state: State = await runCapture("archive-wal-g-3.0.9/switched", emptyState([...OPERATIONS].slice(0, 1)), SEEN);
  assert.equal(answerOf(state, walArchive), undefined);
  const off = textOf(statusAt(state, SEEN));
  assert.match(off, /wal-verify is switched off: not verified by choice\./);
  assert.doesNotMatch(off, /Not listed yet|Not verified yet/);
});
