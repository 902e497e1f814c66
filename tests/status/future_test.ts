import assert from "node:assert/strict";
import { judge } from "../../src/commands/check/judge.ts";
import type { Thresholds } from "../../src/commands/check/judgement.ts";
import { aBackup } from "../recovery/builders.ts";
import { found, SIZE, stateOf } from "./cluster.ts";
import { NOW, statusAt } from "./scenario.ts";

const NONE: Thresholds = { backup_age: {}, full_backup_age: {}, recovery_window: {}, at_risk_segments: {} };
const MINUTE = 60_000;
const HISTORY = [{ timeline: 1, first: 4, statuses: found(12) }];

/** A backup of an hour ago, and a newer one that is dated `ahead` milliseconds after now. */
function dated(ahead: number) {
  const old = aBackup({ timeline: 1, number: 4, size: SIZE, finishTime: NOW - 60 * MINUTE });
  const newest = aBackup({ timeline: 1, number: 8, size: SIZE, parent: old.name, finishTime: NOW + ahead });
  return statusAt(stateOf([old, newest], HISTORY));
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

  const { exitStatus, summary, findings } = judge(status, NONE);
  assert.deepEqual([exitStatus, summary], [1, problem?.sentence]);
  const row = findings.find(({ check }) => check === "backup times");
  assert.deepEqual([row?.level, row?.fix], ["warning", problem?.fix]);
});

Deno.test("an age that lies in the future cannot be judged: a threshold on it is a WARNING, and perfdata says U", () => {
  const { exitStatus, findings, figures } = judge(dated(86_400_000), {
    ...NONE,
    backup_age: { critical: 3600 },
    full_backup_age: { critical: 2 * 3600 },
  });
  assert.equal(exitStatus, 1);
  const text = (check: string) => findings.find((finding) => finding.check === check);
  assert.equal(text("backup age")?.level, "warning");
  assert.match(text("backup age")?.text ?? "", /^The backup age cannot be judged: base_\S+ is dated in the future$/);
  assert.equal(text("full backup age")?.level, "ok");
  const value = (name: string) => figures.find((figure) => figure.name === name)?.value;
  assert.deepEqual([value("backup_age"), value("full_backup_age")], [undefined, 3600]);
});

Deno.test("a window that begins in the future has no length to be judged", () => {
  const only = aBackup({ timeline: 1, number: 4, size: SIZE, finishTime: NOW + 60 * MINUTE });
  const { exitStatus, findings } = judge(statusAt(stateOf([only], HISTORY)), {
    ...NONE,
    recovery_window: { critical: 3600 },
  });
  assert.equal(exitStatus, 1);
  assert.match(
    findings.find(({ check }) => check === "recovery window")?.text ?? "",
    /^The recovery window cannot be judged: the backup that it begins with is dated in the future$/,
  );
});

Deno.test("clocks that differ by some minutes are no problem", () => {
  const status = dated(5 * MINUTE);
  assert.deepEqual(status.problems, []);
  assert.match(status.recoverable ?? "", /last backup 0 s ago$/);
  const { exitStatus, findings } = judge(status, { ...NONE, backup_age: { critical: 60 } });
  assert.equal(exitStatus, 0);
  assert.equal(findings.find(({ check }) => check === "backup times")?.text, "No backup is dated in the future");
});
