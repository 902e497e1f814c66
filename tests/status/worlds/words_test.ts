import assert from "node:assert/strict";
import { rowsOf } from "../../../src/commands/check/rows.ts";
import { aBackup, aVerify } from "../../recovery/builders.ts";
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

Deno.test("check: what is beyond a limit and no problem says why: it may have been archived since", () => {
  const statuses = [...Array<string>(8).fill("FOUND"), ...Array<string>(300).fill("MISSING_UPLOADING")];
  const status = statusOf({
    backups: [backup],
    archive: archiveOf(segments(1, 2, 9), { time: NOW - 4.5 * MINUTE }),
    verify: aVerify([{ timeline: 1, first: 2, statuses }], SIZE),
    verifyTime: NOW - MINUTE / 2,
  });
  assert.deepEqual(codes(status), []);
  const row = rowsOf(status).find(({ check }) => check === "WAL at risk");
  assert.match(
    row?.text ?? "",
    /would lose 300 WAL segments, of which 300 may have been archived since the archive was listed; warning above 16/,
  );
});

Deno.test("check: a segment that is being overtaken is not called accepted", () => {
  const archive = archiveOf([...segments(1, 2, 20), ...segments(1, 22, 22, NOW - 10_000)], { time: NOW - 5000 });
  const status = statusOf({ backups: [backup], archive });
  assert.deepEqual(codes(status), []);
  const row = rowsOf(status).find(({ check }) => check === "WAL archive");
  assert.equal(
    row?.text,
    "No WAL segment is lost; later ones were archived before others, which may still come",
  );
});
