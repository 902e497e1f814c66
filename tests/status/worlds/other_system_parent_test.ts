import assert from "node:assert/strict";
import { aBackup } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, recovered, segments, SIZE, statusOf } from "./support.ts";

// As in the capture two-systems: the other system's full backup overwrote base_…02. But here the first system lives on
// and takes the next delta: it was built on the base_…02 that is no longer there; what is there now is another database's.
const OTHER = 7_712_508_356_758_163_383n;
const full = aBackup({
  timeline: 1,
  number: 2,
  size: SIZE,
  finishTime: NOW - 60 * MINUTE,
  systemIdentifier: OTHER,
});
const delta = aBackup({ timeline: 1, number: 5, size: SIZE, finishTime: NOW - 30 * MINUTE, parent: full.name });

Deno.test("a delta on a full backup of another system is not restorable", () => {
  const archive = archiveOf(segments(1, 2, 9));
  assert.equal(recovered({ backups: [full, delta], archive }).of(delta.name).restorable, false);
  const status = statusOf({ backups: [full, delta], archive });
  assert.ok(codes(status).some((code) => code.startsWith("critical")), codes(status).join());
});
