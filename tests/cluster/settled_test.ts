import assert from "node:assert/strict";
import { recoveryOf } from "../../src/cluster/parts.ts";
import { backupFiles } from "../../src/operations/backup_files.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { type State } from "../../src/operations/state.ts";
import { walArchive } from "../../src/operations/wal_archive.ts";
import { runCapture } from "../status/scenario.ts";
import { changed, emptyState } from "../support/state.ts";

const NOW = Date.parse("2026-11-26T17:30:00Z");
const LOST = "base_000000010000000000000013";
const capture = (name: string, before?: State): Promise<State> =>
  runCapture(`archive-wal-g-3.0.9/${name}`, before ?? emptyState(OPERATIONS), NOW);
const completeness = (state: State): boolean | undefined =>
  recoveryOf(state)?.backups.find(({ backup }) => backup.name === LOST)?.isComplete;
/** The state as long as the backups have not been listed after this listing. */
const unsettled = (state: State): State =>
  changed(state, backupFiles, ({ snapshot, ...outcome }) => ({
    ...outcome,
    ...(snapshot && { snapshot: { ...snapshot, time: NOW } }),
  }));

Deno.test("what a listing of files lacks counts once the backups have been listed after it: one may have been deleted", async () => {
  const lost = await capture("part-lost");
  assert.equal(completeness(lost), false);
  assert.equal(completeness(unsettled(lost)), undefined);
});

Deno.test("until then the listing before it counts, so that no verdict comes and goes", async () => {
  const still = await capture("part-lost", await capture("part-lost"));
  assert.equal(completeness(unsettled(still)), false);
  const since = await capture("part-lost", await capture("switched-postgres-down"));
  assert.equal(completeness(unsettled(since)), true);
  assert.equal(completeness(since), false);
});

Deno.test("the same goes for the WAL archive, whose first listing counts at once", async () => {
  const until = (state: State): string | undefined => recoveryOf(state)?.untilSegment;
  const grown = await capture("switched-postgres-down", await capture("switched"));
  const young = changed(grown, walArchive, ({ snapshot, ...outcome }) => ({
    ...outcome,
    ...(snapshot && { snapshot: { ...snapshot, time: NOW } }),
  }));
  assert.equal(until(grown), "00000002000000000000001E");
  assert.notEqual(until(young), until(grown));
  const first = await capture("switched-postgres-down");
  assert.equal(until(changed(first, walArchive, (outcome) => outcome)), "00000002000000000000001E");
});
