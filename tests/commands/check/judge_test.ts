import assert from "node:assert/strict";
import { judge } from "../../../src/commands/check/judge.ts";
import type { Thresholds } from "../../../src/commands/check/judgement.ts";
import { freshOutcome, type State } from "../../../src/operations/state.ts";
import { walVerify } from "../../../src/operations/wal_verify.ts";
import type { Failure } from "../../../src/walg/failure.ts";
import { NOW, runCapture, statusAt, withFailure } from "../../status/scenario.ts";
import { changed } from "../../support/state.ts";

const NONE: Thresholds = { backup_age: {}, full_backup_age: {}, recovery_window: {}, at_risk_segments: {} };
const healthy = await runCapture("wal-g-3.0.9/healthy");

function verdict(state: State, thresholds: Partial<Thresholds> = {}, now = NOW) {
  return judge(statusAt(state, now), { ...NONE, ...thresholds });
}

const refused: Failure = { type: "network", message: "connection refused" };

Deno.test("all well is OK, with what is recoverable", () => {
  const { level, exitStatus, summary, findings } = verdict(healthy);
  assert.equal(level, "ok");
  assert.equal(exitStatus, 0);
  assert.match(summary, /^Recoverable from 2026-11-23 03:12:04 UTC up to WAL segment 000000010000000000000010/);
  assert.deepEqual([...new Set(findings.map((finding) => finding.level))], ["ok"]);
});

for (const operation of ["storage-check", "backup-list"] as const) {
  Deno.test(`a failed ${operation} is CRITICAL, in wal-g's words and with the fix`, () => {
    const { exitStatus, summary, findings } = verdict(withFailure(healthy, operation, refused));
    assert.equal(exitStatus, 2);
    assert.match(summary, /: connection refused$/);
    assert.match(findings.find(({ level }) => level === "critical")?.fix ?? "", /Check from this host/);
  });
}

Deno.test("wal-verify without an answer is a WARNING, and no more with thresholds on what it would tell", () => {
  const silent = withFailure(changed(healthy, walVerify, () => freshOutcome([])), "wal-verify", refused);
  assert.equal(verdict(silent).exitStatus, 1);
  const judged = verdict(silent, { recovery_window: { critical: 1 }, at_risk_segments: { critical: 0 } });
  assert.equal(judged.exitStatus, 1);
  assert.match(judged.findings.find(({ check }) => check === "recovery window")?.text ?? "", /cannot be judged/);
});

for (const type of ["not_found", "not_permitted", "not_executable"] as const) {
  Deno.test(`${type} is UNKNOWN, whatever the thresholds`, () => {
    const failure: Failure = { type, message: "cannot run it" };
    const states = ["storage-check", "backup-list", "wal-verify"] as const;
    const state = states.reduce((before, operation) => withFailure(before, operation, failure), healthy);
    const { exitStatus, summary } = verdict(state, { backup_age: { critical: 0 } });
    assert.equal(exitStatus, 3);
    assert.equal(summary, "wal-g cannot be run: cannot run it");
  });
}

Deno.test("only a warning threshold passed is a WARNING, a critical one is CRITICAL", () => {
  const now = Date.parse("2026-11-23T05:12:18Z");
  const age = { backup_age: { warn: 3600, critical: 3 * 3600 } };
  assert.equal(verdict(healthy, age, now).exitStatus, 1);
  assert.equal(verdict(healthy, age, now).summary, "The newest backup ended 1 h ago, more than 1 h");
  assert.equal(verdict(healthy, { backup_age: { warn: 60, critical: 3600 } }, now).exitStatus, 2);
  assert.equal(verdict(healthy, { backup_age: { critical: 3 * 3600 } }, now).exitStatus, 0);
  const short = verdict(healthy, { recovery_window: { critical: 168 * 3600 } }, now);
  assert.equal(short.exitStatus, 2);
  assert.match(short.summary, /^The recovery window is 2 h, less than 7 d$/);
});

Deno.test("thresholds of several kinds: the worst speaks, the others are counted", () => {
  const judged = verdict(healthy, { backup_age: { warn: 1 }, recovery_window: { critical: 1e6 } });
  assert.equal(judged.exitStatus, 2);
  assert.match(judged.summary, /^The recovery window is .*\(and 1 more\)$/);
});

Deno.test("what the archive lacks has its fix in the table, as on the page", async () => {
  for (const scenario of ["no-backups", "segment-lost", "split-brain"]) {
    const status = statusAt(await runCapture(`wal-g-3.0.9/${scenario}`));
    const { findings } = judge(status, NONE);
    const fix = status.problems[0]?.fix;
    assert.ok(fix !== undefined && findings.some((finding) => finding.fix === fix), scenario);
  }
});

Deno.test("without any backup, a threshold on its age is passed", async () => {
  const empty = await runCapture("wal-g-3.0.9/no-backups");
  const { exitStatus, findings } = verdict(empty, { full_backup_age: { warn: 60 }, backup_age: { critical: 60 } });
  assert.equal(exitStatus, 2);
  const level = (check: string): string | undefined => findings.find((finding) => finding.check === check)?.level;
  assert.equal(level("backup age"), "critical");
  assert.equal(level("full backup age"), "warning");
  const text = (check: string): string | undefined => findings.find((finding) => finding.check === check)?.text;
  assert.equal(level("recovery window"), "skipped");
  assert.equal(text("recovery window"), "there is no backup");
  assert.match(text("timeline") ?? "", /^No mismatch known \(wal-verify says WARNING\): cluster on /);
});

Deno.test("segments at risk count only against their threshold", async () => {
  const stuck = await runCapture("wal-g-3.0.9/archiving-stuck-long");
  const at = (critical: number): string | undefined =>
    verdict(stuck, { at_risk_segments: { critical } }).findings.find(({ check }) => check === "WAL at risk")?.level;
  const risk = verdict(stuck).figures.find(({ name }) => name === "at_risk_segments")?.value ?? 0;
  assert.ok(risk > 16);
  assert.equal(at(risk), "ok");
  assert.equal(at(risk - 1), "critical");
  assert.ok(!verdict(stuck).findings.some(({ text }) => text.includes("not archived")));
});

Deno.test("a wal-g without 'st' has no storage check, and that is no failure", async () => {
  const old = await runCapture("wal-g-1.1/two-timelines");
  const { findings } = verdict(old);
  const wrong = findings.filter(({ level }) => level === "warning" || level === "critical");
  assert.deepEqual(wrong.map(({ check }) => check), ["WAL archive"]);
  assert.equal(findings.find(({ check }) => check === "storage")?.level, "skipped");
});
