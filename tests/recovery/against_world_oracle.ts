import assert from "node:assert/strict";
import fc from "fast-check";
import { type recover } from "../../src/recovery/recover.ts";
import { factsOf, type World, world } from "./generated_world.ts";
import { type WorldAnswer, worldOracle } from "./world_oracle.ts";

/** The property: in any world, `recoverUnderTest` says what the oracle says. It throws with a small counterexample. */
export function assertAgreesWithWorld(recoverUnderTest: typeof recover, options: fc.Parameters<[World]>): void {
  fc.assert(
    fc.property(world, (world) => {
      const recovery = recoverUnderTest(factsOf(world));
      if (recovery.segmentSize !== world.size) return;
      const expected = worldOracle(world);
      const answer: WorldAnswer = {
        current: recovery.currentTimeline,
        backups: recovery.backups.map(({ restorable, code, branch, reach }, at) => ({
          restorable,
          codes: expected.backups[at]?.codes.includes(code) ? expected.backups[at].codes : [code],
          branch,
          reach: reach && [reach.lsn, reach.segment, reach.inTheWay],
        })),
        until: recovery.until?.lsn,
        windowStartTime: recovery.windowStartTime,
        lost: recovery.lostSegments,
        atRisk: recovery.atRiskSegments,
        newestOnBranch: recovery.newestOnBranch?.backup.name,
      };
      assert.deepEqual(answer, expected);
    }),
    options,
  );
}
