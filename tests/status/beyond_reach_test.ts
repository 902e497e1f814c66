import assert from "node:assert/strict";
import fc from "fast-check";
import type { Status } from "../../src/status/status.ts";
import { factsList } from "../../src/web/page/facts.ts";
import { reportOf } from "../../src/commands/check/report.ts";
import { recover } from "../../src/recovery/recover.ts";
import { aBackup, aVerify } from "../recovery/builders.ts";
import { ANY_AGE, found, SIZE, stateOf } from "./cluster.ts";
import { NOW, statusAt } from "./scenario.ts";

const full = (number: number) => aBackup({ timeline: 1, number, size: SIZE });
const holed = (behind: number, waiting = 0, flags: Readonly<Record<string, string>> = {}) =>
  statusAt(
    stateOf([full(4)], [{
      timeline: 1,
      first: 4,
      statuses: [
        ...found(7),
        "MISSING_UPLOADING",
        ...found(behind),
        ...Array<string>(waiting).fill("MISSING_UPLOADING"),
      ],
    }]),
    NOW,
    { ...ANY_AGE, ...flags },
  );

Deno.test("beyond the reach: every segment is told apart, and together they are what is at risk", () => {
  const status = fc.constantFrom("FOUND", "FOUND", "MISSING_LOST", "MISSING_UPLOADING");
  fc.assert(fc.property(fc.array(status, { maxLength: 30 }), (after) => {
    const recovery = recover({
      backups: [full(4)],
      verify: aVerify([{ timeline: 1, first: 4, statuses: ["FOUND", ...after] }], SIZE),
    });
    const firstGap = after.findIndex((one) => one !== "FOUND");
    const rest = firstGap < 0 ? [] : after.slice(firstGap);
    const archived = rest.lastIndexOf("FOUND") + 1;
    const { beyond } = recovery;
    assert.ok(beyond);
    assert.equal(beyond.notArchived, rest.length - archived);
    assert.equal(beyond.unreachable, rest.filter((one) => one === "FOUND").length);
    assert.equal(beyond.missing, rest.slice(0, archived).filter((one) => one !== "FOUND").length);
    assert.equal(beyond.notArchived + beyond.unreachable + beyond.missing, recovery.atRiskSegments);
    const name = (5 + firstGap).toString(16).toUpperCase().padStart(16, "0");
    assert.equal(beyond.firstMissing, archived > 0 ? `00000001${name}` : undefined);
  }));
});

Deno.test("a gap with no backup after it: archived segments are not told to be unarchived", () => {
  const { problems, recovery } = holed(49);
  assert.equal(recovery?.atRiskSegments, 50);
  assert.deepEqual(problems.map(({ code }) => code), ["wal_lost", "wal_unreachable"]);
  assert.equal(
    problems[1]?.sentence,
    "00000001000000000000000B is missing: recovery stops there, and the 49 archived WAL segments after it cannot be reached",
  );
  assert.match(problems[1]?.fix ?? "", /^Take a backup now, full or delta: .* wal-push/);
});

Deno.test("a gap, and segments that wait at the end: both are told, each with its own count", () => {
  const { problems } = holed(20, 17);
  assert.deepEqual(problems.map(({ code }) => code), ["wal_lost", "wal_at_risk", "wal_unreachable"]);
  assert.match(problems[1]?.sentence ?? "", /^17 WAL segments at the end not archived: /);
  assert.match(problems[1]?.fix ?? "", /pg_stat_archiver/);
});

Deno.test("a segment that a parallel upload has overtaken is lost, where times are not known", () => {
  assert.deepEqual(holed(15).problems.map(({ code }) => code), ["wal_lost"]);
});

Deno.test("the tile says what lies behind the gap", () => {
  const plain = (status: Status): string => factsList(status).text.replaceAll("\u00a0", " ");
  const text = plain(holed(49));
  assert.match(text, /784 MiB archived, but behind a gap; 16\.0 MiB missing/);
  assert.doesNotMatch(text, /not archived yet/);
  assert.match(plain(holed(20, 17)), /; 272 MiB not archived yet/);
});

Deno.test("check: the gap is the row's problem, at the level that its limits give", () => {
  const risk = (flags: Readonly<Record<string, string>>) =>
    reportOf(holed(49, 0, flags)).rows.filter(({ check }) => check === "WAL at risk");
  const [warned, ...others] = risk({});
  assert.deepEqual([warned?.level, others], ["warning", []]);
  assert.match(warned?.text ?? "", /0B is missing: recovery stops there, .* cannot be reached$/);
  assert.equal(risk({ "max-at-risk-segments": "49" })[0]?.level, "critical");
  const [fine] = risk({ "warn-at-risk-segments": "50" });
  assert.equal(fine?.level, "ok");
  assert.match(fine?.text ?? "", /would lose 50 WAL segments; warning above 50, critical above 256$/);
});
