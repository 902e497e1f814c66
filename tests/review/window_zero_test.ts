import assert from "node:assert/strict";
import { recoveryWindowSeconds } from "../../src/recovery/window.ts";
import { aBackup } from "../recovery/builders.ts";
import { archiveOf, MINUTE, NOW, recovered, segments, SIZE } from "./support.ts";

// The first storage cannot be reached, so of nothing that is not found anything is known; one old delta has lost its parent.
const full = aBackup({ timeline: 1, number: 6, size: SIZE, finishTime: NOW - 60 * MINUTE });
const orphan = aBackup({
  timeline: 1,
  number: 4,
  size: SIZE,
  finishTime: NOW - 90 * MINUTE,
  parent: "",
  parentWalFile: "000000010000000000000002",
});

Deno.test("the window is not 0 where it is not known whether the newest full backup is restorable", () => {
  const recovery = recovered({
    backups: [orphan, full],
    archive: archiveOf(segments(1, 8, 9), { unlisted: ["default"], storages: ["second"] }),
  });
  assert.equal(recovery.of(full.name).restorable, undefined);
  assert.equal(recovery.of(orphan.name).restorable, false);
  assert.equal(recoveryWindowSeconds(recovery, NOW), undefined);
});
