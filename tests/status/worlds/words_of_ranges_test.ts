import assert from "node:assert/strict";
import { aBackup, aVerify } from "../../recovery/builders.ts";
import { recovered, SIZE } from "./support.ts";

// -wal-archive.scrape-interval=0, the world of delta-on-branch: timeline 1 is in the history; wal-verify only does not
// say at which byte it was left.
Deno.test("by wal-verify alone, the reason of a mixed delta does not say that timeline 1 is not in its history", () => {
  const left = aBackup({ timeline: 1, number: 6, size: SIZE });
  const mixed = aBackup({ timeline: 2, number: 11, size: SIZE, parent: left.name });
  const verify = aVerify([
    { timeline: 1, first: 2, statuses: ["FOUND", "FOUND"] },
    { timeline: 2, first: 4, statuses: Array(9).fill("FOUND") },
  ], SIZE);
  const { code, reason } = recovered({ backups: [left, mixed], verify }).of(mixed.name);
  assert.equal(code, "mixed");
  assert.doesNotMatch(reason, /not in its history/);
});
