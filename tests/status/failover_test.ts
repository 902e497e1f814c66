import assert from "node:assert/strict";
import { rowsOf } from "../../src/commands/check/rows.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { withBackups } from "../support/state.ts";
import { runCapture, statusAt } from "./scenario.ts";

/** The healthy capture with other storages for its newest backup, and for the one before. */
async function withStorages(newest: readonly string[], before: readonly string[] = ["default"]) {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const storagesOf = (at: number, backup: Backup, count: number): readonly string[] =>
    at === count - 1 ? newest : at === count - 2 ? before : backup.storages;
  return statusAt(
    withBackups(
      state,
      (backups) => backups.map((backup, at) => ({ ...backup, storages: storagesOf(at, backup, backups.length) })),
    ),
  );
}

Deno.test("failover: a newest backup that only a failover storage has is a warning, on the page and for check", async () => {
  const status = await withStorages(["second"]);
  assert.deepEqual(status.problems.map(({ code, level }) => [code, level]), [["newest_on_failover", "warning"]]);
  const [{ sentence = "", fix = "" } = {}] = status.problems;
  assert.match(sentence, /^The newest backup base_\w+ is in second only, not in the primary storage/);
  assert.match(fix, /'wal-g st transfer backups --source=second --target=default'/);
  assert.equal(status.summary.level, "warning");
  assert.equal(rowsOf(status).find(({ check }) => check === "newest backup")?.text, sentence);
  assert.match((await withStorages(["third", "second"])).problems[0]?.sentence ?? "", / is in third and second only, /);
});

Deno.test("failover: a newest backup that the primary storage has, too, is none; nor is one of a WAL-G that names no storages", async () => {
  for (const storages of [["default"], ["second", "default"], []]) {
    assert.deepEqual((await withStorages(storages)).problems, [], storages.join());
  }
  assert.deepEqual((await withStorages(["default"], ["second"])).problems, [], "an older one is not the newest");
});
