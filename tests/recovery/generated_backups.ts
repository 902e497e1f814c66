import fc from "fast-check";
import type { Backup } from "../../src/walg/backup_list.ts";
import { aBackup, type Stretch, walName } from "./builders.ts";

/** Generated backups: in, around and beside the history; deltas of deltas, orphans and loops. */
export interface BackupPlan {
  /** Where it starts: segments from the history's oldest one on. */
  readonly at: number;
  /** The history's timeline there, the one before that, or one below, two below or above it. */
  readonly timeline: "current" | "left" | "lower" | "lowest" | "higher";
  /** How many segments it takes besides its first one. */
  readonly more: number;
  /** Where in its last segment it ends; "unknown" for a finish LSN of 0, "before" for one below its start. */
  readonly finish: "inside" | "first byte" | "boundary" | "unknown" | "before";
  readonly finishTime: number;
  readonly permanent: boolean;
  /** The place in the list of the backup that it is a delta of: past its end for none, null for a full backup. */
  readonly parent: number | null;
}

export const backupPlan: fc.Arbitrary<BackupPlan> = fc.record({
  at: fc.oneof({ weight: 5, arbitrary: fc.nat(24) }, { weight: 1, arbitrary: fc.constant(0) }, {
    weight: 1,
    arbitrary: fc.integer({ min: -4, max: 60 }),
  }),
  timeline: fc.oneof(
    { weight: 6, arbitrary: fc.constant("current" as const) },
    { weight: 2, arbitrary: fc.constant("left" as const) },
    { weight: 2, arbitrary: fc.constantFrom("lower" as const, "lowest" as const, "higher" as const) },
  ),
  more: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
  finish: fc.constantFrom("inside", "first byte", "boundary", "unknown", "before"),
  finishTime: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_050 }),
  permanent: fc.constant(false),
  parent: fc.option(fc.nat(13), { freq: 2 }),
});

/** Turns plans into the list that the decoder would give for them. */
export function nameAll(plans: readonly BackupPlan[], history: readonly Stretch[], size: number): Backup[] {
  const starts = plans.map((plan) => startOf(plan, history));
  const specs = plans.map((plan, at) => {
    const { timeline, number } = starts[at] ?? { timeline: 1, number: 1 };
    const parent = plan.parent === null ? undefined : starts[plan.parent] ?? { timeline, number: 1 };
    return {
      timeline,
      number,
      size,
      ...(parent === undefined ? {} : { parent: "", parentWalFile: walName(parent.timeline, parent.number, size) }),
      suffix: `_${at.toString(16).toUpperCase().padStart(8, "0")}`,
      finishLsn: finishLsn(plan, number, size),
      finishTime: plan.finishTime,
      permanent: plan.permanent,
    };
  });
  const names = specs.map((spec) => aBackup(spec).name);
  return specs.map((spec, at) => {
    const parent = plans[at]?.parent;
    return aBackup(typeof parent === "number" ? { ...spec, parent: names[parent] ?? "" } : spec);
  });
}

function startOf({ at, timeline }: BackupPlan, history: readonly Stretch[]): { timeline: number; number: number } {
  const number = Math.max(1, (history[0]?.first ?? 5) + at);
  const here = Math.max(0, history.findLastIndex(({ first }) => first <= number));
  const current = history[here]?.timeline ?? 1;
  if (timeline === "left") return { timeline: history[here - 1]?.timeline ?? current, number };
  if (timeline === "lower") return { timeline: Math.max(1, current - 1), number };
  if (timeline === "lowest") return { timeline: Math.max(1, current - 2), number };
  return { timeline: timeline === "higher" ? current + 1 : current, number };
}

function finishLsn({ more, finish }: BackupPlan, number: number, size: number): bigint {
  if (finish === "unknown") return 0n;
  if (finish === "before") return 1n;
  const lastSegment = BigInt(number + more) * BigInt(size);
  if (finish === "boundary") return lastSegment + BigInt(size);
  return lastSegment + (finish === "first byte" ? 1n : 0x100n);
}
