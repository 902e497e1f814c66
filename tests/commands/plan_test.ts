import assert from "node:assert/strict";
import { runCli } from "./run_cli.ts";

const ENV = { WALG_STANDIN_SCENARIO: "archive-wal-g-3.0.9/switched", WALG_STANDIN_SHIFT_TO: "1709251199" };

const TABLESPACES = /^Whether there are tablespaces is not known: .*, over what is there, wherever PGDATA is/;

async function plan(...flags: readonly string[]) {
  return await runCli(["plan", ...flags], { env: ENV });
}

Deno.test("plan: bad targets are one line on stderr and status 2", async () => {
  for (
    const [flag, message] of [
      ["-to=yesterday", /^walg-exporter: -to: 'yesterday' is not a point in time: write for example .+, or latest\n$/],
      ["-to=2026-13-40", /^walg-exporter: -to: '2026-13-40' is not a point in time: there is no month 13\n$/],
      ["-to-lsn=12", /^walg-exporter: -to-lsn: '12' is not an LSN; write for example 0\/9000148\n$/],
      ["-to=", /^walg-exporter: -to: it is empty; leave it out\n$/],
      ["-to-lsn= ", /^walg-exporter: -to-lsn: it is empty; leave it out\n$/],
      ["-backup=", /^walg-exporter: -backup: it is empty; leave it out\n$/],
      ["-timeline=0", /^walg-exporter: -timeline: '0' is not a timeline; write its number, such as 1\n$/],
    ] as const
  ) {
    const { code, stdout, stderr } = await plan(flag);
    assert.deepEqual([code, stdout], [2, ""], flag);
    assert.match(stderr, message);
  }
});

Deno.test("plan: the latest, a time, one without a zone, the future, before the first backup", async () => {
  const latest = await plan("-format=json");
  assert.equal(latest.code, 0, latest.stderr);
  const { backup, steps, wal_segments, timeline, warnings } = JSON.parse(latest.stdout);
  assert.match(warnings.at(-1), TABLESPACES);
  assert.equal(backup, "base_000000020000000000000017");
  assert.deepEqual([steps.length, wal_segments, timeline], [5, 3, 2]);

  const early = await plan("-to=2001-01-01T00:00:00");
  assert.equal(early.code, 2);
  assert.match(
    early.stdout,
    /^NOT POSSIBLE: 2001-01-01T00:00:00Z is before the first restorable backup, which finished at /,
  );
  assert.match(early.stdout, /^Note: The target names no time zone: it is taken as UTC$/m);
  const [, first = ""] = /^Nearest after: (\S+Z) \(LSN 0\/2000100\)$/m.exec(early.stdout) ?? [];

  const time = await plan(`-to=${first}`);
  assert.equal(time.code, 0, time.stdout);
  assert.match(time.stdout, /^POSSIBLE: .+ can be recovered: all that was committed until then is archived\n/);
  assert.match(time.stdout, new RegExp(`^Note: ${TABLESPACES.source.slice(1)}`, "m"));
  assert.match(time.stdout, /^ *recovery_target_timeline = '1'$/m);

  const future = await plan("-to=2999-01-01T00:00:00Z");
  assert.equal(future.code, 2);
  assert.match(future.stdout, /^NOT POSSIBLE: 2999-01-01T00:00:00Z is in the future: it is /);
  assert.match(future.stdout, /^Nearest before: /m);
});

Deno.test("plan: a branch only along its own timeline, by a number", async () => {
  const { code, stdout } = await plan("-backup=base_000000010000000000000018", "-format=json");
  assert.equal(code, 0, stdout);
  assert.deepEqual([JSON.parse(stdout).timeline, JSON.parse(stdout).wal_last_segment], [1, "00000001000000000000001A"]);
  const lsn = await plan("-to-lsn=0/19000000", "-timeline=1", "-format=json");
  assert.equal(JSON.parse(lsn.stdout).timeline, 1);
  assert.equal((await plan("-timeline=9")).code, 2);
  assert.equal((await plan("-backup=base_none")).code, 2);
});

Deno.test("plan: not known where the backups cannot be listed", async () => {
  const env = { WALG_STANDIN_SCENARIO: "wal-g-3.0.9/storage-unlistable" };
  const { code, stdout, stderr } = await runCli(["plan"], { env });
  assert.equal(code, 3);
  assert.match(stdout, /^NOT KNOWN: backup-list failed: /);
  assert.match(stderr, /backup-list failed/);
  const script = await runCli(["plan", "-format=sh"], { env });
  assert.match(script.stdout, /^PLAN_POSSIBLE='unknown'$/m);
});
