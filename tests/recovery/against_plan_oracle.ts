import assert from "node:assert/strict";
import fc from "fast-check";
import type { planOf } from "../../src/recovery/plan.ts";
import type { assess } from "../../src/recovery/recover.ts";
import type { Target } from "../../src/recovery/target.ts";
import { factsOf, type World, world } from "./generated_world.ts";
import { type Play, playWorld } from "./world_oracle.ts";

/** The code under test. */
export interface Planning {
  readonly assess: typeof assess;
  readonly planOf: typeof planOf;
}

/** After everything in a generated world. */
const NOW = 1_800_000_000_000;

/**
 * The property: in any world, the plan for any LSN and for the latest state is what the oracle finds. It throws with a
 * small counterexample.
 */
export function assertPlansInWorlds(
  { assess, planOf }: Planning,
  options: fc.Parameters<[World, number, number]>,
): void {
  fc.assert(
    fc.property(world, fc.nat(100), fc.nat(100), (world, part, offset) => {
      const facts = factsOf(world);
      const assessment = assess(facts);
      if (assessment.recovery.segmentSize !== world.size) return;
      const play = playWorld(world);
      const plan = (target: Target, backup?: string) =>
        planOf({ target, backup }, { assessment, archive: facts.archive, now: NOW });

      const lsn = aimedAt(play, world, part, offset);
      for (const target of [{ kind: "latest" }, { kind: "lsn", lsn }] as const) {
        const made = plan(target);
        const expected = expectedPlan(play, world, target);
        assert.deepEqual([made.possible, made.way?.backup.name], [expected.possible, expected.backup], made.reason);
        if (made.way === undefined) continue;
        const { backup, timeline, inTheWay, reach } = made.way;
        const along = play.replayAlong(backup, timeline);
        const whole = play.replayAlong(backup, play.answer.current ?? 0);
        assert.ok(along !== undefined && whole !== undefined, "PostgreSQL starts from that backup to that timeline");
        assert.equal(reach.lsn, whole[0]);
        if (target.kind === "latest") {
          assert.deepEqual(along.slice(0, 2), whole.slice(0, 2), `along timeline ${timeline}`);
          assert.equal(inTheWay?.segment, along[2]);
        } else {
          assert.ok(target.lsn < along[0], `along timeline ${timeline}`);
          const current = play.answer.current ?? 0;
          assert.equal(play.writtenOn(target.lsn, timeline), play.writtenOn(target.lsn, current));
        }
      }
      for (const [at, backup] of play.backups.entries()) {
        const restorable = play.answer.backups[at]?.restorable;
        const codes = play.answer.backups[at]?.codes ?? [];
        const isOther = codes.includes("other_system");
        const expected = codes.includes("restorable") ? true : isOther || restorable !== undefined ? false : undefined;
        assert.equal(plan({ kind: "latest" }, backup.name).possible, expected, backup.name);
      }
    }),
    options,
  );
}

/** An LSN that matters: around where a backup finished, or where a reach ends. */
function aimedAt({ answer, backups }: Play, { size }: World, part: number, offset: number): bigint {
  const edges = [
    ...backups.map(({ finishLsn }) => finishLsn),
    ...answer.backups.flatMap(({ reach }) => reach ? [reach[0]] : []),
  ];
  const edge = edges[part % edges.length] ?? 0n;
  const steps = [-1n, 0n, 1n, BigInt(size), -BigInt(size), BigInt(size) / 2n];
  const aimed = edge + (steps[offset % steps.length] ?? 0n);
  return aimed < 0n ? 0n : aimed;
}

function expectedPlan({ answer, backups }: Play, { isSecondListed }: World, target: Target): {
  readonly possible: boolean | undefined;
  readonly backup: string | undefined;
} {
  const no = (possible: false | undefined) => ({ possible, backup: undefined });
  const isDone = (at: number): boolean => target.kind !== "lsn" || (backups[at]?.finishLsn ?? 0n) <= target.lsn;
  const all = answer.backups.map((verdict, at) => ({ ...verdict, at, name: backups[at]?.name ?? "" }));
  const usable = all.filter(({ codes, reach }) => codes.includes("restorable") && reach !== undefined);
  const fit = usable.filter(({ at, reach }) => {
    return target.kind === "lsn" ? isDone(at) && target.lsn < (reach?.[0] ?? 0n) : reach?.[0] === answer.until;
  });
  // In these worlds a later backup finished later.
  const best = fit.at(-1);
  if (best !== undefined) return { possible: true, backup: best.name };
  const doubts = all.filter(({ restorable, codes }) => restorable === undefined && !codes.includes("other_system"));
  if (usable.length === 0) return no(doubts.length > 0 ? undefined : false);
  if (doubts.some(({ at }) => isDone(at))) return no(undefined);
  const done = usable.filter(({ at }) => isDone(at));
  if (done.length === 0) return no(false);
  const farthest = done.reduce((a, b) => (b.reach?.[0] ?? 0n) > (a.reach?.[0] ?? 0n) ? b : a);
  // What the first storage has and PostgreSQL cannot use ends it, whatever the second one has.
  return no(!isSecondListed && farthest.reach?.[2] === undefined ? undefined : false);
}
