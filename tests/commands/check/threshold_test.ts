import assert from "node:assert/strict";
import fc from "fast-check";
import { judge } from "../../../src/commands/check/judge.ts";
import {
  levelOf,
  LEVELS,
  type Measure,
  type Threshold,
  type Thresholds,
} from "../../../src/commands/check/judgement.ts";
import { CHECK_FLAGS, readCheckOptions } from "../../../src/commands/check/check.ts";
import { UsageError } from "../../../src/base/flag.ts";
import { parseFlags } from "../../../src/cli/parse.ts";
import { runCapture, statusAt } from "../../status/scenario.ts";

const NONE: Thresholds = { backup_age: {}, full_backup_age: {}, recovery_window: {}, at_risk_segments: {} };

function options(...args: string[]) {
  return readCheckOptions(parseFlags(args, CHECK_FLAGS).given);
}

Deno.test("no threshold is set by default", () => {
  assert.deepEqual(options(), { thresholds: NONE, format: "text" });
});

Deno.test("each threshold is read with its twin: durations in seconds, segments as they are", () => {
  const { thresholds, format } = options(
    "--max-backup-age=26h",
    "-warn-backup-age",
    "25h30m",
    "--max-full-backup-age=200h",
    "--warn-full-backup-age=170h",
    "--min-recovery-window=168h",
    "--warn-recovery-window=192h",
    "--max-at-risk-segments=64",
    "--warn-at-risk-segments=16",
    "--format=json",
  );
  assert.deepEqual(thresholds, {
    backup_age: { warn: 91_800, critical: 93_600 },
    full_backup_age: { warn: 612_000, critical: 720_000 },
    recovery_window: { warn: 691_200, critical: 604_800 },
    at_risk_segments: { warn: 16, critical: 64 },
  });
  assert.equal(format, "json");
});

for (
  const [args, message] of [
    [["-max-backup-age=1w"], /^-max-backup-age: Cannot parse duration '1w': unknown unit 'w'; use ms, s, m, h or d$/],
    [["-max-at-risk-segments=many"], /^-max-at-risk-segments: 'many' must be an integer, 0 or greater$/],
    [
      ["-max-backup-age=1h", "-warn-backup-age=2h"],
      /^-warn-backup-age must be below -max-backup-age, or its warning would never be seen$/,
    ],
    [
      ["-min-recovery-window=2h", "-warn-recovery-window=1h"],
      /^-warn-recovery-window must be above -min-recovery-window, or its warning would never be seen$/,
    ],
    [["-format=xml"], /^-format: 'xml' is none of text, json$/],
  ] as const
) {
  Deno.test(`${args.join(" ")} is refused in one line`, () => {
    assert.throws(() => options(...args), (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

const ceiling = fc.constantFrom<Measure>("backup_age", "full_backup_age", "at_risk_segments");
const amount = fc.nat(1_000_000);

Deno.test("a value at its threshold is fine, one beyond it is not; critical outweighs warning", () => {
  fc.assert(fc.property(ceiling, amount, amount, (measure, a, b) => {
    const [warn, critical] = [Math.min(a, b), Math.max(a, b)];
    const threshold: Threshold = { warn, critical };
    assert.equal(levelOf(measure, warn, threshold), "ok");
    assert.equal(levelOf(measure, critical + 1, threshold), "critical");
    assert.equal(levelOf(measure, warn + 1, threshold), warn < critical ? "warning" : "critical");
    assert.equal(levelOf(measure, critical + 1, {}), "ok");
  }));
  fc.assert(fc.property(amount, amount, (a, b) => {
    const [critical, warn] = [Math.min(a, b), Math.max(a, b)];
    assert.equal(levelOf("recovery_window", warn, { warn, critical }), "ok");
    assert.equal(levelOf("recovery_window", critical - 1, { warn, critical }), "critical");
    assert.equal(levelOf("recovery_window", warn - 1, { warn, critical }), critical < warn ? "warning" : "critical");
  }));
});

Deno.test("tightening a threshold never makes a verdict better", async () => {
  const status = statusAt(await runCapture("wal-g-3.0.9/healthy"));
  fc.assert(fc.property(fc.nat(30_000), fc.nat(30_000), (a, b) => {
    const at = (critical: number): number => LEVELS.indexOf(judge(status, { ...NONE, backup_age: { critical } }).level);
    assert.ok(at(Math.min(a, b)) >= at(Math.max(a, b)));
  }));
});
