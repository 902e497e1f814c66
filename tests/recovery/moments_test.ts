import assert from "node:assert/strict";
import fc from "fast-check";
import { courseOf, ownSegments } from "../../src/recovery/history.ts";
import { addPosition, momentsOf, MOST_POSITIONS, type Position } from "../../src/recovery/moments.ts";
import { aBackup, aVerify, type BackupSpec, MiB, walName } from "./builders.ts";

const size = 16 * MiB;
const course = courseOf(1, new Map(), size);

function at(
  number: number,
  archived: number | undefined,
  specs: readonly BackupSpec[],
  positions: readonly Position[],
) {
  const list = specs.map((spec) => aBackup(spec));
  const own = ownSegments(list, size);
  const backups = list.flatMap((backup, index) => {
    const segments = own[index];
    return segments === undefined ? [] : [{ backup, own: segments }];
  });
  return momentsOf({ backups, positions, course, size })(number, archived);
}

const seen = (last: number, firstTime: number, lastTime = firstTime): Position => {
  return { timeline: 1, segment: walName(1, last, size), firstTime, lastTime };
};

Deno.test("a segment's moment is when it was archived, but no later than the cluster was seen beyond it", () => {
  assert.deepEqual(at(7, 5000, [], []), { moment: 5000 });
  // Seen in segment 8 at 4000: what came to 7 was committed before.
  assert.deepEqual(at(7, 5000, [], [seen(7, 4000)]), { moment: 4000 });
  // Seen in segment 7 until 4500: until then it is certain.
  assert.deepEqual(at(7, 5000, [], [seen(6, 3000, 4500)]), { certain: 4500, moment: 5000 });
  assert.deepEqual(at(7, 5000, [], [seen(6, 3000, 6000)]), { certain: 6000, moment: 6000 });
  const backup = { timeline: 1, number: 9, size, finishTime: 3000 };
  assert.deepEqual(at(7, 5000, [backup], []), { moment: 2000 });
  assert.deepEqual(at(9, 5000, [backup], []), { certain: 3000, moment: 5000 });
  assert.deepEqual(at(9, undefined, [backup], []), { certain: 3000 });
});

Deno.test("a backup that waited in a jam for its last segment says nothing of later commits", () => {
  const waited = { timeline: 1, number: 5, size, finishTime: 900_000 };
  // wal-verify saw the cluster in segment 8 long before that backup ended.
  assert.deepEqual(at(5, 890_000, [waited], [seen(7, 10_000)]), { certain: 899_000, moment: 899_000 });
  const started = { ...aBackup(waited), startTime: 1000 };
  const [own] = ownSegments([started], size);
  assert.ok(own !== undefined);
  const moment = momentsOf({ backups: [{ backup: started, own }], positions: [seen(7, 10_000)], course, size });
  assert.deepEqual(moment(5, 890_000), { certain: 10_000, moment: 10_000 });
});

Deno.test("where the cluster was on another branch says nothing", () => {
  const parents = new Map([[2, { timeline: 1, switchLsn: BigInt(5 * size + 1) }]]);
  const moment = momentsOf({ backups: [], positions: [seen(7, 1000)], course: courseOf(2, parents, size), size });
  assert.deepEqual(moment(6, 5000), { moment: 5000 });
});

Deno.test("positions: one for each place, at most some thousand, and none of another system", () => {
  const verify = (last: number, timeline = 1) => aVerify([{ timeline, first: last, statuses: ["FOUND"] }], size);
  let positions = addPosition([], verify(5), 100);
  positions = addPosition(positions, verify(5), 200);
  positions = addPosition(positions, verify(6), 300);
  assert.deepEqual(positions, [seen(5, 100, 200), seen(6, 300)]);
  assert.equal(addPosition(positions, aVerify([], size), 400), positions);
  assert.deepEqual(addPosition(positions, verify(3), 400), [seen(3, 400)]);
  assert.equal(addPosition(positions, verify(4, 2), 400).length, 3);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), (step) => {
      let kept: readonly Position[] = [];
      for (let nth = 0; nth < 3 * MOST_POSITIONS; nth++) kept = addPosition(kept, verify(10 + nth * step), nth);
      assert.ok(kept.length <= MOST_POSITIONS);
      assert.equal(kept[0]?.firstTime, 0);
      assert.deepEqual([...kept].sort((a, b) => a.firstTime - b.firstTime), kept);
    }),
    { numRuns: 3 },
  );
});
