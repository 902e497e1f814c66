import assert from "node:assert/strict";
import { rowsOf } from "../../../src/commands/check/rows.ts";
import { aBackup } from "../../recovery/builders.ts";
import { archiveOf, codes, MINUTE, NOW, segments, SIZE, statusOf } from "./support.ts";

const backup = aBackup({ timeline: 1, number: 2, size: SIZE, finishTime: NOW - 60 * MINUTE });

Deno.test("while wal-verify has never answered, check does not say that losing the host would lose 0 segments", () => {
  const status = statusOf({ backups: [backup], archive: archiveOf(segments(1, 2, 9)) });
  const row = rowsOf(status).find(({ check }) => check === "WAL at risk");
  assert.doesNotMatch(row?.text ?? "", /would lose 0/);
});

Deno.test("while wal-verify runs for the first time, what the archive tells is not 'not known yet'", () => {
  const status = statusOf({ backups: [backup], archive: archiveOf(segments(1, 2, 9)) });
  assert.ok(status.recoverable !== undefined);
  assert.doesNotMatch(status.summary.sentence, /^What is recoverable is not known yet/);
});

Deno.test("a gap that is only not known is not told as the end of recovery", () => {
  const archive = archiveOf([...segments(1, 2, 5, NOW - 40 * MINUTE), ...segments(1, 7, 30)], {
    storages: ["default"],
    unlisted: ["second"],
  });
  const status = statusOf({ backups: [backup], archive });
  assert.deepEqual(
    codes(status),
    ["warning storage_not_listed"],
    status.problems.map(({ sentence }) => sentence).join("\n"),
  );
});
