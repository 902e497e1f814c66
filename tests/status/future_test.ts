import assert from "node:assert/strict";
import { reportOf } from "../../src/commands/check/report.ts";
import { aBackup } from "../recovery/builders.ts";
import { found, SIZE, stateOf } from "./cluster.ts";
import { NOW, statusAt } from "./scenario.ts";

const MINUTE = 60_000;
const HISTORY = [{ timeline: 1, first: 4, statuses: found(12) }];

/** A backup of an hour ago, and a newer one that is dated `ahead` milliseconds after now. */
function dated(ahead: number, flags: Readonly<Record<string, string>> = {}) {
  const old = aBackup({ timeline: 1, number: 4, size: SIZE, finishTime: NOW - 60 * MINUTE });
  const newest = aBackup({ timeline: 1, number: 8, size: SIZE, parent: old.name, finishTime: NOW + ahead });
  return statusAt(stateOf([old, newest], HISTORY), NOW, flags);
}

Deno.test("a newest backup that is dated in the future is a warning with a fix, on the page and for check", () => {
  const status = dated(40 * 86_400_000);
  assert.equal(status.summary.level, "warning");
  const [problem] = status.problems;
  assert.equal(problem?.code, "backup_in_future");
  assert.equal(
    problem?.sentence,
    "The newest backup base_000000010000000000000008_D_000000010000000000000004 is dated 2027-01-02 05:30 UTC, in the " +
      "future: how old the backups are is not known",
  );
  assert.match(problem?.fix ?? "", /^Correct the clock of the host/);
  assert.match(
    status.recoverable ?? "",
    /^Recoverable from 2026-11-23 04:30:00 .*; time of the last backup in the future$/,
  );

  const { level, summary, rows } = reportOf(status);
  assert.deepEqual([level, summary], ["warning", problem?.sentence]);
  const row = rows.find(({ check }) => check === "backup times");
  assert.deepEqual([row?.level, row?.fix], ["warning", problem?.fix]);
});

Deno.test("an age that lies in the future is not judged twice, and perfdata says U", () => {
  const { level, rows, figures } = reportOf(dated(86_400_000, { "max-backup-age": "1h" }));
  assert.equal(level, "warning");
  const row = (check: string) => rows.find((row) => row.check === check);
  assert.equal(row("backup age")?.level, "skipped");
  assert.match(row("backup age")?.text ?? "", /^base_\S+ is dated in the future$/);
  assert.equal(row("full backup age")?.level, "ok");
  const value = (name: string) => figures.find((figure) => figure.name === name)?.value;
  assert.deepEqual([value("backup_age"), value("full_backup_age")], [undefined, 3600]);
});

Deno.test("a window that begins in the future has no length to be judged", () => {
  const only = aBackup({ timeline: 1, number: 4, size: SIZE, finishTime: NOW + 60 * MINUTE });
  const { level, rows } = reportOf(statusAt(stateOf([only], HISTORY), NOW, { "min-recovery-window": "1h" }));
  assert.equal(level, "warning");
  assert.match(
    rows.find(({ check }) => check === "recovery window")?.text ?? "",
    /^The recovery window is not known: the backup that it begins with is dated in the future$/,
  );
});

Deno.test("clocks that differ by some minutes are no problem", () => {
  const status = dated(5 * MINUTE, { "max-backup-age": "1m" });
  assert.deepEqual(status.problems, []);
  assert.match(status.recoverable ?? "", /last backup 0 s ago$/);
  assert.equal(reportOf(status).level, "ok");
});
