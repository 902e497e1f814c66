import assert from "node:assert/strict";
import { createRestorableLog } from "../../src/cluster/cluster.ts";
import type { Fields, Log } from "../../src/base/log.ts";
import { recover } from "../../src/recovery/recover.ts";
import { aBackup, aVerify, MiB } from "../recovery/builders.ts";

const SIZE = 16 * MiB;
const full = (number: number) => aBackup({ timeline: 1, number, size: SIZE });

function recording(): { readonly lines: [string, string, Fields][]; readonly log: Log } {
  const lines: [string, string, Fields][] = [];
  const at = (level: string) => (message: string, fields: Fields = {}) => void lines.push([level, message, fields]);
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

function answer(statuses: readonly string[], count = statuses.length) {
  const backups = Array.from({ length: count }, (_, at) => full(4 + at));
  return recover({ backups, verify: aVerify([{ timeline: 1, first: 4, statuses }], SIZE) });
}

const [F, L, U] = ["FOUND", "MISSING_LOST", "MISSING_UPLOADING"];

Deno.test("restorable log: a line only when a backup or a reason changes", () => {
  const { lines, log } = recording();
  const tell = createRestorableLog(log);
  tell(undefined);
  tell(answer([F, F, F]));
  assert.deepEqual(lines, []);
  const holed = answer([F, L, F]);
  for (const again of [holed, holed, answer([F, L, F]), undefined]) tell(again);
  const newest = "base_000000010000000000000005";
  assert.deepEqual(lines, [
    ["warn", "backups not restorable", { count: 1, newest, reason: "segment 000000010000000000000005 lost" }],
  ]);
  tell(answer([F, U, F]));
  assert.match(String(lines[1]?.[2]["reason"]), /MISSING_UPLOADING/);
  tell(answer([L, U, F]));
  const before = "base_000000010000000000000004: segment 000000010000000000000004 lost";
  assert.deepEqual([lines[2]?.[2]["count"], lines[2]?.[2]["newest"], lines[2]?.[2]["before"]], [2, newest, before]);
  tell(answer([F, F, F]));
  assert.deepEqual(lines.slice(3), [["info", "all backups restorable again", { count: 3 }]]);
});

Deno.test("restorable log: nothing claims that all are restorable while one is not known", () => {
  const { lines, log } = recording();
  const tell = createRestorableLog(log);
  tell(answer([F, L, F]));
  tell(answer([F, F, F], 4));
  assert.deepEqual(lines[1], ["info", "no backup is known to be not restorable any more", { count: 4, not_known: 1 }]);
});

Deno.test("restorable log: backups that are gone are not restorable again", () => {
  const { lines, log } = recording();
  const tell = createRestorableLog(log);
  tell(answer([F, L, F]));
  tell(answer([F, L, F], 0));
  assert.deepEqual(lines.slice(1), [["warn", "no backup is listed any more", {}]]);
});

Deno.test("restorable log: thousands of bad backups are one short line, with the newest few", () => {
  const { lines, log } = recording();
  createRestorableLog(log)(answer([...Array<string>(9999).fill(L ?? ""), "FOUND"]));
  assert.equal(lines.length, 1);
  const fields = lines[0]?.[2] ?? {};
  assert.equal(fields["count"], 9999);
  assert.equal(fields["newest"], "base_000000010000002700000012");
  assert.equal(String(fields["before"]).split("; ").length, 3);
  assert.equal(fields["not_named"], 9995);
  assert.ok(JSON.stringify(fields).length < 1000);
});
