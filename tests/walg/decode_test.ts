import assert from "node:assert/strict";
import { atOnce } from "../../src/base/clock.ts";
import type { Backup } from "../../src/walg/backup_list.ts";
import { decodeBackupList } from "../../src/walg/backup_list.ts";
import { decodeWalVerify } from "../../src/walg/wal_verify.ts";

const encoder = new TextEncoder();

function decodeList(text: string): Promise<readonly Backup[]> {
  return decodeBackupList(encoder.encode(text), atOnce);
}

function named(...names: readonly (readonly [name: string, start: string, finish: string])[]): string {
  return JSON.stringify(
    names.map(([backup_name, start_time, finish_time]) => ({ backup_name, start_time, finish_time })),
  );
}

Deno.test("what is wrong with a backup list is shown with path, expectation and finding", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{}", "the document: expected a list of backups, found an object"],
    ['"x"', 'the document: expected a list of backups, found "x"'],
    ['[{"time":"2026-11-23T03:12:03Z"}]', "[0].backup_name is missing"],
    ['[{"backup_name":"a"},{"backup_name":7}]', "[1].backup_name: expected string, found 7"],
    ['[{"backup_name":""}]', "[0].backup_name: expected a name, found an empty one"],
    ['[{"backup_name":"a","start_lsn":"0/1"}]', '[0].start_lsn: expected an integer, found "0/1"'],
    ['[{"backup_name":"a","start_lsn":-1}]', "[0].start_lsn: expected >=0, found -1"],
    [
      '[{"backup_name":"a","start_lsn":18446744073709551616}]',
      "[0].start_lsn: expected <=18446744073709551615, found 18446744073709551616",
    ],
    ['[{"backup_name":"a","compressed_size":1.5}]', "[0].compressed_size: expected an integer, found 1.5"],
    ['[{"backup_name":"a","is_permanent":"yes"}]', '[0].is_permanent: expected boolean, found "yes"'],
    ['[{"backup_name":"a","start_time":"yesterday"}]', '[0].start_time: expected an RFC 3339 time, found "yesterday"'],
    ["[null]", "[0]: expected Object, found null"],
  ];
  for (const [text, message] of cases) await assert.rejects(decodeList(text), { message }, text);
});

Deno.test("what is wrong with a verify result is shown likewise", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{}", "integrity is missing"],
    ['{"integrity":{"details":[]},"timeline":[]}', "integrity.status is missing"],
    [
      '{"integrity":{"status":"OK","details":[{"timeline_id":"1"}]},"timeline":{"status":"OK"}}',
      'integrity.details[0].timeline_id: expected an integer, found "1"',
    ],
    [
      '{"integrity":{"status":"OK","details":{}},"timeline":{"status":"OK"}}',
      "integrity.details: expected Array, found Object",
    ],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(decodeWalVerify(encoder.encode(text), atOnce), { message }, text);
  }
});

Deno.test("details of null and missing details are an empty scan", async () => {
  for (const details of ['"details":null', '"more":1']) {
    const text = `{"integrity":{"status":"OK",${details}},"timeline":{"status":"OK","details":null}}`;
    const { integrity, timeline } = await decodeWalVerify(encoder.encode(text), atOnce);
    assert.deepEqual(integrity, { status: "OK", ranges: [] });
    assert.deepEqual(timeline, { status: "OK", current: undefined, highestInStorage: undefined });
  }
});

Deno.test("a delta's parent is the listed backup that finished last before it started", async () => {
  const at = (minute: number): string => `2026-11-23T03:${String(minute).padStart(2, "0")}:00Z`;
  const early = "base_0000000100000000000000AA";
  const late = "base_0000000100000000000000AA_D_000000010000000000000001";
  const delta = "base_0000000100000000000000BB_D_0000000100000000000000AA";
  const list = await decodeList(named([early, at(1), at(2)], [late, at(3), at(4)], [delta, at(5), at(6)]));
  assert.equal(list[2]?.parent, late);
  const before = await decodeList(named([late, at(3), at(9)], [early, at(1), at(2)], [delta, at(5), at(6)]));
  assert.equal(before[2]?.parent, early, "one that had not finished is no parent");
  const none = await decodeList(named([late, at(8), at(9)], [early, at(7), at(9)], [delta, at(5), at(6)]));
  assert.equal(none[2]?.parent, late, "else the first listed");
});

Deno.test("a delta whose parent is not listed has none, and never itself", async () => {
  const self = "base_0000000100000000000000AA_D_0000000100000000000000AA";
  const longer = "base_0000000100000000000000BB00";
  const orphan = "base_0000000100000000000000CC_D_0000000100000000000000BB";
  const list = await decodeList(
    named([self, "2026-11-23T03:00:00Z", "2026-11-23T03:01:00Z"], [
      longer,
      "2026-11-23T03:00:00Z",
      "2026-11-23T03:01:00Z",
    ], [orphan, "2026-11-23T04:00:00Z", "2026-11-23T04:01:00Z"]),
  );
  assert.deepEqual(list.map(({ parent }) => parent), ["", "", ""]);
});

Deno.test("names with a further suffix keep their family", async () => {
  const parent = "base_0000000100000000000000AA_1A2B3C4D";
  const delta = "base_0000000100000000000000BB_D_0000000100000000000000AA_5E6F7A8B";
  const list = await decodeList(
    named([parent, "2026-11-23T03:00:00Z", "2026-11-23T03:01:00Z"], [
      delta,
      "2026-11-23T04:00:00Z",
      "2026-11-23T04:01:00Z",
    ]),
  );
  assert.equal(list[1]?.parent, parent);
});

Deno.test("one name on several storages is one backup, with all its storages", async () => {
  const twice = JSON.stringify([
    { backup_name: "a", storage_name: "spare", compressed_size: 5 },
    { backup_name: "a", storage_name: "default", compressed_size: 5 },
    { backup_name: "a", storage_name: "default", compressed_size: 5 },
  ]);
  const [backup, ...more] = await decodeList(twice);
  assert.deepEqual(backup?.storages, ["spare", "default"]);
  assert.equal(more.length, 0);
});

Deno.test("of a backup's copies the one that was written last counts, in whatever order they are listed", async () => {
  const copy = (storage_name: string, minute: number, is_permanent: boolean, compressed_size: number): unknown => {
    return { backup_name: "a", storage_name, time: `2026-11-23T03:0${minute}:00Z`, is_permanent, compressed_size };
  };
  const copies = [copy("default", 1, false, 5), copy("spare", 3, true, 7), copy("tape", 2, false, 6)];
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const order of orders) {
    const [backup, ...more] = await decodeList(JSON.stringify(order.map((index) => copies[index])));
    assert.equal(more.length, 0);
    assert.deepEqual([backup?.permanent, backup?.compressedSize], [true, 7]);
    assert.equal(backup?.modifiedTime, Date.UTC(2026, 10, 23, 3, 3));
    assert.deepEqual(backup?.storages, order.map((index) => ["default", "spare", "tape"][index]));
  }
  const sameTime = [copy("spare", 1, true, 7), copy("default", 1, false, 5), copy("tape", 1, false, 6)];
  for (const order of orders) {
    const [backup] = await decodeList(JSON.stringify(order.map((index) => sameTime[index])));
    assert.equal(backup?.compressedSize, 5, "of the same time, the first storage by name");
  }
});

Deno.test("large numbers are exact, and whose backup it is is known", async () => {
  const [backup, older] = await decodeList(
    '[{"backup_name":"a","start_lsn":18446744073709551615,"finish_lsn":9007199254740993,"hostname":"db1",' +
      '"data_dir":"/srv/pg","system_identifier":7711199360131015255},{"backup_name":"b"}]',
  );
  assert.deepEqual([backup?.startLsn, backup?.finishLsn], [18446744073709551615n, 9007199254740993n]);
  assert.equal(backup?.systemIdentifier, 7711199360131015255n);
  assert.deepEqual([backup?.hostname, backup?.dataDir], ["db1", "/srv/pg"]);
  assert.deepEqual([older?.systemIdentifier, older?.hostname, older?.dataDir], [undefined, "", ""]);
});

Deno.test("a large number that could not be read exactly is refused", async () => {
  await assert.rejects(decodeList('[{"backup_name":"a","\\u0073tart_lsn":7711199360131015255}]'), /an integer/);
  await assert.rejects(decodeList('[{"backup_name":"a","start_lsn":7711199360131015255.5}]'), /an integer/);
});
