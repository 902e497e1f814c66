import assert from "node:assert/strict";
import fc from "fast-check";
import { recover } from "../../src/recovery/recover.ts";
import { aBackup, aVerify, MiB, walName } from "../recovery/builders.ts";

const SIZE = 16 * MiB;

Deno.test("lost: names the oldest and the newest hole since the oldest backup, whatever WAL-G calls it", () => {
  const status = fc.constantFrom("FOUND", "MISSING_LOST", "MISSING_UPLOADING");
  fc.assert(fc.property(fc.array(status, { minLength: 1, maxLength: 30 }), fc.nat(29), (statuses, from) => {
    const first = 5;
    const verify = aVerify([{ timeline: 3, first, statuses }], SIZE);
    const recovery = recover({ backups: [aBackup({ timeline: 3, number: first + from, size: SIZE })], verify });
    const newestFound = statuses.lastIndexOf("FOUND");
    const lost = statuses.flatMap((status, at) =>
      status !== "FOUND" && at >= from && at < newestFound ? [walName(3, first + at, SIZE)] : []
    );
    const expected = lost.length === 0 ? undefined : { first: lost[0], last: lost.at(-1) };
    assert.equal(recovery.lostSegments, lost.length);
    assert.deepEqual(recovery.lost && { first: recovery.lost.first, last: recovery.lost.last }, expected);
  }));
});
