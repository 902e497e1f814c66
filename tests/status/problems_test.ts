import assert from "node:assert/strict";
import { problemFamilies } from "../../src/status/view.ts";
import { viewOf } from "../../src/status/view.ts";
import { atOnce } from "../../src/base/clock.ts";
import { createPartRenderer, recoveryOf, rendersAlike } from "../../src/cluster/parts.ts";
import { reportOf } from "../../src/commands/check/report.ts";
import { backupList } from "../../src/operations/backup_list.ts";
import { OPERATIONS } from "../../src/operations/registry.ts";
import { PROBLEM_CODES } from "../../src/operations/problems.ts";
import type { State } from "../../src/operations/state.ts";
import { storageCheck } from "../../src/operations/storage_check.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import type { Failure } from "../../src/walg/failure.ts";
import { operationsTable } from "../../src/web/page/operations_table.ts";
import { aBackup } from "../recovery/builders.ts";
import { changed, emptyState } from "../support/state.ts";
import { ANY_AGE, found, SIZE, stateOf } from "./cluster.ts";
import { BUILD, defaultConfig, NOW, runCapture, statusAt, withFailure } from "./scenario.ts";

type Flags = Readonly<Record<string, string>>;
const HOUR = 3_600_000;
const HISTORY = [{ timeline: 1, first: 4, statuses: found(12) }];

function codes(state: State, flags: Flags = {}, now = NOW): readonly string[] {
  return statusAt(state, now, flags).problems.map(({ level, code }) => `${level} ${code}`);
}

function values(state: State, flags: Flags = {}, now = NOW): ReadonlyMap<string, number> {
  const options = {
    config: defaultConfig(flags),
    build: BUILD,
    hostname: undefined,
    telemetryPath: "",
    sandbox: undefined,
    now,
  };
  const families = problemFamilies(viewOf(state, recoveryOf(state)), options);
  return new Map(
    families.flatMap(({ samples }) => [...samples].map(({ labels, value }) => [labels?.["code"] ?? "", value])),
  );
}

/** A newest backup that ended so many milliseconds ago; the full one a second before it. */
function aged(age: number): State {
  const full = aBackup({ timeline: 1, number: 4, size: SIZE, finishTime: NOW - age - 1000 });
  return stateOf(
    [full, aBackup({ timeline: 1, number: 8, size: SIZE, parent: full.name, finishTime: NOW - age })],
    HISTORY,
  );
}

Deno.test("limits at their edges: at it, just above, off", () => {
  assert.deepEqual(codes(aged(26 * HOUR)), []);
  assert.deepEqual(codes(aged(26 * HOUR + 1000)), ["warning backup_too_old"]);
  assert.deepEqual(codes(aged(50 * HOUR)), ["warning backup_too_old"]);
  assert.deepEqual(codes(aged(50 * HOUR + 1000)), ["critical backup_too_old"]);
  assert.deepEqual(codes(aged(50 * HOUR + 1000), { "max-backup-age": "none" }), ["warning backup_too_old"]);
  const off = { "warn-backup-age": "none", "max-backup-age": "none" };
  assert.deepEqual(codes(aged(8 * 24 * HOUR - 1000), off), []);
  assert.deepEqual(codes(aged(8 * 24 * HOUR), off), ["warning full_backup_too_old"]);
  const both = { ...off, "max-full-backup-age": "8d", "warn-full-backup-age": "7d" };
  assert.deepEqual(codes(aged(8 * 24 * HOUR), both), ["critical full_backup_too_old"]);
  // The window begins a second before the newest backup ended.
  const window = (flags: Flags) => codes(aged(HOUR), flags);
  assert.deepEqual(window({ "min-recovery-window": "1h1s" }), []);
  assert.deepEqual(window({ "min-recovery-window": "1h2s" }), ["critical recovery_window_short"]);
  assert.deepEqual(window({ "warn-recovery-window": "1h2s" }), ["warning recovery_window_short"]);
});

Deno.test("limits at their edges: segments that wait", () => {
  const waits = (segments: number, flags: Flags = {}) => {
    const statuses = [...found(8), ...Array<string>(segments).fill("MISSING_UPLOADING")];
    const backup = aBackup({ timeline: 1, number: 4, size: SIZE, finishTime: NOW - HOUR });
    return codes(stateOf([backup], [{ timeline: 1, first: 4, statuses }]), flags);
  };
  assert.deepEqual(waits(16), []);
  assert.deepEqual(waits(17), ["warning wal_at_risk"]);
  assert.deepEqual(waits(256), ["warning wal_at_risk"]);
  assert.deepEqual(waits(257), ["critical wal_at_risk"]);
  assert.deepEqual(waits(257, { "max-at-risk-segments": "none" }), ["warning wal_at_risk"]);
  assert.deepEqual(waits(5000, { "warn-at-risk-segments": "none", "max-at-risk-segments": "none" }), []);
});

Deno.test("limits at their edges: the recovery point, only while WAL waits", async () => {
  const stuck = await runCapture("archive-wal-g-3.0.9/jam-stuck", emptyState(OPERATIONS), NOW);
  const moment = statusAt(stuck).recovery?.until?.moment ?? 0;
  const at = (seconds: number, flags: Flags = {}) =>
    codes(
      stuck,
      { ...ANY_AGE, "warn-answer-age": "none", "max-answer-age": "none", ...flags },
      moment + seconds * 1000,
    );
  assert.deepEqual(at(900), []);
  assert.deepEqual(at(901), ["warning recovery_point_too_old"]);
  assert.deepEqual(at(3600), ["warning recovery_point_too_old"]);
  assert.deepEqual(at(3601), ["critical recovery_point_too_old"]);
  assert.deepEqual(at(3601, { "warn-rpo": "none", "max-rpo": "none" }), []);
  const quiet = await runCapture("archive-wal-g-3.0.9/healthy", emptyState(OPERATIONS), NOW);
  assert.deepEqual(
    codes(quiet, { ...ANY_AGE, "max-answer-age": "none", "warn-answer-age": "none" }, NOW + 100 * HOUR),
    [],
  );
});

Deno.test("an answer that grows old is a warning, then critical; of a failed operation its own problem says it", () => {
  const state = aged(HOUR);
  // All answered a minute ago; the storage check runs every 30 s.
  assert.deepEqual(codes(state, {}, NOW + 30_000), []);
  assert.deepEqual(codes(state, {}, NOW + 31_000), ["warning answer_too_old"]);
  assert.deepEqual(codes(state, {}, NOW + 301_000), ["critical answer_too_old"]);
  const failing = withFailure(state, "wal-verify", { type: "postgres_down", message: "no PostgreSQL" });
  const calm = { "warn-answer-age": "1h", "max-answer-age": "2h" };
  assert.deepEqual(codes(failing, calm), ["warning wal_verify_failed"]);
  assert.deepEqual(
    codes(failing, calm, NOW + 2 * HOUR - 60_000),
    ["warning answer_too_old", "warning wal_verify_failed"].toReversed(),
  );
  assert.deepEqual(codes(failing, calm, NOW + 2 * HOUR - 59_000)[0], "critical wal_verify_failed");
});

Deno.test("a first run that goes on and on is an answer that is too old, on the page and in walg_problem", async () => {
  const on = [backupList, walVerify, storageCheck];
  const empty = { ...emptyState(on), outcomes: new Map([...emptyState(on).outcomes, ...aged(HOUR).outcomes]) };
  const state = changed(empty, walVerify, ({ errors }) => ({ failuresInARow: 0, errors, runningSince: NOW }));
  const calm = { ...ANY_AGE, "backup-list.scrape-interval": "1d", "storage-check.scrape-interval": "1d" };
  const at = (minutes: number) =>
    codes(state, calm, NOW + minutes * 60_000).filter((code) => !code.endsWith("not_yet_run"));
  assert.deepEqual(at(15), []);
  assert.deepEqual(at(16), ["warning answer_too_old"]);
  assert.deepEqual(at(61), ["critical answer_too_old"]);
  const render = createPartRenderer({ config: defaultConfig(calm), build: BUILD, pace: () => atOnce });
  await render(changed(state, walVerify, ({ runningSince: _, ...outcome }) => outcome));
  const { parts } = await render(state);
  const problems = parts.flatMap(({ live }) => live?.(NOW + 61 * 60_000) ?? [])
    .find(({ name }) => name === "walg_problem");
  assert.deepEqual([...problems?.samples ?? []], [{ labels: { code: "answer_too_old" }, value: 2 }]);
  assert.ok(!rendersAlike(state, changed(state, walVerify, ({ runningSince: _, ...outcome }) => outcome)));
});

Deno.test("what never answered ages from its first failure on", () => {
  const failure: Failure = { type: "postgres_down", message: "no PostgreSQL" };
  const state = withFailure(withFailure(emptyState([walVerify]), "wal-verify", failure), "wal-verify", failure);
  assert.deepEqual(codes(state, {}, NOW + HOUR - 60_000), ["warning wal_verify_failed"]);
  assert.deepEqual(codes(state, {}, NOW + HOUR - 59_000), ["critical wal_verify_failed"]);
});

Deno.test("one cause that stops several operations is one problem, with what else it stops", () => {
  const fail = (state: State, name: string, failure: Failure): State => withFailure(state, name, failure);
  let state = stateOf([], HISTORY);
  state = { ...emptyState(OPERATIONS), outcomes: new Map([...emptyState(OPERATIONS).outcomes, ...state.outcomes]) };
  state = fail(state, "storage-check", { type: "network", message: "dial tcp: connection refused" });
  state = fail(state, "backup-list", { type: "timeout", message: "no answer within 120 s" });
  state = fail(state, "wal-archive", { type: "network", message: "connection refused, id 7" });
  state = fail(state, "wal-verify", { type: "postgres_down", message: "no PostgreSQL" });
  const { problems } = statusAt(state, NOW, ANY_AGE);
  assert.deepEqual(problems.filter(({ code }) => code !== "no_backups").map(({ code, effects }) => [code, effects]), [
    ["storage_down", ["Backups cannot be listed", "The WAL archive cannot be listed"]],
    ["wal_verify_failed", undefined],
  ]);
  const { rows } = reportOf(statusAt(state, NOW, ANY_AGE));
  const row = (check: string): string =>
    rows.filter((one) => one.check === check).map(({ level, text }) => `${level}: ${text}`).join();
  assert.match(row("storage"), /^critical: The storage does not answer; last answer .*: dial tcp: connection refused$/);
  assert.equal(row("WAL listing"), "skipped: no answer, for the reason that storage gives");
  assert.match(row("wal-verify"), /^warning: .*: no PostgreSQL$/);
  assert.equal(values(state).get("backup_list_failed") ?? 0, 0);
  assert.equal(values(state).get("storage_down"), 2);
});

Deno.test("causes that differ stay apart, and the gravest leads", () => {
  const state = withFailure(
    withFailure(stateOf([], HISTORY), "storage-check", { type: "network", message: "no route to host" }),
    "backup-list",
    { type: "access_denied", message: "AccessDenied" },
  );
  assert.deepEqual(codes(state).slice(0, 2), ["critical storage_down", "critical no_backups"]);
  assert.ok(codes(state).includes("critical backup_list_failed"));
  const denied: Failure = { type: "access_denied", message: "AccessDenied, id 1" };
  let listed = withFailure(emptyState(OPERATIONS), "wal-archive", denied);
  listed = withFailure(listed, "backup-list", { ...denied, message: "AccessDenied, id 2" });
  const [first, ...others] = statusAt(listed).problems.filter(({ code }) => code !== "not_yet_run");
  assert.deepEqual([first?.code, first?.effects, others], [
    "backup_list_failed",
    ["The WAL archive cannot be listed"],
    [],
  ]);
});

Deno.test("a storage that answers 403 refuses access, one that cannot be reached does not answer", () => {
  const said = (type: Failure["type"]): string =>
    statusAt(withFailure(aged(HOUR), "storage-check", { type, message: "so" })).summary.sentence;
  assert.match(said("access_denied"), /^The storage refuses access \(access_denied\); /);
  assert.match(said("network"), /^The storage does not answer; /);
});

Deno.test("holes and broken backups are accepted before a time, once a later backup is restorable", async () => {
  const state = await runCapture("wal-g-3.0.9/two-timelines");
  const at = (time: string) => codes(state, { "accept-holes-before": time });
  assert.deepEqual(at("none"), ["warning wal_lost", "warning backup_not_restorable"]);
  const { recovery, backups = [] } = statusAt(state);
  const hole = recovery?.lost?.holes[0]?.knownTime ?? 0;
  const broken = backups.find(({ restorable }) => restorable === false)?.backup.finishTime ?? 0;
  const iso = (time: number): string => new Date(time).toISOString();
  assert.deepEqual(at(iso(Math.min(hole, broken))), ["warning wal_lost", "warning backup_not_restorable"]);
  assert.deepEqual(at(iso(Math.max(hole, broken) + 1)), []);
  const unbridged = stateOf([aBackup({ timeline: 1, number: 4, size: SIZE, finishTime: NOW - HOUR })], [
    { timeline: 1, first: 4, statuses: [...found(3), "MISSING_LOST", ...found(3)] },
  ]);
  assert.deepEqual(codes(unbridged, { "accept-holes-before": iso(NOW) }), ["critical wal_lost"]);
});

Deno.test("what is switched off is no problem: on the page and in check it is not verified by choice", () => {
  const all = aged(HOUR);
  const only = {
    ...all,
    operations: [backupList],
    outcomes: new Map([...all.outcomes].filter(([name]) => name === "backup-list")),
  };
  const status = statusAt(only);
  assert.deepEqual(status.problems, []);
  assert.equal(status.summary.level, "ok");
  assert.match(
    status.summary.sentence,
    /^2 backups, what is recoverable is not verified by choice; last backup 1 h ago$/,
  );
  const rows = reportOf(status).rows.filter(({ text }) => text.startsWith("not verified by choice"));
  assert.deepEqual(rows.map(({ check }) => check), [
    "storage",
    "wal-verify",
    "WAL listing",
    "backup files",
    "restore drill",
    "timeline",
  ]);
  assert.match(
    operationsTable(status).text,
    /<code>wal-verify<\/code> is switched off: .* is not verified by choice\./,
  );
  const withoutPostgres = { ...all, operations: [backupList, storageCheck] };
  assert.equal(statusAt(withoutPostgres).summary.level, "ok");
});

Deno.test("before the first runs nothing is a fault: unknown on the page, and no series but of what is wrong", () => {
  const empty = emptyState(OPERATIONS);
  assert.equal(statusAt(empty).summary.level, "unknown");
  assert.equal(values(empty).size, 0);
  const failed = withFailure(empty, "storage-check", { type: "network", message: "no route to host" });
  assert.deepEqual([...values(failed)], [["storage_down", 2]]);
  assert.equal(statusAt(failed).summary.level, "critical");
  assert.deepEqual([...values(aged(HOUR)).keys()], [...PROBLEM_CODES]);
});

Deno.test("the newest full backup is compared with the others, a delta is not", () => {
  const backup = (number: number, compressedSize: number, parent = "") => ({
    ...aBackup({
      timeline: 1,
      number,
      size: SIZE,
      ...(parent !== "" && { parent }),
      finishTime: NOW - HOUR + number * 1000,
    }),
    compressedSize,
  });
  const full = [4, 5, 6].map((number) => backup(number, 1000));
  const delta = backup(12, 1, full[0]?.name);
  assert.deepEqual(codes(stateOf([...full, backup(7, 300), delta], HISTORY)), []);
  assert.deepEqual(codes(stateOf([...full, backup(7, 299), delta], HISTORY)), ["warning backup_too_small"]);
  assert.deepEqual(codes(stateOf([...full.slice(1), backup(7, 299)], HISTORY)), []);
});

Deno.test("full backups of another system make the newest full one neither younger nor small", () => {
  const full = (number: number, days: number, systemIdentifier: bigint, compressedSize: number) => ({
    ...aBackup({ timeline: 1, number, size: SIZE, finishTime: NOW - days * 24 * HOUR }),
    systemIdentifier,
    compressedSize,
  });
  const own = full(4, 12, 1n, 10);
  const delta = {
    ...aBackup({ timeline: 1, number: 8, size: SIZE, parent: own.name, finishTime: NOW - HOUR }),
    systemIdentifier: 1n,
  };
  const others = [5, 6, 7, 9].map((number) => full(number, 1, 2n, 1000));
  assert.deepEqual(codes(stateOf([own, ...others, delta], HISTORY), { "max-full-backup-age": "10d" }), [
    "critical full_backup_too_old",
    "warning other_system",
  ]);
});
