import assert from "node:assert/strict";
import fc from "fast-check";
import type { Plan } from "../../src/recovery/plan.ts";
import type { Planning } from "./against_plan_oracle.ts";
import { type Event, story, tell } from "./stories.ts";

/**
 * The property: whatever happened to a cluster, a plan for a time restores just what was committed until then, no newer
 * backup would do, and what is called not possible is not. It throws with a small counterexample.
 */
export function assertPlansInStories(
  { assess, planOf }: Planning,
  options: fc.Parameters<[readonly Event[], number]>,
): void {
  fc.assert(
    fc.property(story, fc.nat(300), (events, place) => {
      const { facts, history, now, moments, recoverTo } = tell(events);
      const assessment = assess(facts);
      const { recovery } = assessment;
      const current = recovery.currentTimeline ?? 0;
      if (recovery.backups.length === 0 || recovery.segmentSize !== 1024 * 1024) return;
      const plan = (time: number): Plan =>
        planOf({ target: { kind: "time", time, isZoneAssumed: false } }, { assessment, archive: facts.archive, now });
      const time = moments[place % moments.length] ?? now;
      const wanted = history.filter((commit) => commit.time <= time);
      const made = plan(time);
      const usable = recovery.backups.filter(({ backup }) => backup.finishTime <= time);
      if (made.possible === true) {
        const { backup, timeline, reach, inTheWay } = made.way ?? assert.fail("a possible plan has a way");
        const at = recovery.backups.find((judged) => judged.backup === backup);
        assert.ok(at?.code === "restorable" && backup.finishTime <= time, "it is restorable, and had ended");
        const got = recoverTo(backup, timeline, time);
        assert.ok(got !== undefined, "PostgreSQL starts");
        const object = inTheWay?.segment.slice(0, 8) ?? "0";
        assert.ok(parseInt(object, 16) <= timeline, "only what is asked for is removed");
        // Where it ends without a later transaction, all that is archived of that history is there.
        if (made.code === "certain" || got.isReached) assert.deepEqual(got.commits, wanted, made.reason);
        else assert.deepEqual(got.commits, wanted.slice(0, got.commits.length), made.reason);
        assert.ok(time <= (reach.moment ?? reach.certain ?? -1));
        const better = usable.filter((other) => other.backup.finishTime > backup.finishTime);
        for (const other of better) {
          assert.equal(recoverTo(other.backup, current, time)?.isReached ?? false, false, other.backup.name);
        }
      } else {
        assert.equal(made.possible, false, made.reason);
        for (const { backup } of usable) {
          assert.equal(recoverTo(backup, current, time)?.isReached ?? false, false, `${backup.name}: ${made.reason}`);
        }
        const { before, after } = made;
        for (const point of [before, after]) {
          if (point?.time !== undefined) assert.equal(plan(point.time).possible, true, `the nearest: ${point.time}`);
        }
        const nearer = moments.filter((other) => other > (before?.time ?? -1) && other < (after?.time ?? Infinity));
        for (const other of nearer.slice(0, 20)) assert.notEqual(plan(other).possible, true, `nearer: ${other}`);
      }
    }),
    options,
  );
}
