import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/base/flag.ts";
import { parseFlags } from "../../src/cli/parse.ts";
import { EXPORTER_FLAGS, readConfig } from "../../src/commands/config.ts";
import { CHECK } from "../../src/commands/check/check.ts";
import { ONCE } from "../../src/commands/once.ts";
import { levelBeyond, LIMIT_FLAGS, LIMITS, type Limits, type Measure } from "../../src/operations/limits.ts";

function limits(...args: string[]): Limits {
  return readConfig(parseFlags(args, EXPORTER_FLAGS).given).limits;
}

function refused(args: readonly string[], message: RegExp): void {
  assert.throws(() => limits(...args), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

const HOUR = 3600;
const DAY = 24 * HOUR;

Deno.test("limits: the defaults", () => {
  const { answer_age, ...measures } = limits();
  assert.deepEqual(measures, {
    backup_age: { warning: 26 * HOUR, critical: 50 * HOUR },
    full_backup_age: { warning: 8 * DAY },
    recovery_window: {},
    rpo: { warning: 15 * 60, critical: HOUR },
    at_risk_segments: { warning: 16, critical: 256 },
    drill_age: { warning: 35 * DAY },
    acceptHolesBefore: undefined,
  });
  assert.deepEqual(answer_age.get("wal-verify"), { warning: 900, critical: HOUR });
  assert.deepEqual(answer_age.get("storage-check"), { warning: 90, critical: 360 });
});

Deno.test("limits: serve, check and once have the same flags, with the same defaults", () => {
  for (const { flags } of [{ flags: EXPORTER_FLAGS }, CHECK, ONCE]) {
    for (const flag of LIMIT_FLAGS) assert.ok(flags.includes(flag), flag.name);
  }
});

Deno.test("limits: each is read, as a duration, a count, or in intervals; days count, too", () => {
  const read = limits(
    "--max-backup-age=26h",
    "-warn-backup-age",
    "25h30m",
    "--max-full-backup-age=9d",
    "--min-recovery-window=7d",
    "--warn-recovery-window=8d",
    "--max-at-risk-segments=64",
    "--warn-at-risk-segments=0",
    "-warn-rpo=90s",
    "-max-rpo=1d12h",
    "-warn-answer-age=2x",
    "-max-answer-age=1d",
    "-wal-verify.scrape-interval=10m",
    "-accept-holes-before=2026-11-23",
  );
  assert.deepEqual(read.backup_age, { warning: 91_800, critical: 93_600 });
  assert.deepEqual(read.full_backup_age, { warning: 8 * DAY, critical: 9 * DAY });
  assert.deepEqual(read.recovery_window, { warning: 8 * DAY, critical: 7 * DAY });
  assert.deepEqual(read.at_risk_segments, { warning: 0, critical: 64 });
  assert.deepEqual(read.rpo, { warning: 90, critical: 36 * HOUR });
  assert.deepEqual(read.answer_age.get("wal-verify"), { warning: 1200, critical: DAY });
  assert.equal(read.acceptHolesBefore, Date.parse("2026-11-23T00:00:00Z"));
  assert.equal(
    limits("-accept-holes-before=2026-11-23T04:00:00+01:00").acceptHolesBefore,
    Date.parse("2026-11-23T03:00:00Z"),
  );
});

Deno.test("limits: none switches each of them off", () => {
  for (const [name, { warning: [warning], critical: [critical] }] of Object.entries(LIMITS)) {
    const read = limits(`-${warning}=none`, `-${critical}=none`);
    const limit = name === "answer_age" ? read.answer_age.get("backup-list") : read[name as Measure];
    assert.deepEqual(limit, {}, name);
  }
  assert.equal(limits("-accept-holes-before=none").acceptHolesBefore, undefined);
});

Deno.test("limits: a default warning that a stricter critical limit hides is dropped, in silence", () => {
  assert.deepEqual(limits("-max-backup-age=26h").backup_age, { critical: 26 * HOUR });
  assert.deepEqual(limits("-max-backup-age=20h").backup_age, { critical: 20 * HOUR });
});

for (
  const [args, message] of [
    [
      ["-max-backup-age=1y"],
      /^-max-backup-age: Cannot parse duration '1y': unknown unit 'y'; use ms, s, m, h or d, or none$/,
    ],
    [["-max-backup-age="], /^-max-backup-age: Cannot parse duration '': it is empty/],
    [["-warn-rpo=-5m"], /^-warn-rpo: '-5m' is negative; it must be 0 or greater, or none$/],
    [["-max-at-risk-segments=many"], /^-max-at-risk-segments: 'many' must be an integer, 0 or greater, or none$/],
    [["-max-at-risk-segments=1.5"], /^-max-at-risk-segments: '1.5' must be an integer, 0 or greater, or none$/],
    [["-warn-answer-age=x"], /^-warn-answer-age: Cannot parse duration 'x': .*, 3x for three intervals, or none$/],
    [
      ["-max-backup-age=1h", "-warn-backup-age=2h"],
      /^-warn-backup-age=2h must be below -max-backup-age=1h, or its warning would never be seen$/,
    ],
    [["-max-rpo=1h", "-warn-rpo=1h"], /^-warn-rpo=1h must be below -max-rpo=1h, or its warning would never be seen$/],
    [
      ["-warn-backup-age=8d"],
      /^-warn-backup-age=8d must be below -max-backup-age=50h, which is so by default; set that too, or to none, or its /,
    ],
    [
      ["-min-recovery-window=2h", "-warn-recovery-window=1h"],
      /^-warn-recovery-window=1h must be above -min-recovery-window=2h, or its warning would never be seen$/,
    ],
    [["-warn-answer-age=13x"], /^-warn-answer-age=13x must be below -max-answer-age=12x, which is so by default/],
    [["-accept-holes-before=yesterday"], /^-accept-holes-before: 'yesterday' is not a time; write for example 2026-/],
    [["-accept-holes-before=2026-13-01"], /^-accept-holes-before: '2026-13-01' is not a time/],
    [["-accept-holes-before=2026-02-30"], /^-accept-holes-before: '2026-02-30' is not a time/],
    [["-accept-holes-before=2999-01-01"], /^-accept-holes-before: 2999-01-01 is in the future; /],
  ] as const
) {
  Deno.test(`limits: ${args.join(" ")} is refused in one line`, () => refused(args, message));
}

Deno.test("limits: a value at its limit is fine, one beyond it is not; critical outweighs warning", () => {
  const ceiling = fc.constantFrom<Measure>("backup_age", "full_backup_age", "rpo", "at_risk_segments");
  const amount = fc.nat(1_000_000);
  fc.assert(fc.property(ceiling, amount, amount, (measure, a, b) => {
    const [warning, critical] = [Math.min(a, b), Math.max(a, b)];
    const limit = { warning, critical };
    assert.equal(levelBeyond(measure, warning, limit), undefined);
    assert.equal(levelBeyond(measure, critical + 1, limit), "critical");
    assert.equal(levelBeyond(measure, warning + 1, limit), warning < critical ? "warning" : "critical");
    assert.equal(levelBeyond(measure, critical + 1, {}), undefined);
  }));
  fc.assert(fc.property(amount, amount, (a, b) => {
    const [critical, warning] = [Math.min(a, b), Math.max(a, b)];
    const limit = { warning, critical };
    assert.equal(levelBeyond("recovery_window", warning, limit), undefined);
    assert.equal(levelBeyond("recovery_window", critical - 1, limit), "critical");
    assert.equal(
      levelBeyond("recovery_window", warning - 1, limit),
      critical < warning ? "warning" : "critical",
    );
  }));
});
