import assert from "node:assert/strict";
import { backupList } from "../../src/operations/backup_list.ts";
import { freshOutcome, type State } from "../../src/operations/state.ts";
import { walVerify } from "../../src/operations/wal_verify.ts";
import type { Failure } from "../../src/walg/failure.ts";
import { answering, changed, emptyState, withBackups } from "../support/state.ts";
import { NOW, runCapture, statusAt, withFailure } from "./scenario.ts";

const RECOVERABLE = (from: string, segment: string, rest = "verified 3 min ago; last backup 2 h ago"): string =>
  `Recoverable from ${from} UTC up to WAL segment ${segment}, ${rest}`;

const LOST = (segment: string): readonly [string, string] => [
  "Warning",
  `1 WAL segment lost: ${segment}; no recovery from before to after that; later backups are restorable`,
];

/** Level and sentence of each captured scenario, three minutes after the WAL was verified. */
const SENTENCES: Readonly<Record<string, readonly [string, string]>> = {
  "wal-g-3.0.9/healthy": ["OK", RECOVERABLE("2026-11-23 03:12:04", "000000010000000000000010")],
  "wal-g-3.0.9/two-timelines": LOST("00000001000000000000000A"),
  "wal-g-3.0.3/two-timelines": LOST("00000001000000000000000A"),
  "wal-g-1.1/two-timelines": LOST("00000001000000000000000A"),
  "wal-g-3.0.9/failover-storage": LOST("00000001000000000000000A"),
  "wal-g-3.0.9/segments-64mb": [
    "OK",
    RECOVERABLE("2026-11-23 04:44:48", "00000001000000000000000C", "verified 3 min ago; last backup 45 min ago"),
  ],
  "wal-g-3.0.9/segment-lost": LOST("00000001000000000000000A"),
  "wal-g-3.0.9/archiving-stuck-long": [
    "Warning",
    "59 WAL segments after 000000020000000000000018 not archived: losing this host now would lose them, and pg_wal grows",
  ],
  "reference-sample": ["Critical", "The newest backup ended 327 d 19 h ago, more than 2 d 2 h"],
  "wal-g-3.0.9/split-brain": [
    "Critical",
    "Timeline mismatch: the storage holds timeline 3, the cluster is on 2",
  ],
  "wal-g-3.0.9/no-backups": [
    "Critical",
    "There is no backup in the storage: nothing can be recovered (listed 20 s ago)",
  ],
  "wal-g-3.0.9/storage-missing": [
    "Critical",
    'The storage does not answer: failed to init folder for storage "default": configure storage with prefix ' +
    `"/srv/wal-g": create FS storage: FS storage root directory doesn't exist or is inaccessible: stat /srv/wal-g: ` +
    "no such file or directory",
  ],
  "wal-g-3.0.9/postgres-down": [
    "Warning",
    "wal-verify gives no answer, so what is recoverable is not known: Failed to establish a connection to Postgres " +
    "cluster Connect: postgres connection failed: failed to connect to `user=postgres database=postgres`: " +
    "127.0.0.1:5432 (localhost): dial error: dial tcp 127.0.0.1:5432: connect: connection refused",
  ],
};

for (const [scenario, [word, sentence]] of Object.entries(SENTENCES)) {
  Deno.test(`sentence: ${scenario}`, async () => {
    const { summary } = statusAt(await runCapture(scenario));
    assert.deepEqual([summary.word, summary.sentence], [word, sentence]);
  });
}

Deno.test("sentence: the second that it promises lies in the window", async () => {
  for (const [scenario, [word]] of Object.entries(SENTENCES)) {
    const { recoverable, recovery } = statusAt(await runCapture(scenario));
    const [, second] = / from (.*) UTC up to /.exec(recoverable ?? "") ?? [];
    if (second === undefined) {
      assert.notEqual(word, "OK", scenario);
      continue;
    }
    const from = Date.parse(`${second.replace(" ", "T")}Z`);
    const start = recovery?.windowStartTime ?? NaN;
    assert.ok(from >= start && from - start < 1000, `${scenario}: ${second}`);
  }
});

Deno.test("sentence: what is recoverable is told beside what is wrong", async () => {
  const { problems, recoverable } = statusAt(await runCapture("wal-g-3.0.9/archiving-stuck-long"));
  assert.deepEqual(problems.map(({ code, level }) => [code, level]), [
    ["wal_at_risk", "warning"],
    ["wal_lost", "warning"],
    ["backup_not_restorable", "warning"],
  ]);
  assert.equal(recoverable, RECOVERABLE("2026-11-23 03:12:14", "000000020000000000000018"));
});

const failure = (type: Failure["type"], message: string): Failure => ({ type, message });
const codes = (state: State): readonly string[] => statusAt(state).problems.map(({ code }) => code);

Deno.test("sentence: nothing has run yet", () => {
  let state = emptyState();
  for (const operation of [backupList, walVerify]) {
    state = changed<unknown>(state, operation, (outcome) => ({ ...outcome, runningSince: NOW - 12_000 }));
  }
  const { summary, recoverable } = statusAt(state);
  assert.deepEqual(summary, {
    level: "unknown",
    word: "Unknown",
    sentence:
      "What is recoverable is not known yet: backup-list and wal-verify run for the first time, for 12 s so far",
  });
  assert.equal(recoverable, undefined);
});

Deno.test("sentence: the first wal-verify is still running", async () => {
  const state = await runCapture("wal-g-3.0.9/healthy");
  const waiting = changed(state, walVerify, () => ({ ...freshOutcome([]), runningSince: NOW - 130_000 }));
  assert.equal(
    statusAt(waiting).summary.sentence,
    "What is recoverable is not known yet: wal-verify runs for the first time, for 2 min so far",
  );
});

Deno.test("sentence: a wal-g that cannot be run is one problem, however many operations it stops", async () => {
  const gone = failure("not_found", "cannot find 'wal-g'; install wal-g or name it with -walg.path=PATH");
  let state = await runCapture("wal-g-3.0.9/healthy");
  for (const operation of ["backup-list", "wal-verify", "storage-check"] as const) {
    state = withFailure(state, operation, gone);
  }
  const { summary, problems, recoverable } = statusAt(state);
  assert.equal(summary.level, "unknown");
  assert.equal(summary.sentence, `wal-g cannot be run: ${gone.message}`);
  assert.equal(problems.length, 1);
  assert.match(recoverable ?? "", /^Recoverable from /);
});

Deno.test("sentence: a failed list says how old the one before it is", async () => {
  const state = withFailure(
    withFailure(
      await runCapture("wal-g-3.0.9/healthy", emptyState(), NOW - 14 * 60_000),
      "backup-list",
      failure("network", "connection refused"),
    ),
    "backup-list",
    failure("network", "connection refused"),
  );
  const { summary, problems } = statusAt(state);
  assert.equal(summary.level, "critical");
  assert.equal(
    summary.sentence,
    "Backups cannot be listed; last answer 14 min ago, 2 failed runs since: connection refused",
  );
  assert.equal(problems[0]?.cause, "connection refused");
  assert.match(problems[0]?.fix ?? "", /storage/);
});

Deno.test("sentence: the storage is down, worst first, the rest after it", async () => {
  let state = await runCapture("wal-g-3.0.9/segment-lost");
  state = withFailure(state, "wal-verify", failure("postgres_down", "no PostgreSQL"));
  state = withFailure(state, "storage-check", failure("network", "no route to host"));
  assert.deepEqual(codes(state), ["storage_down", "wal_verify_failed", "wal_lost", "backup_not_restorable"]);
  assert.match(
    statusAt(state).summary.sentence,
    /^The storage does not answer; last answer 8 s ago, 1 failed run since: /,
  );
});

Deno.test("sentence: the same failure again and again, never an answer", async () => {
  const state = await runCapture("wal-g-3.0.9/postgres-down", await runCapture("wal-g-3.0.9/postgres-down"));
  assert.match(
    statusAt(state).summary.sentence,
    /^wal-verify gives no answer, .* not known; it has not answered since start, 2 failed runs: /,
  );
});

Deno.test("sentence: the newest backup is not restorable", async () => {
  const state = await runCapture("wal-g-3.0.9/two-timelines");
  const until = withBackups(
    state,
    (backups) => backups.filter(({ name }) => name <= "base_00000001000000000000000A_D_000000010000000000000008"),
  );
  const { summary } = statusAt(until);
  assert.equal(summary.level, "critical");
  assert.equal(
    summary.sentence,
    "The newest backup base_00000001000000000000000A_D_000000010000000000000008 is not restorable: " +
      "segment 00000001000000000000000A missing (MISSING_UPLOADING, but later segments are archived)",
  );
});

Deno.test("sentence: no backup is restorable, or none is known to be", async () => {
  const state = await runCapture("wal-g-3.0.9/two-timelines");
  const only = (part: string): State =>
    withBackups(state, (all) => {
      const backups = all.filter(({ name }) => name.startsWith(part));
      assert.equal(backups.length, 1);
      return backups;
    });
  assert.deepEqual(codes(only("base_00000001000000000000000A_D")), [
    "nothing_restorable",
    "wal_lost",
    "full_backup_too_old",
  ]);
  assert.match(
    statusAt(only("base_00000001000000000000000A_D")).summary.sentence,
    /^No backup is restorable; the newest is /,
  );
  assert.match(
    statusAt(only("base_00000001000000000000000A_D")).problems[0]?.fix ?? "",
    /backup-push --full DATA_DIR/,
  );
  assert.deepEqual(codes(only("base_000000020000000000000013")), ["restorable_unknown"]);
  const { summary } = statusAt(only("base_000000020000000000000013"));
  assert.equal(summary.level, "warning");
  assert.match(
    summary.sentence,
    /^It is not known whether any backup can be restored: the newest, base_\S+, is not covered .* was still current; last/,
  );
});

Deno.test("sentence: what waits grows from a warning to critical", async () => {
  const state = await runCapture("wal-g-3.0.9/archiving-stuck-long");
  // Only what is not archived yet is left missing.
  const waiting = answering(state, walVerify, ({ integrity, ...wal }) => {
    const ranges = integrity.ranges.map((range, index) => index === 1 ? { ...range, status: "FOUND" } : range);
    return { ...wal, integrity: { ...integrity, ranges } };
  });
  const { problems, summary } = statusAt(waiting);
  assert.deepEqual(problems.map(({ code, level }) => [code, level]), [["wal_at_risk", "warning"]]);
  assert.match(summary.sentence, /^59 WAL segments after 000000020000000000000018 not archived: losing this host/);
  assert.equal(statusAt(waiting, NOW, { "max-at-risk-segments": "58" }).summary.level, "critical");
});

Deno.test("sentence: never 'to now', in no scenario", async () => {
  for (const scenario of Object.keys(SENTENCES)) {
    const { summary, recoverable = "", problems } = statusAt(await runCapture(scenario));
    for (const text of [summary.sentence, recoverable, ...problems.map(({ sentence }) => sentence)]) {
      assert.doesNotMatch(text, /to now|undefined|NaN|\bnull\b|\n/);
    }
  }
});
