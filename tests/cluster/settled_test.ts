import assert from "node:assert/strict";
import { atOnce } from "../../src/base/clock.ts";
import { createPartRenderer, recoveryOf } from "../../src/cluster/parts.ts";
import { createExposition } from "../../src/metrics/exposition.ts";
import { backupFiles } from "../../src/operations/backup_files.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { type State } from "../../src/operations/state.ts";
import { walArchive } from "../../src/operations/wal_archive.ts";
import { BUILD, runCapture } from "../status/scenario.ts";
import { startExporter, until } from "../support/exporter.ts";
import { captureClock, standinConfig } from "../support/in_process.ts";
import { answering, changed, emptyState } from "../support/state.ts";

const NOW = Date.parse("2026-11-26T17:30:00Z");
const LOST = "base_000000010000000000000013";
const capture = (name: string, before?: State): Promise<State> =>
  runCapture(`archive-wal-g-3.0.9/${name}`, before ?? emptyState(OPERATIONS), NOW);
const completeness = (state: State): boolean | undefined =>
  recoveryOf(state)?.backups.find(({ backup }) => backup.name === LOST)?.isComplete;
/** The state as long as the backups have not been listed after this listing. */
const unsettled = <T>(state: State, operation: Operation<T>): State =>
  changed(state, operation, ({ snapshot, ...outcome }) => ({
    ...outcome,
    ...(snapshot && { snapshot: { ...snapshot, time: NOW } }),
  }));

Deno.test("what a listing of files lacks counts once the backups have been listed after it: one may have been deleted", async () => {
  const lost = await capture("part-lost");
  assert.equal(completeness(lost), false);
  assert.equal(completeness(unsettled(lost, backupFiles)), undefined);
});

Deno.test("until then the listing before it counts, so that no verdict comes and goes", async () => {
  const still = await capture("part-lost", await capture("part-lost"));
  assert.equal(completeness(unsettled(still, backupFiles)), false);
  const since = await capture("part-lost", await capture("switched-postgres-down"));
  assert.equal(completeness(unsettled(since, backupFiles)), true);
  assert.equal(completeness(since), false);
});

Deno.test("the same goes for the WAL archive, whose first listing counts at once", async () => {
  const until = (state: State): string | undefined => recoveryOf(state)?.untilSegment;
  const grown = await capture("switched-postgres-down", await capture("switched"));
  const young = unsettled(grown, walArchive);
  assert.equal(until(grown), "00000002000000000000001E");
  assert.notEqual(until(young), until(grown));
  const first = await capture("switched-postgres-down");
  assert.equal(until(changed(first, walArchive, (outcome) => outcome)), "00000002000000000000001E");
});

Deno.test("bytes and uploads are shown as they were listed last, whether or not that listing counts for recovery yet", async () => {
  const render = createPartRenderer({ config: standinConfig(), build: BUILD, pace: () => atOnce });
  const exposition = createExposition({ clock: captureClock, moreSeries: () => [] });
  const shown = async (state: State): Promise<Record<string, number>> => {
    exposition.show((await render(state)).parts);
    const text = new TextDecoder().decode(exposition.body("text", false));
    const series = [...text.matchAll(/^walg_storage_bytes\{content="(\w+)"\} (\S+)$/gm)];
    return Object.fromEntries(series.map(([, content, value]) => [content, Number(value)]));
  };
  const twice = await capture("part-lost", await capture("part-lost"));
  const before = unsettled(unsettled(twice, backupFiles), walArchive);
  const old = await shown(before);
  assert.ok(old["backups"] && old["wal"], JSON.stringify(old));
  const files = answering(before, backupFiles, ({ files, ...answer }) => ({
    ...answer,
    files: { ...files, backups: new Map() },
  }));
  assert.equal((await shown(files))["backups"], 0);
  const archive = answering(before, walArchive, ({ archive, ...answer }) => ({
    ...answer,
    archive: { ...archive, bytes: 7 },
  }));
  assert.equal((await shown(archive))["wal"], 7);
});

Deno.test("after a start the backups are listed once more right after their files, and nothing is said to be fine before", async () => {
  // The next listing by itself would come in an hour.
  await using exporter = await startExporter({
    scenario: "archive-wal-g-3.0.9/part-lost",
    lists: true,
    flags: ["-backup-list.scrape-interval=1h", "-backup-files.scrape-interval=1h"],
  });
  await until("it is wrong, and never was fine", async () => {
    const text = await exporter.metrics();
    assert.doesNotMatch(text, /^walg_problem\{code="backup_incomplete"\} 0$/m);
    return /^walg_problem\{code="backup_incomplete"\} [12]$/m.test(text);
  });
});
