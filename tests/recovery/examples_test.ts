import assert from "node:assert/strict";
import { recover } from "../../src/recovery/recover.ts";
import { formatLsn } from "../../src/walg/segment.ts";
import { draw } from "../../tools/draw_recovery/drawing.ts";
import { EXAMPLES } from "./examples.ts";

const DOCS = new URL("../../docs/", import.meta.url);

/** For each example: who is restorable, the reach, the WAL file that the window starts in, lost, at risk. */
const EXPECTED: Readonly<Record<string, readonly unknown[]>> = {
  "healthy": [[true, true, true, true], "0/E000000", "04", 0, 0],
  "postgres-down": [[true, true, true], "0/E000000", "04", 0, 0],
  "segment-lost": [[true, true, false, true], "0/F000000", "0B", 1, 0],
  "uploading": [[true, true, true], "0/E000000", "0B", 1, 0],
  "delta-without-parent": [[false, false, true, true], "0/E000000", "09", 0, 0],
  "promotion": [[true, true, true], "0/E000000", "04", 0, 0],
  "branch": [[true, true, true], "0/E000000", "04", 0, 0],
  "mixed-delta": [[true, true, false], "0/E000000", "04", 0, 0],
  "two-systems": [[undefined, undefined, true, true], "0/E000000", "0A", 0, 0],
  "archiving-stuck": [[true, true], "0/A000000", "04", 0, 60],
  "failover-storages": [[true, true, true], "0/C000000", "04", 0, 0],
  "permanent-older": [[undefined, true, true, true], "0/28000000", "20", 0, 0],
  "empty-storage": [[], undefined, undefined, 0, undefined],
};

Deno.test("the examples of the documentation show what it says", () => {
  const shown = EXAMPLES.map(({ file, facts }) => {
    const recovery = recover(facts);
    const { untilLsn, windowStartTime, lostSegments, atRiskSegments } = recovery;
    const starter = facts.backups.find(({ finishTime }) => finishTime === windowStartTime);
    const reach = untilLsn === undefined ? undefined : formatLsn(untilLsn);
    const restorable = recovery.backups.map((backup) => backup.restorable);
    return [file, [restorable, reach, starter?.walFile.slice(-2), lostSegments, atRiskSegments]];
  });
  assert.deepEqual(Object.fromEntries(shown), EXPECTED);
});

Deno.test("docs/recovery.md shows every example as it is drawn now", async () => {
  const page = await Deno.readTextFile(new URL("recovery.md", DOCS));
  for (const { file, title, facts, branch } of EXAMPLES) {
    const drawn = await Deno.readTextFile(new URL(`recovery/${file}.svg`, DOCS));
    assert.ok(
      drawn === draw(title, recover(facts), branch),
      `run tools/draw_recovery.ts: ${file}.svg is out of date`,
    );
    assert.ok(page.includes(`](recovery/${file}.svg)`), `docs/recovery.md does not show ${file}.svg`);
  }
});
