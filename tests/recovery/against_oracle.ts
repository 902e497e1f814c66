import assert from "node:assert/strict";
import fc from "fast-check";
import { type recover } from "../../src/recovery/recover.ts";
import { type Recovery } from "../../src/recovery/recovery.ts";
import { type Cluster, cluster } from "./generated_cluster.ts";
import { type Answer, ANY, oracle } from "./oracle.ts";

/** The property: on any cluster, `recoverUnderTest` says what the oracle says. It throws with a small counterexample. */
export function assertAgreesWithOracle(recoverUnderTest: typeof recover, options: fc.Parameters<[Cluster]>): void {
  fc.assert(
    fc.property(cluster, ({ backups, verify, size }) => {
      const recovery = recoverUnderTest({ backups: backups, verify: verify });
      const expected = oracle(backups, verify, size);
      if (backups.length > 0) assert.equal(recovery.segmentSize, size);
      assert.deepEqual(inItsWords(recovery, expected), expected);
    }),
    options,
  );
}

/** A recovery as the oracle would put it; a reason that does not begin and name what it must is shown as it is. */
function inItsWords(recovery: Recovery, expected: Answer): Answer {
  const { until, windowStartTime, windowKnown, atRiskSegments, lostSegments } = recovery;
  return {
    backups: recovery.backups.map(({ backup, restorable, reason, reach }, at) => {
      const [start = "", ...named] = expected.backups[at]?.reason ?? [];
      const fits = start === ANY || (start === "" ? reason === "" : reason.startsWith(start)) &&
          named.every((name) => reason.includes(name));
      return {
        name: backup.name,
        restorable,
        reason: fits ? [start, ...named] : [reason],
        reach: reach === undefined ? undefined : [reach.lsn, reach.segment],
      };
    }),
    until: until === undefined ? undefined : [until.lsn, until.segment],
    windowStartTime,
    windowKnown,
    atRisk: atRiskSegments,
    lost: lostSegments,
  };
}
