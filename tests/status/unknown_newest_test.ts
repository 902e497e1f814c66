import assert from "node:assert/strict";
import { reportOf } from "../../src/commands/check/report.ts";
import { factsList } from "../../src/web/page/facts.ts";
import { recoveryWindowSeconds } from "../../src/recovery/window.ts";
import { aBackup } from "../recovery/builders.ts";
import { ANY_AGE, found, SIZE, stateOf } from "./cluster.ts";
import { NOW, statusAt } from "./scenario.ts";

const WINDOW = { "min-recovery-window": "1m" };
const full = (number: number) => aBackup({ timeline: 1, number, size: SIZE });
/** The old full backup's only segment is not archived; the new one's is still current. */
const status = (first: string, flags = {}) =>
  statusAt(
    stateOf([full(0x14), full(0x18)], [{ timeline: 1, first: 0x14, statuses: [first, ...found(3)] }]),
    NOW,
    { ...ANY_AGE, ...flags },
  );

Deno.test("the newest backup is not known, no other is restorable: a warning, besides what is lost", () => {
  const { problems, recovery } = status("MISSING_UPLOADING");
  assert.ok(recovery);
  assert.equal(recoveryWindowSeconds(recovery, NOW), 0);
  assert.deepEqual(problems.map(({ code, level }) => [code, level]), [
    ["wal_lost", "critical"],
    ["restorable_unknown", "warning"],
    ["backup_not_restorable", "warning"],
  ]);
  assert.match(
    problems[1]?.sentence ?? "",
    /^It is not known whether any backup can be restored: the newest, base_000000010000000000000018, is not covered by /,
  );
});

Deno.test("what is lost before it stays critical by its own rule", () => {
  const { problems } = status("MISSING_LOST");
  assert.deepEqual(problems.map(({ code }) => code), ["wal_lost", "restorable_unknown", "backup_not_restorable"]);
  assert.match(problems[0]?.fix ?? "", /backup after the gap, full or delta/);
});

Deno.test("check and the tile say that it is not known", () => {
  const unknown = status("MISSING_UPLOADING", WINDOW);
  const { rows, figures } = reportOf(unknown);
  const row = (check: string) => rows.find((row) => row.check === check);
  assert.equal(row("newest backup")?.level, "warning");
  assert.match(row("recovery window")?.text ?? "", /is not known: it is not known which backups are restorable$/);
  assert.equal(figures.find(({ name }) => name === "recovery_window")?.value, undefined);
  const { text } = factsList(unknown);
  assert.match(text, /no backup is known to be restorable/);
  assert.doesNotMatch(text, /nothing can be recovered/);
});

Deno.test("the newest backup is not restorable, of an older one it is not known: critical", () => {
  const { problems } = statusAt(
    stateOf([full(2), full(4)], [{ timeline: 1, first: 4, statuses: ["MISSING_UPLOADING", ...found(3)] }]),
    NOW,
    ANY_AGE,
  );
  assert.deepEqual(problems.map(({ code }) => code), ["newest_not_restorable", "wal_lost"]);
  assert.match(problems[0]?.sentence ?? "", /whether an older one is, is not known$/);
  assert.match(problems[0]?.fix ?? "", /--full/);
});

Deno.test("none is restorable, and of each it is known: critical, and no window passes a limit", () => {
  const state = stateOf([full(4)], [{ timeline: 1, first: 4, statuses: ["MISSING_UPLOADING", ...found(3)] }]);
  assert.deepEqual(statusAt(state, NOW, ANY_AGE).problems.map(({ code }) => code), ["nothing_restorable", "wal_lost"]);
  const row = reportOf(statusAt(state, NOW, { ...ANY_AGE, ...WINDOW })).rows.find(({ check }) =>
    check === "recovery window"
  );
  assert.deepEqual([row?.level, row?.text], ["critical", "The recovery window is 0 s, less than 1 min"]);
});
